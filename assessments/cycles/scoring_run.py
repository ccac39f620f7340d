"""Compute the results of one cycle: fetch the answers as matrices, score them, and build the rows that
are published. The close stores these; a check computes them again and compares.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from django.db.models import F, Func, QuerySet, TextField
from django.utils import timezone

from assessments import targets
from assessments.cycles import groups
from assessments.cycles.year_before import choose_year_before
from assessments.models import Cycle, CycleTeam, Participation, Response, Result, Scorecard
from assessments.results.storage import cell_to_columns, cell_to_row, to_json
from assessments.rubric_editions import rubric_of
from assessments.rubrics import Rubric, compare
from assessments.scoring import survey as scoring
from assessments.scoring.blocks import Members
from assessments.scoring.cell import Cell
from assessments.scoring.isolated_ratings import drop_isolated_ratings
from assessments.scoring.merged_groups import MergedGroups
from assessments.scoring.publish.cell_inputs import EarlierCycle
from assessments.scoring.publish.publish import PublishedSurvey, publish
from assessments.survey import response_keys
from organizations.models import Organization
from organizations.pseudonyms import keyed_hash, organization_secret
from organizations.tenancy.bulk_insert import insert_columns

# One character an answer, because twenty thousand responses are fetched fastest as text: 0-5 as they
# are, 8 unanswered, 9 not seen.
DIGITS_SQL = "array_to_string(array_replace(%(expressions)s, -1::smallint, 9::smallint), '', '8')"
UNANSWERED_DIGIT = "8"
MOST_COMPARABLE = 100  # earlier cycles looked through: one a week for two years
CODE_OF_DIGIT = np.array(
    [0, 1, 2, 3, 4, 5, 0, 0, scoring.UNANSWERED, scoring.NOT_SEEN], dtype=np.int8
)


@dataclass(frozen=True, slots=True)
class ScoringInput:
    """The answers of a cycle, with the nodes by the names that the scoring uses."""

    survey: scoring.Survey
    nodes: dict[str, UUID]
    named: tuple[str, ...]  # keys of the responses of leads who agreed to be shown by name
    targets: tuple[tuple[str, str, float], ...]  # node, capability, level that was asked for
    digest: str  # recognises the same input without revealing it
    counting: MergedGroups  # groups too new to be shown count in larger ones
    before: UUID | None = None  # the cycle before, to compare with
    earlier: EarlierCycle | None = None
    year_before: UUID | None = None  # the cycle about a year before
    year_earlier: EarlierCycle | None = None

    @property
    def responses(self) -> list[int]:
        """The number of responses in this cycle, and in those it is compared with."""
        compared = (self.earlier, self.year_earlier)
        counts = [len(earlier.survey.node_of) if earlier else 0 for earlier in compared]
        return [len(self.survey.node_of), *counts]


@dataclass(frozen=True, slots=True)
class ScoringOutput:
    """Everything that a close stores. Its cells are built when they are asked for, a second time too."""

    scorecard: Scorecard
    build_cells: Callable[[], Iterable[Cell]]
    nodes: Mapping[str, UUID]  # by the names in the cells

    @property
    def results(self) -> list[Result]:
        return [
            cell_to_row(cell, self.scorecard, self.nodes[cell.node]) for cell in self.build_cells()
        ]

    def store(self) -> None:
        """Insert the scorecard and its results, each while the next are built."""
        self.scorecard.save(force_insert=True)
        insert_columns(
            Result,
            (
                cell_to_columns(cell, self.scorecard, self.nodes[cell.node])
                for cell in self.build_cells()
            ),
        )


@dataclass(frozen=True, slots=True)
class _CycleSnapshot:
    """One cycle with its wording and its tree."""

    cycle: Cycle
    rubric: Rubric
    teams: tuple[CycleTeam, ...]
    counting: MergedGroups

    @property
    def names(self) -> dict[UUID, str]:
        return {team.pk: _node_name(team.place) for team in self.teams}

    @property
    def counts_in(self) -> dict[UUID, str]:
        """The name under which the answers given in a node count; absent where nothing may be shown."""
        pairs = zip(self.teams, self.counting.into, strict=True)
        return {team.pk: _node_name(self.teams[place].place) for team, place in pairs if place >= 0}

    @property
    def nodes(self) -> tuple[scoring.SurveyNode, ...]:
        """The nodes with the head-counts of those whose answers count there."""
        names, counts_in, heads = self.names, self.counts_in, Counter[str]()
        for team in self.teams:
            heads[counts_in.get(team.pk, "")] += team.headcount
        return tuple(
            scoring.SurveyNode(
                names[team.pk],
                None if team.parent_id is None else names[team.parent_id],
                heads[names[team.pk]],
            )
            for team in self.teams
        )


def fetch_input(cycle: Cycle) -> ScoringInput:
    """Return the input of the scoring. Some twenty statements, whatever the number of answers. Call inside
    the organization's transaction; `compute_results` needs none."""
    organization = Organization.objects.get(pk=cycle.organization_id)
    summary = _stored_summary(cycle)
    snapshot = _take_snapshot(cycle, summary)
    before, year_before = _find_earlier_cycles(cycle, summary)
    named, survey = _build_survey(snapshot, organization, summary)
    return ScoringInput(
        survey=survey,
        nodes={name: team for team, name in snapshot.names.items()},
        named=tuple(sorted(named)),
        targets=tuple(sorted((*key, level) for key, level in survey.targets.items())),
        digest=_input_digest(cycle, organization, survey),
        counting=snapshot.counting,
        before=before.pk if before else None,
        earlier=_build_earlier(snapshot, before, organization) if before else None,
        year_before=year_before.pk if year_before else None,
        year_earlier=_build_earlier(snapshot, year_before, organization) if year_before else None,
    )


