"""How one published number came about, in words: what it is made of, whose answers, and where it goes on."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.results.explanation import (
    AnswerBlock,
    Explanation,
    ExplanationPart,
    ResultReference,
    UnratedShares,
    WeightedMean,
)
from assessments.results.queries import ClosedCycle
from assessments.rubrics import Rubric
from assessments.scoring.cell import Cell
from reports import caveats, formatting
from reports.charts import Svg
from reports.presenters import headlines
from reports.presenters.shared import level_chart, nonresponse_effect


@dataclass(frozen=True, slots=True)
class ExplanationLink:
    """A number elsewhere, that is explained in turn."""

    name: str
    result: UUID


@dataclass(frozen=True, slots=True)
class PartRow:
    name: str
    result: UUID | None
    score: str
    honest: str
    need: str
    gap: str
    weight: str  # in the rubric
    share: str  # of the whole; empty where the part does not count


@dataclass(frozen=True, slots=True)
class BlockRow:
    """People who count together."""

    name: str
    besides: str
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
    needs: bool  # whether any part is set against one
    sum: str
    blocks: tuple[BlockRow, ...]
    blocks_note: str
    open: tuple[str, ...]  # what the answers do not cover
    need: tuple[str, ...]
    need_from: ExplanationLink | None
    chain: tuple[ExplanationLink, ...]
    above: tuple[ExplanationLink, ...]
    provenance: tuple[ProvenanceFact, ...]
    colophon: str


def explanation_page(
    told: Explanation, cycle: ClosedCycle, *, closed_on: str, language: str
) -> ExplanationPage:
    cell, rubric = told.cell, cycle.rubric
    scored = cell.score is not None and cell.kind == "performance"
    return ExplanationPage(
        eyebrow=f"{cycle.name} · {' / '.join(told.teams)}",
        heading=_heading(cell),
        lead=formatting.join_parts(
            _named(cell, rubric, language),
            formatting.cell_summary(cell),
            formatting.based_on(cell) if cell.subject_type != "capability" else "",
        ),
        picture=level_chart(cell, width=420) if scored else None,
        parts=tuple(_part(one, cell, rubric, language) for one in told.parts),
        needs=any(one.need is not None for one in told.parts),
        sum=_sum(told.mean),
        blocks=tuple(map(_block, told.blocks)),
        blocks_note=_blocks_note(told),
        open=_open(cell),
        need=_need(cell),
        need_from=_link(told.need, rubric, language) if told.need else None,
        chain=tuple(_link(one, rubric, language) for one in told.chain),
        above=tuple(ExplanationLink(one.team, one.result) for one in told.above),
        provenance=_rests_on(told, cycle, language),
        colophon=headlines.colophon(
            cycle=cycle.name,
            closed=closed_on,
            version=rubric.version,
            threshold=cycle.threshold,
        ),
    )


def _heading(cell: Cell) -> str:
    """Says at once what kind of number it is."""
    number = formatting.with_bound(cell.score, cell.bound) if cell.score is not None else ""
    if not number:
        return _("Not shown: %(reason)s") % {"reason": formatting.missing_reason(cell)}
    if cell.subject_type != "capability":
        return _("%(number)s, the weighted mean of its parts") % {"number": number}
    people = cell.n or 0
    said = ngettext(
        "%(number)s, the mean of what %(people)s person answered",
        "%(number)s, the mean of what %(people)s people answered",
        people,
    )
    return said % {"number": number, "people": people}


def subject_name(subject_type: str, subject: str, rubric: Rubric, language: str) -> str:
    if subject_type == "overall":
        return _("Everything together")
    listed = rubric.capabilities if subject_type == "capability" else rubric.dimensions
    return next((one.name.in_(language) for one in listed if one.slug == subject), subject)


def _named(where: Cell | ResultReference, rubric: Rubric, language: str) -> str:
    name = subject_name(where.subject_type, where.subject, rubric, language)
    return formatting.join_parts(name, _("Importance")) if where.kind == "importance" else name


def _link(place: ResultReference, rubric: Rubric, language: str) -> ExplanationLink:
    return ExplanationLink(_named(place, rubric, language), place.result)


# --- What it is made of -------------------------------------------------------------------------


def _part(one: ExplanationPart, cell: Cell, rubric: Rubric, language: str) -> PartRow:
    below = "value" if cell.subject_type == "overall" else "capability"
    shown = one.score is not None
    return PartRow(
        name=subject_name(below, one.subject, rubric, language),
        result=one.result,
        score=formatting.with_bound(one.score, one.bound) if one.score is not None else "",
        honest=formatting.response_count(one.n, None)
        if shown
        else formatting.suppression_reason(one.missing),
        need=formatting.with_bound(one.need, one.need_bound)
        if shown and one.need is not None
        else "",
        gap=formatting.signed(one.gap, one.gap_bound) if shown and one.gap is not None else "",
        weight=formatting.weight(one.weight),
        share=formatting.percent(100 * one.share) if one.share else "",
    )


def _sum(mean: WeightedMean | None) -> str:
    if mean is None:
        return ""
    words = {
        "at_least": _("at least %(number)s"),
        "at_most": _("at most %(number)s"),
        "both": _("about %(number)s"),
    }
    number = words.get(mean.bound, "%(number)s") % {"number": formatting.two_decimals(mean.value)}
    return _(
        "The weighted mean of the numbers above: %(number)s. Each of them is printed to one decimal,"
        " so the two may differ by up to %(allowed)s."
    ) % {"number": number, "allowed": formatting.points(mean.allowed)}


# --- Whose answers ------------------------------------------------------------------------------


def _block(block: AnswerBlock) -> BlockRow:
    besides = ", ".join(block.with_teams)
    return BlockRow(
        name=block.team,
        besides=_("together with %(teams)s") % {"teams": besides} if besides else "",
        answered=formatting.response_count(block.n, block.invited),
        weight=_("%(share)s of the heads") % {"share": formatting.percent(100 * block.share)}
        if block.share is not None
        else "",
    )


def _blocks_note(told: Explanation) -> str:
    if not told.block_count:
        return ""
    groups = ngettext(
        "Counted in %(count)s group of at least %(threshold)s people.",
        "Counted in %(count)s groups of at least %(threshold)s people each.",
        told.block_count,
    ) % {"count": told.block_count, "threshold": told.threshold}
    weighed = _("A group weighs its heads, times the share of them who gave a rating.")
    return f"{groups} {weighed} {_unrated(told.unrated)}"


def _unrated(found: UnratedShares | None) -> str:
    """What became of those who gave no rating, with how many they were where that may be told."""
    if found is None:
        return _("“Not applicable” and “not seen” are no ratings and count neither way.")
    return _(
        "Of those asked, %(not_seen)s have not seen it and to %(not_applicable)s it does not apply:"
        " these are no ratings and count neither way."
    ) % {
        "not_seen": formatting.percent(100 * found.not_seen),
        "not_applicable": formatting.percent(100 * found.not_applicable),
    }


def _open(cell: Cell) -> tuple[str, ...]:
    """Who did not answer, what they could make of it, and what nobody counted."""
    quiet = nonresponse_effect(cell) if cell.kind == "performance" else None
    said = (
        caveats.low_response(cell.n, cell.invited),
        *((quiet.moderate, quiet.worst) if quiet else ()),
        caveats.not_covered(cell),
        caveats.headcount_missing(cell),
    )
    return tuple(one for one in said if one)


# --- What it is set against ---------------------------------------------------------------------


def _need(cell: Cell) -> tuple[str, ...]:
    """The need and how far it is away; for a composite the fit as well."""
    if cell.need is None or cell.score is None or cell.kind == "importance":
        return ()
    parts = [formatting.join_parts(formatting.need(cell), formatting.gap(cell))]
    if cell.need_source:
        parts.append(formatting.need_source(cell.need_source))
    if cell.subject_type != "capability":
        parts.append(_("It is the weighted mean of the needs of its parts."))
    if cell.fit is not None:
        fit = {"fit": formatting.fit(cell)}
        parts.append(_("Fit %(fit)s: how near the levels are to their needs.") % fit)
    return tuple(parts)


# --- What it rests on ---------------------------------------------------------------------------


def _rests_on(told: Explanation, cycle: ClosedCycle, language: str) -> tuple[ProvenanceFact, ...]:
    rubric = cycle.rubric
    found = (
        ProvenanceFact(
            _("Rubric"), formatting.join_parts(rubric.name.in_(language), rubric.version)
        ),
        ProvenanceFact(_("Digest of the rubric"), told.edition_digest, code=True),
        ProvenanceFact(_("Digest of the answers"), told.input_digest, code=True),
        ProvenanceFact(_("Method"), _("version %(number)s") % {"number": told.method}),
    )
    return tuple(one for one in found if one.text)
