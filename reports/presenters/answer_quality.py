"""How good the questions and the answers are: for whoever wants to know how far to trust the numbers, and
which questions people may not have understood. Nothing here is a gate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from assessments.results.queries import ClosedCycle
from reports import caveats, formatting
from reports.presenters import headlines
from reports.presenters.evidence import OrganizationResults
from reports.presenters.shared import CapabilityUrl, answer_spread, nonresponse_effect

LOW_ITEM_CORRELATION = 0.2  # a question that goes with the others of its value less than this
HIGH_UNSEEN_SHARE = 0.1  # from this share on a question counts as seldom seen
MAX_QUESTIONS = 5  # questions in a list


@dataclass(frozen=True, slots=True)
class QualityFigure:
    name: str
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ValueReliability:
    """How alike the questions of one value are answered."""

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
    seen: OrganizationResults, told: Mapping[str, Any], *, address: CapabilityUrl
) -> QualityPage:
    """`told` is the quality report as it was published at the close."""
    cycle = seen.now
    values = tuple(_values(cycle, told, seen.language))
    return QualityPage(
        eyebrow=cycle.name,
        lead=_lead(seen),
        answers=tuple(_answers(seen, told.get("answers") or {})),
        unseen=tuple(_unseen(seen, address)),
        values=values,
        has_omega=any(value.omega for value in values),
        poorly_fitting=tuple(_own_way(cycle, told, seen.language, address)),
        colophon=headlines.colophon(
            cycle=cycle.name,
            closed=seen.closed_on,
            version=cycle.rubric.version,
            threshold=cycle.threshold,
        ),
    )


def _lead(seen: OrganizationResults) -> str:
    cell = seen.overall(seen.now)
    if cell is None or cell.score is None:
        return formatting.missing_reason(cell)
    return caveats.low_response(cell.n, cell.invited)


# --- The answers --------------------------------------------------------------------------------


def _answers(seen: OrganizationResults, shares: Mapping[str, int]) -> Iterator[QualityFigure]:
    cell = seen.overall(seen.now)
    if cell is not None and cell.score is not None:
        share, quiet = formatting.response_share(cell.n, cell.invited), nonresponse_effect(cell)
        told = formatting.join_parts(
            formatting.percent(float(share)) if share else "", formatting.cell_responses(cell)
        )
        yield QualityFigure(
            pgettext("share of people", "Answered"), told, quiet.moderate if quiet else ""
        )
        yield QualityFigure(_("Broken off"), *_broken_off(seen.now.discarded))
        for note in (caveats.not_covered(cell), caveats.headcount_missing(cell)):
            if note:
                yield QualityFigure(_("Left open"), note)
    for name, code, note in _kinds():
        if code in shares:
            yield QualityFigure(name, formatting.percent(shares[code]), note)


def _broken_off(count: int) -> tuple[str, str]:
    said = ngettext("%(count)s response", "%(count)s responses", count) % {"count": count}
    return said, _("Less than half of the questions were answered: left out of every number.")


def _kinds() -> tuple[tuple[str, str, str], ...]:
    return (
        (
            _("Not seen"),
            "not_seen",
            _("Of all ratings asked for. A high share is a result: the work is out of sight."),
        ),
        (_("Not applicable"), "not_applicable", _("Of all ratings asked for.")),
        (_("Not answered"), "unanswered", _("Of all ratings asked for. Nothing is filled in.")),
        (
            _("One level for everything"),
            "straight",
            _("Of the people. They may mean it, so they count: flagged, never removed."),
        ),
    )


def _unseen(seen: OrganizationResults, address: CapabilityUrl) -> Iterator[FlaggedQuestion]:
    """The work that most people have not seen."""
    found = [(answer_spread(cell).not_seen or 0.0, item) for item, cell in seen.asked()]
    for share, item in sorted(found, key=lambda one: -one[0])[:MAX_QUESTIONS]:
        if share >= HIGH_UNSEEN_SHARE:
            text = _("%(share)s have not seen it") % {"share": formatting.percent(100 * share)}
            yield FlaggedQuestion(item.name.in_(seen.language), address(item.slug), text)


# --- The questions ------------------------------------------------------------------------------


def _values(
    cycle: ClosedCycle, told: Mapping[str, Any], language: str
) -> Iterator[ValueReliability]:
    alphas, iccs = ({one["value"]: one for one in told.get(name, ())} for name in ("alpha", "icc"))
    for value in cycle.rubric.dimensions:
        alpha, icc = alphas.get(value.slug), iccs.get(value.slug)
        if alpha or icc:
            yield ValueReliability(
                name=value.name.in_(language),
                alpha=caveats.coefficient(alpha["alpha"]) if alpha else "",
                between=caveats.coefficient_range(alpha["low"], alpha["high"]) if alpha else "",
                omega=caveats.coefficient(alpha["omega"]) if alpha else "",
                people=str(alpha["n"]) if alpha else "",
                teams=formatting.join_parts(
                    *(caveats.coefficient(icc[one]) for one in ("single", "mean"))
                )
                if icc
                else "",
            )


def _own_way(
    cycle: ClosedCycle, told: Mapping[str, Any], language: str, address: CapabilityUrl
) -> Iterator[FlaggedQuestion]:
    """Questions that hardly go with the others of their value: worth reading again."""
    found = [
        (rest, slug, alpha["dropped"].get(slug))
        for alpha in told.get("alpha", ())
        for slug, rest in alpha["rest"].items()
        if rest is not None and rest < LOW_ITEM_CORRELATION
    ]
    for rest, slug, dropped in sorted(found, key=lambda one: (one[0], one[1]))[:MAX_QUESTIONS]:
        item = cycle.rubric.capability(slug)
        if item is not None:
            said = _("%(size)s with the others") % {"size": caveats.coefficient(rest)}
            without = ""
            if dropped is not None:
                without = _("alpha without it %(size)s") % {"size": caveats.coefficient(dropped)}
            yield FlaggedQuestion(
                item.name.in_(language), address(slug), formatting.join_parts(said, without)
            )