def _take_snapshot(cycle: Cycle, summary: Mapping[str, Any] | None) -> _CycleSnapshot:
    teams = tuple(CycleTeam.objects.filter(cycle=cycle).order_by("place"))
    counting = (
        groups.merge_at_close(cycle, teams)
        if summary is None
        else groups.from_summary(summary, len(teams))
    )
    return _CycleSnapshot(cycle, rubric_of(cycle.edition), teams, counting)


def _stored_summary(cycle: Cycle) -> Mapping[str, Any] | None:
    """Return what the close decided about a closed cycle, which a check must not decide again."""
    summary: Mapping[str, Any] | None = (
        Scorecard.objects.current().filter(cycle=cycle).values_list("summary", flat=True).first()
    )
    return summary


def _find_earlier_cycles(
    cycle: Cycle, summary: Mapping[str, Any] | None
) -> tuple[Cycle | None, Cycle | None]:
    """Return the cycles to compare with: the latest that asked the same rubric about the same segment, and
    the one about a year before if it is another."""
    rows = Cycle.objects.closed().select_related("edition")
    if summary is not None and "year_before" in summary:
        return _find(rows, summary["before"]), _find(rows, summary["year_before"])
    moment = cycle.closed_at or (cycle.closes_at if cycle.imported else None) or timezone.now()
    comparable = rows.filter(rubric=cycle.rubric, segment=cycle.segment, closed_at__lt=moment)
    earlier = list(comparable.exclude(pk=cycle.pk)[:MOST_COMPARABLE])
    chosen = choose_year_before(moment, [row.closed_at for row in earlier if row.closed_at])
    year_before = None if chosen is None else earlier[chosen]
    if summary is not None:  # an older method knew of no year
        return _find(rows, summary["before"]), year_before
    return (earlier[0] if earlier else None), year_before


def _find(rows: QuerySet[Cycle], key: str) -> Cycle | None:
    return rows.filter(pk=key).first() if key else None


def _build_earlier(
    snapshot: _CycleSnapshot, cycle: Cycle, organization: Organization
) -> EarlierCycle:
    summary = _stored_summary(cycle)
    earlier = _take_snapshot(cycle, summary)
    places = {team.team_id: _node_name(team.place) for team in earlier.teams}
    return EarlierCycle(
        survey=_build_survey(earlier, organization, summary)[1],
        same={
            _node_name(team.place): places[team.team_id]
            for team in snapshot.teams
            if team.team_id in places
        },
        unchanged=compare(earlier.rubric, snapshot.rubric).comparable,
    )


