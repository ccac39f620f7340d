"""The quality of questions and answers: how far the numbers can be trusted, and which questions people
may not have understood. It informs only; no result is hidden because of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from assessments.results.queries import ClosedCycle
from assessments.scoring.summary import AnswerShares, QualityReport
from reports import caveats, formatting
from reports.presenters import headlines
from reports.presenters.evidence import OrganizationResults
from reports.presenters.shared import CapabilityUrl, detail_of

LOW_ITEM_CORRELATION = 0.2  # below it, a question does not fit the others of its value
HIGH_UNSEEN_SHARE = 0.1  # from this share of "not seen" on, a question is listed
MAX_QUESTIONS = 5  # questions in a list


@dataclass(frozen=True, slots=True)
class QualityFigure:
    name: str
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ValueReliability:
    """The internal consistency of the questions of one value, and the agreement within teams."""

    name: str
    alpha: str
    between: str
    omega: str
    people: str
    teams: str  # ICC(1), ICC(2)


@dataclass(frozen=True, slots=True)
class FlaggedQuestion:
    name: str
    address: str
    text: str


@dataclass(frozen=True, slots=True)
class QualityPage:
    eyebrow: str
    lead: str
    answers: tuple[QualityFigure, ...]
    unseen: tuple[FlaggedQuestion, ...]
    values: tuple[ValueReliability, ...]
    has_omega: bool
    poorly_fitting: tuple[FlaggedQuestion, ...]
    colophon: str


def quality_page(
    results: OrganizationResults, report: QualityReport, *, address: CapabilityUrl
) -> QualityPage:
    """Return the page. `report` is the quality report as it was published at the close."""
    cycle = results.now
    values = tuple(_value_reliabilities(cycle, report, results.language))
    return QualityPage(
        eyebrow=cycle.name,
        lead=_lead(results),
        answers=tuple(_answer_figures(results, report.answers)),
        unseen=tuple(_unseen_questions(results, address)),
        values=values,
        has_omega=any(value.omega for value in values),
        poorly_fitting=tuple(_poorly_fitting_questions(cycle, report, results.language, address)),
        colophon=headlines.colophon(cycle, results.closed_on),
    )


def _lead(results: OrganizationResults) -> str:
    cell = results.overall(results.now)
    if cell is None or cell.score is None:
        return formatting.missing_reason(cell)
    return caveats.low_response(cell.n, cell.invited)


# --- The answers --------------------------------------------------------------------------------


def _answer_figures(
    results: OrganizationResults, shares: AnswerShares | None
) -> Iterator[QualityFigure]:
    cell = results.overall(results.now)
    if cell is not None and cell.score is not None:
        share = formatting.response_share(cell.n, cell.invited)
        text = formatting.join_parts(
            formatting.percent(float(share)) if share else "", formatting.cell_responses(cell)
        )
        yield QualityFigure(
            pgettext("share of people", "Response rate"),
            text,
            caveats.nonresponse_effect(cell.detail.non_response),
        )
        yield QualityFigure(_("Incomplete"), *_discarded_text(results.now.discarded))
        for note in (caveats.not_covered(cell), caveats.headcount_missing(cell)):
            if note:
                yield QualityFigure(_("Uncertainty"), note)
    if shares is not None:
        for name, percent, note in _share_rows(shares):
            yield QualityFigure(name, formatting.percent(percent), note)


def _discarded_text(count: int) -> tuple[str, str]:
    text = ngettext("%(count)s response", "%(count)s responses", count) % {"count": count}
    return text, _("Less than half of the questions answered; excluded from all results.")


def _share_rows(shares: AnswerShares) -> tuple[tuple[str, int, str], ...]:
    return (
        (
            _("Not seen"),
            shares.not_seen,
            _("Of all ratings asked for. A high share tells you that this work isn't visible."),
        ),
        (_("Not applicable"), shares.not_applicable, _("Of all ratings asked for.")),
        (
            _("Unanswered"),
            shares.unanswered,
            _("Of all ratings asked for. No imputation."),
        ),
        (
            _("Straight-lining"),
            shares.straight,
            _("Of all people who answered. Flagged, but still counted."),
        ),
    )


def _unseen_questions(
    results: OrganizationResults, address: CapabilityUrl
) -> Iterator[FlaggedQuestion]:
    """Yield the questions whose work the most people have not seen, the highest share first."""
    shares = [
        (unrated.not_seen, item)
        for item, cell in results.capability_cells()
        if (unrated := detail_of(cell).unrated)
    ]
    for share, item in sorted(shares, key=lambda row: -row[0])[:MAX_QUESTIONS]:
        if share >= HIGH_UNSEEN_SHARE:
            text = _("%(share)s haven't seen it") % {"share": formatting.percent(100 * share)}
            yield FlaggedQuestion(item.name.in_(results.language), address(item.slug), text)


# --- The questions ------------------------------------------------------------------------------


def _value_reliabilities(
    cycle: ClosedCycle, report: QualityReport, language: str
) -> Iterator[ValueReliability]:
    alphas = {alpha.value: alpha for alpha in report.alpha}
    iccs = {icc.value: icc for icc in report.icc}
    for value in cycle.rubric.dimensions:
        alpha, icc = alphas.get(value.slug), iccs.get(value.slug)
        if alpha or icc:
            yield ValueReliability(
                name=value.name.in_(language),
                alpha=caveats.coefficient(alpha.alpha) if alpha else "",
                between=caveats.coefficient_range(alpha.low, alpha.high) if alpha else "",
                omega=caveats.coefficient(alpha.omega) if alpha else "",
                people=str(alpha.n) if alpha else "",
                teams=formatting.join_parts(*map(caveats.coefficient, (icc.single, icc.mean)))
                if icc
                else "",
            )


def _poorly_fitting_questions(
    cycle: ClosedCycle, report: QualityReport, language: str, address: CapabilityUrl
) -> Iterator[FlaggedQuestion]:
    """Yield the questions that correlate least with the others of their value: worth rewording."""
    weak = [
        (correlation, slug, alpha.dropped.get(slug))
        for alpha in report.alpha
        for slug, correlation in alpha.rest.items()
        if correlation is not None and correlation < LOW_ITEM_CORRELATION
    ]
    for correlation, slug, dropped in sorted(weak, key=lambda row: (row[0], row[1]))[
        :MAX_QUESTIONS
    ]:
        item = cycle.rubric.capability(slug)
        if item is not None:
            fit_text = _("correlation with the others %(size)s") % {
                "size": caveats.coefficient(correlation)
            }
            without_text = ""
            if dropped is not None:
                without_text = _("alpha without it %(size)s") % {
                    "size": caveats.coefficient(dropped)
                }
            yield FlaggedQuestion(
                item.name.in_(language),
                address(slug),
                formatting.join_parts(fit_text, without_text),
            )
