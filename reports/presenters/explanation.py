"""The explanation of one published number: its parts, whose answers it counts, and what it goes into."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.results.explanation import (
    AnswerBlock,
    Explanation,
    ExplanationPart,
    ResultReference,
)
from assessments.results.queries import ClosedCycle
from assessments.rubrics import Rubric
from assessments.scoring.cell import Cell, Change, UnratedShares
from reports import caveats, formatting
from reports.charts import Svg
from reports.presenters import headlines
from reports.presenters.shared import level_chart


@dataclass(frozen=True, slots=True)
class ExplanationLink:
    """Another number that has an explanation page of its own."""

    name: str
    result: UUID


@dataclass(frozen=True, slots=True)
class PartRow:
    name: str
    result: UUID | None
    score: str
    responses: str
    need: str
    gap: str
    weight: str  # in the rubric
    share: str  # of the total weight; empty where the part does not count


@dataclass(frozen=True, slots=True)
class BlockRow:
    """A group of people whose answers are counted together."""

    name: str
    other_teams: str  # that are too small to be told apart from it
    answered: str
    weight: str


@dataclass(frozen=True, slots=True)
class ProvenanceFact:
    name: str
    text: str
    code: bool = False


@dataclass(frozen=True, slots=True)
class ExplanationPage:
    eyebrow: str
    heading: str
    lead: str
    picture: Svg | None
    parts: tuple[PartRow, ...]
    needs: bool  # whether any part has a need
    mean: str
    blocks: tuple[BlockRow, ...]
    blocks_note: str
    range_notes: tuple[str, ...]  # how the range came about
    change_notes: tuple[str, ...]
    open_points: tuple[str, ...]  # what the answers do not cover
    need: tuple[str, ...]
    need_from: ExplanationLink | None
    chain: tuple[ExplanationLink, ...]
    teams_above: tuple[ExplanationLink, ...]
    provenance: tuple[ProvenanceFact, ...]
    colophon: str


def explanation_page(
    explanation: Explanation,
    cycle: ClosedCycle,
    *,
    closed_on: str,
    language: str,
    year_before: ClosedCycle | None = None,
) -> ExplanationPage:
    """Return the page. `year_before`: the cycle about a year before, if the number is compared with it."""
    cell, rubric = explanation.cell, cycle.rubric
    scored = cell.score is not None and cell.kind == "performance"
    link = partial(_explanation_link, rubric=rubric, language=language)
    return ExplanationPage(
        eyebrow=f"{cycle.name} · {' / '.join(explanation.teams)}",
        heading=_heading(cell),
        lead=formatting.join_parts(
            _subject_label(cell, rubric, language),
            formatting.cell_summary(cell),
            formatting.based_on(cell) if cell.subject_type != "capability" else "",
        ),
        picture=level_chart(cell, width=420) if scored else None,
        parts=tuple(_part_row(part, rubric, language) for part in explanation.parts),
        needs=any(part.cell.need is not None for part in explanation.parts),
        mean=_mean_sentence(explanation),
        blocks=tuple(map(_block_row, explanation.blocks)),
        blocks_note=_blocks_note(explanation),
        range_notes=_range_notes(cell),
        change_notes=_change_notes(cell, year_before),
        open_points=_open_points(cell),
        need=_need_sentences(cell),
        need_from=link(explanation.need) if explanation.need else None,
        chain=tuple(map(link, explanation.chain)),
        teams_above=tuple(
            ExplanationLink(reference.team, reference.result) for reference in explanation.above
        ),
        provenance=_provenance_facts(explanation, cycle, language),
        colophon=headlines.colophon(cycle, closed_on),
    )


def _heading(cell: Cell) -> str:
    """Return a heading that says what kind of number it is, or why it is not shown."""
    number = formatting.score(cell)
    if cell.score is None:
        return _("Hidden: %(reason)s") % {"reason": formatting.missing_reason(cell)}
    if cell.subject_type != "capability":
        return _("%(number)s, the weighted average of its parts") % {"number": number}
    people = cell.n or 0
    sentence = ngettext(
        "%(number)s, the average of %(people)s response",
        "%(number)s, the average of %(people)s responses",
        people,
    )
    return sentence % {"number": number, "people": people}


def subject_name(subject_type: str, subject: str, rubric: Rubric, language: str) -> str:
    if subject_type == "overall":
        return _("Overall")
    candidates = rubric.capabilities if subject_type == "capability" else rubric.dimensions
    return next(
        (candidate.name.in_(language) for candidate in candidates if candidate.slug == subject),
        subject,
    )


def _subject_label(reference: Cell | ResultReference, rubric: Rubric, language: str) -> str:
    name = subject_name(reference.subject_type, reference.subject, rubric, language)
    return formatting.join_parts(name, _("Importance")) if reference.kind == "importance" else name


def _explanation_link(reference: ResultReference, rubric: Rubric, language: str) -> ExplanationLink:
    return ExplanationLink(_subject_label(reference, rubric, language), reference.result)


# --- Parts --------------------------------------------------------------------------------------


def _part_row(part: ExplanationPart, rubric: Rubric, language: str) -> PartRow:
    cell = part.cell
    shown = cell.score is not None
    return PartRow(
        name=subject_name(cell.subject_type, cell.subject, rubric, language),
        result=part.result,
        score=formatting.score(cell) if shown else "",
        responses=formatting.response_count(cell.n, None)
        if shown
        else formatting.missing_reason(cell),
        need=formatting.need_level(cell) if shown else "",
        gap=formatting.signed_gap(cell) if shown else "",
        weight=formatting.weight(part.weight),
        share=formatting.percent(100 * part.share) if part.share else "",
    )


def _mean_sentence(explanation: Explanation) -> str:
    mean = explanation.mean
    if mean is None:
        has_estimates = any(part.cell.coarse for part in explanation.parts)
        return (
            _("The numbers above are best estimates, so their average can differ.")
            if has_estimates
            else ""
        )
    return _(
        "The weighted average of the numbers above is %(number)s. All of them are rounded, so "
        "the two may differ by up to %(allowed)s."
    ) % {
        "number": formatting.two_decimals(mean.value),
        "allowed": formatting.two_decimals(mean.allowed),
    }


# --- Answers ------------------------------------------------------------------------------------


def _block_row(block: AnswerBlock) -> BlockRow:
    other_teams = ", ".join(block.with_teams)
    return BlockRow(
        name=block.team,
        other_teams=_("together with %(teams)s") % {"teams": other_teams} if other_teams else "",
        answered=formatting.response_count(block.n, block.invited),
        weight=_("%(share)s of people") % {"share": formatting.percent(100 * block.share)}
        if block.share is not None
        else "",
    )


def _blocks_note(explanation: Explanation) -> str:
    if not explanation.block_count:
        return ""
    groups = ngettext(
        "Counted in %(count)s group of at least %(threshold)s people.",
        "Counted in %(count)s groups of at least %(threshold)s people each.",
        explanation.block_count,
    ) % {"count": explanation.block_count, "threshold": explanation.threshold}
    weighting = _("Groups are weighted by their size, times the share of people who gave a rating.")
    return f"{groups} {weighting} {_unrated_sentence(explanation.unrated)}"


def _unrated_sentence(shares: UnratedShares | None) -> str:
    """Return how missing ratings are treated, with their shares where these may be published."""
    if shares is None:
        return _("“Not applicable” and “not seen” aren't scored.")
    return _(
        "Of those asked, %(not_seen)s haven't seen it and for %(not_applicable)s it doesn't "
        "apply. These answers aren't scored."
    ) % {
        "not_seen": formatting.percent(100 * shares.not_seen),
        "not_applicable": formatting.percent(100 * shares.not_applicable),
    }


# --- Range and change ---------------------------------------------------------------------------


def _range_notes(cell: Cell) -> tuple[str, ...]:
    """Return sentences on how the range came about."""
    margin = formatting.interval(cell)
    if cell.score is None or not margin:
        return ()
    range_ = {"range": margin}
    sentences = []
    if cell.is_estimated:
        sentences.append(_("Likely range: %(range)s.") % range_)
        sentences.append(caveats.best_estimates())
        if cell.estimate is not None:
            best = {"level": formatting.points(cell.estimate)}
            sentences.append(_("Best estimate: %(level)s.") % best)
    else:
        sentences.append(_("95%% confidence interval: %(range)s.") % range_)
    sentences.append(
        _("Had other people like these answered, the level could be anywhere in this range.")
    )
    if cell.detail.if_all and not cell.everyone:
        low, high = (
            formatting.level_number(limit, coarse=cell.coarse) for limit in cell.detail.if_all
        )
        if low != high:
            sentences.append(
                _("If everyone had answered: %(low)s–%(high)s.") % {"low": low, "high": high}
            )
    if cell.level is not None:
        sentences.append(_level_note(cell))
    if cell.coarse:
        sentences.append(caveats.small_groups())
        sentences.append(
            _("The level shown is the best estimate, rounded to half levels.")
            if cell.is_estimated
            else ""
        )
    return tuple(sentence for sentence in sentences if sentence)


def _level_note(cell: Cell) -> str:
    """Return how surely the level is reached."""
    if cell.state == "reached":
        return _("The level is at least %(level)s.") % {"level": cell.level}
    return ""


def _change_notes(cell: Cell, year_before: ClosedCycle | None) -> tuple[str, ...]:
    """Return lines on each comparison: the level before, what changed and within which range, and what
    would have been found."""
    last, long = cell.detail.change, cell.detail.year_change
    lines = _comparison(last, _("last survey: %(number)s"))
    if long and year_before:
        lines += _comparison(long, f"{year_before.name}: %(number)s")
    if last:
        lines.append(caveats.expected_by_chance(last.chance))
    return tuple(line for line in lines if line)


def _comparison(change: Change | None, earlier: str) -> list[str]:
    """`earlier`: the words for the level before, with a place for it."""
    if change is None:
        return []
    words = formatting.change_sentence(change)
    if change.is_clear:
        low, high = change.size_interval
        margin = "" if low is None or high is None else f" ({low:.1f}–{high:.1f})"
        words = f"{formatting.change_size(change)}{margin}"
    line = formatting.join_parts(earlier % {"number": formatting.points(change.before)}, words)
    if not change.detectable:
        return [line]
    size = {"size": formatting.points(change.detectable)}
    return [line, _("A change of %(size)s or more would have been found in 8 of 10 cases.") % size]


def _open_points(cell: Cell) -> tuple[str, ...]:
    """Return sentences on who did not answer, how far they could move the number, and missing head-counts."""
    non_response = cell.detail.non_response if cell.kind == "performance" else None
    sentences = (
        caveats.low_response(cell.n, cell.invited),
        caveats.nonresponse_effect(non_response),
        caveats.nonresponse_extremes(non_response),
        caveats.not_covered(cell),
        caveats.headcount_missing(cell),
    )
    return tuple(sentence for sentence in sentences if sentence)


# --- The need -----------------------------------------------------------------------------------


def _need_sentences(cell: Cell) -> tuple[str, ...]:
    """Return sentences on the need and the gap to it; for a composite on the fit as well."""
    if cell.need is None or cell.score is None or cell.kind == "importance":
        return ()
    parts = [formatting.join_parts(formatting.need(cell), formatting.gap(cell))]
    if cell.need_source:
        parts.append(formatting.need_source(cell.need_source))
    if cell.subject_type != "capability":
        parts.append(_("It's the weighted average of the needed levels of its parts."))
    if cell.fit is not None:
        fit = {"fit": formatting.fit(cell)}
        parts.append(_("Fit %(fit)s: how close levels are to needed levels.") % fit)
    return tuple(parts)


# --- Provenance ---------------------------------------------------------------------------------


def _provenance_facts(
    explanation: Explanation, cycle: ClosedCycle, language: str
) -> tuple[ProvenanceFact, ...]:
    rubric = cycle.rubric
    facts = (
        ProvenanceFact(
            _("Rubric"), formatting.join_parts(rubric.name.in_(language), rubric.version)
        ),
        ProvenanceFact(_("Rubric checksum"), explanation.edition_digest, code=True),
        ProvenanceFact(_("Answers checksum"), explanation.input_digest, code=True),
        ProvenanceFact(_("Method"), _("version %(number)s") % {"number": explanation.method}),
    )
    return tuple(fact for fact in facts if fact.text)