def _build_survey(
    snapshot: _CycleSnapshot, organization: Organization, summary: Mapping[str, Any] | None
) -> tuple[set[str], scoring.Survey]:
    cycle, rubric, counts_in = snapshot.cycle, snapshot.rubric, snapshot.counts_in
    stored = (
        Response.objects.filter(cycle=cycle, sent=True)
        .order_by("key")
        .values_list(
            "node_id", "key", "answers_as", _as_digits("performance"), _as_digits("importance")
        )
    )
    rows = [row for row in stored if row[0] in counts_in]
    keys = [bytes(row[1]) for row in rows]
    named = _named_keys(cycle, organization, keys) if summary is None else set(summary["named"])
    leads = [row[2] == Participation.AnswersAs.LEAD for row in rows]
    names_by_row = [snapshot.names if leads[index] else counts_in for index in range(len(rows))]
    survey = scoring.Survey(
        nodes=snapshot.nodes,
        **survey_arguments(rubric),
        **asked_masks(cycle.asked, rubric),
        node_of=tuple(names[row[0]] for names, row in zip(names_by_row, rows, strict=True)),
        performance=_parse_codes([row[3] for row in rows], len(rubric.capabilities)),
        importance=_parse_codes([row[4] for row in rows], len(rubric.capabilities)),
        is_lead=np.array(leads, dtype=bool),
        named=np.array([key.hex() in named for key in keys], dtype=bool),
        persons=tuple(keys),
        k=cycle.threshold,
        targets=_load_targets(snapshot, summary),
    )
    held_nodes = {snapshot.teams[place].pk for place in snapshot.counting.held}
    return named, drop_isolated_ratings(
        survey, np.array([row[0] in held_nodes for row in rows], dtype=bool) & ~survey.is_lead
    )


def _load_targets(
    snapshot: _CycleSnapshot, summary: Mapping[str, Any] | None
) -> dict[tuple[str, str], float]:
    """Return the target levels by node and capability: as the close froze them, before that as set now."""
    if summary is not None:
        return {(node, slug): level for node, slug, level in summary.get("targets", ())}
    slugs = {item.slug for item in snapshot.rubric.capabilities}
    nodes = {team.team_id: _node_name(team.place) for team in snapshot.teams}
    in_force = targets.levels_by_node(snapshot.cycle.rubric, nodes)
    return {key: level for key, level in in_force.items() if key[1] in slugs}


def compute_results(cycle: Cycle, scoring_input: ScoringInput) -> ScoringOutput:
    """Score the answers. Uses no database, so no transaction waits for it."""
    published = publish(scoring_input.survey, scoring_input.earlier, scoring_input.year_earlier)
    scorecard = _build_scorecard(cycle, scoring_input, published)
    return ScoringOutput(scorecard, published.build_cells, scoring_input.nodes)


def _node_name(place: int) -> str:
    """Return a node's name by its place in the tree, so that ties are always decided alike."""
    return f"{place:05d}"


# --- Fetching --------------------------------------------------------------------------------


def _as_digits(column: str) -> Func:
    return Func(F(column), template=DIGITS_SQL, output_field=TextField())


def _parse_codes(rows: Sequence[str], width: int) -> scoring.Codes:
    """Return codes of shape (responses, capabilities); a response that was only begun has no answers."""
    text = "".join(row or UNANSWERED_DIGIT * width for row in rows)
    digits = np.frombuffer(text.encode("ascii"), np.uint8) - ord("0")
    return CODE_OF_DIGIT[digits].reshape(len(rows), width)


def survey_arguments(rubric: Rubric) -> dict[str, Any]:
    """Return the arguments of `Survey` that come from its rubric."""
    return {
        "dimensions": tuple(
            scoring.SurveyDimension(dimension.slug, dimension.weight)
            for dimension in rubric.dimensions
        ),
        "capabilities": tuple(
            scoring.SurveyCapability(
                id=item.slug,
                dimension=rubric.dimension_of(item.slug).slug,
                weight=item.weight,
                differentiating=item.differentiating,
                routine=item.routine,
                market=item.market,
                stage=item.lifecycle_stage or "",
            )
            for item in rubric.capabilities
        ),
        "stages": tuple(stage.slug for stage in rubric.lifecycle_stages),
        "level_rule": rubric.level_rule,
    }


def asked_masks(asked: Mapping[str, Iterable[str]], rubric: Rubric) -> dict[str, Any]:
    """Return which capabilities were asked, by kind: an imported file may have asked for fewer than its
    rubric has."""

    def mask(slugs: Iterable[str]) -> scoring.Bools:
        chosen = set(slugs)
        return np.array([item.slug in chosen for item in rubric.capabilities], dtype=bool)

    return {f"{kind}_asked": mask(slugs) for kind, slugs in asked.items()}


def _named_keys(cycle: Cycle, organization: Organization, keys: Sequence[bytes]) -> set[str]:
    """Return the keys, in hex, of leads who agreed that their ratings are shown by name. In an imported
    file the role says so. Stored with the scorecard: without the salt it cannot be found out again."""
    if cycle.imported:
        leads = Response.objects.filter(cycle=cycle, answers_as=Participation.AnswersAs.LEAD)
        return {bytes(key).hex() for key in leads.values_list("key", flat=True)}
    agreed = Participation.objects.filter(
        cycle=cycle, answers_as=Participation.AnswersAs.LEAD, named=True
    ).values_list("membership_id", flat=True)
    secret = response_keys.cycle_secret(cycle, organization)
    agreed_keys = {response_keys.response_key(secret, member).hex() for member in agreed}
    return agreed_keys & {key.hex() for key in keys}


def _input_digest(cycle: Cycle, organization: Organization, survey: scoring.Survey) -> str:
    """Return a digest of the edition and the sorted answers. It is keyed, so that nobody can test a guess
    without the secret. Empty once the organization's salt is gone."""
    if organization.salt is None:
        return ""
    node_column = np.array([int(node) for node in survey.node_of], dtype=">u2")
    columns = (
        node_column.reshape(-1, 1).view(np.uint8),
        survey.is_lead.reshape(-1, 1).view(np.uint8),
        survey.performance.view(np.uint8),
        survey.importance.view(np.uint8),
    )
    rows = sorted(row.tobytes() for row in np.hstack(columns))
    answers_digest = hashlib.sha256(b"".join(rows)).hexdigest()
    return keyed_hash(
        organization_secret(organization.salt), "input", cycle.edition.digest, answers_digest
    ).hex()


def _build_scorecard(
    cycle: Cycle, scoring_input: ScoringInput, published: PublishedSurvey
) -> Scorecard:
    shown = {str(scoring_input.nodes[name]) for name in published.shown}
    return Scorecard(
        cycle=cycle,
        shows=bool(shown),
        method=published.method,
        edition_digest=cycle.edition.digest,
        input_digest=scoring_input.digest,
        discarded=published.discarded,
        participation={
            str(scoring_input.nodes[name]): {"n": count.n, "invited": count.invited}
            for name, count in published.participation.items()
        },
        summary={
            "responses": scoring_input.responses,
            "named": list(scoring_input.named),
            "targets": [list(target) for target in scoring_input.targets],
            "before": str(scoring_input.before or ""),
            "year_before": str(scoring_input.year_before or ""),
            **groups.to_summary(scoring_input.counting),
            "shown": sorted(shown),
            "comment_blocks": _comment_blocks(cycle, scoring_input),
            "alignments": {
                str(scoring_input.nodes[name]): to_json(alignment)
                for name, alignment in published.alignments.items()
            },
            "quality": to_json(published.quality),
        },
    )


def _comment_blocks(cycle: Cycle, scoring_input: ScoringInput) -> dict[str, str]:
    """Return node -> the node under whose name its comments are shown, where enough people answered."""
    survey = scoring_input.survey
    visible = survey.tree.visible(Members.of(survey).in_node, cycle.comment_threshold)
    nodes = [str(scoring_input.nodes[node.id]) for node in survey.tree.nodes]
    blocks = zip(nodes, survey.tree.nearest_visible(visible).tolist(), strict=True)
    return {node: nodes[block] for node, block in blocks if block >= 0}
