"""What the answers of one cycle come to: fetched as matrices, scored, and put into the form in which
they are published. The close writes it down; a check computes it again and compares.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from django.db.models import F, Func, TextField
from django.db.models.functions import Now

from assessments import targets
from assessments.cycles import groups
from assessments.models import Cycle, CycleTeam, Participation, Response, Result, Scorecard
from assessments.results.storage import cell_to_row
from assessments.rubric_editions import rubric_of
from assessments.rubrics import Rubric, compare
from assessments.scoring import survey as scoring
from assessments.scoring.blocks import Members
from assessments.scoring.isolated_ratings import drop_isolated_ratings
from assessments.scoring.merged_groups import MergedGroups
from assessments.scoring.publish.cell_inputs import EarlierCycle
from assessments.scoring.publish.publish import PublishedSurvey, publish
from assessments.scoring.visibility import hide, nearest_visible
from assessments.survey import response_keys
from organizations.models import Organization
from organizations.pseudonyms import keyed_hash, organization_secret

# One character an answer, so that twenty thousand responses come as quickly as they can be copied:
# 0-5 as they are, 8 unanswered, 9 not seen.
DIGITS_SQL = "array_to_string(array_replace(%(expressions)s, -1::smallint, 9::smallint), '', '8')"
UNANSWERED_DIGIT, NOT_SEEN_DIGIT = "8", "9"
CODE_OF_DIGIT = np.array(
    [0, 1, 2, 3, 4, 5, 0, 0, scoring.UNANSWERED, scoring.NOT_SEEN], dtype=np.int8
)


@dataclass(frozen=True, slots=True)
class ScoringInput:
    """The answers of a cycle, with the nodes under the names that the scoring knows them by."""

    survey: scoring.Survey
    nodes: dict[str, UUID]
    named: tuple[str, ...]  # keys of the responses of leads who agreed to be shown by name
    targets: tuple[tuple[str, str, float], ...]  # node, capability, level that was asked for
    digest: str  # recognises the same input without telling it
    counting: MergedGroups  # groups too new to be shown count in larger ones
    before: UUID | None = None  # the cycle to compare with
    earlier: EarlierCycle | None = None

    @property
    def responses(self) -> list[int]:
        """How many there are in this cycle, and in the one it is compared with."""
        then = len(self.earlier.survey.node_of) if self.earlier else 0
        return [len(self.survey.node_of), then]


@dataclass(frozen=True, slots=True)
class ScoringOutput:
    """Everything that a close writes down."""

    scorecard: Scorecard
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class _CycleSnapshot:
    """One cycle with its wording and its tree."""

    cycle: Cycle
    rubric: Rubric
    teams: tuple[CycleTeam, ...]
    counting: MergedGroups

    @property
    def names(self) -> dict[UUID, str]:
        return {team.pk: _name(team.place) for team in self.teams}

    @property
    def counts_in(self) -> dict[UUID, str]:
        """Under which name the answers given in a node count; none where nothing may be shown."""
        into = zip(self.teams, self.counting.into, strict=True)
        return {team.pk: _name(self.teams[place].place) for team, place in into if place >= 0}

    @property
    def nodes(self) -> tuple[scoring.SurveyNode, ...]:
        """With head-counts of those whose answers count there."""
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
    """A dozen statements, whatever the number of answers. Call inside the organization's
    transaction; `count` needs none."""
    organization = Organization.objects.get(pk=cycle.organization_id)
    kept = _kept(cycle)
    asked, before = _asked(cycle, kept), _before(cycle, kept)
    named, survey = _survey(asked, organization, kept)
    then = None if before is None else _asked(before, _kept(before))
    return ScoringInput(
        survey=survey,
        nodes={name: team for team, name in asked.names.items()},
        named=tuple(sorted(named)),
        targets=tuple(sorted((*key, level) for key, level in survey.targets.items())),
        digest=_digest(cycle, organization, survey),
        counting=asked.counting,
        before=None if before is None else before.pk,
        earlier=None if then is None else _earlier(asked, then, organization),
    )


def _asked(cycle: Cycle, kept: Mapping[str, Any] | None) -> _CycleSnapshot:
    teams = tuple(CycleTeam.objects.filter(cycle=cycle).order_by("place"))
    counting = (
        groups.merge_at_close(cycle, teams)
        if kept is None
        else groups.from_summary(kept, len(teams))
    )
    return _CycleSnapshot(cycle, rubric_of(cycle.edition), teams, counting)


def _kept(cycle: Cycle) -> Mapping[str, Any] | None:
    """What the close decided about a closed cycle, and a check must not decide again."""
    kept: Mapping[str, Any] | None = (
        Scorecard.objects.filter(cycle=cycle).values_list("summary", flat=True).first()
    )
    return kept


def _before(cycle: Cycle, kept: Mapping[str, Any] | None) -> Cycle | None:
    """The cycle to compare with: the latest that asked the same of the same segment."""
    rows = Cycle.objects.get_queryset().closed().select_related("edition")
    if kept is not None:
        return rows.filter(pk=kept["before"]).first() if kept["before"] else None
    same = rows.filter(rubric=cycle.rubric, segment=cycle.segment)
    return same.filter(closed_at__lt=cycle.closes_at if cycle.imported else Now()).first()


def _earlier(now: _CycleSnapshot, then: _CycleSnapshot, organization: Organization) -> EarlierCycle:
    places = {team.team_id: _name(team.place) for team in then.teams}
    return EarlierCycle(
        survey=_survey(then, organization, _kept(then.cycle))[1],
        same={
            _name(team.place): places[team.team_id] for team in now.teams if team.team_id in places
        },
        unchanged=compare(then.rubric, now.rubric).comparable,
    )


def _survey(
    asked: _CycleSnapshot, organization: Organization, kept: Mapping[str, Any] | None
) -> tuple[set[str], scoring.Survey]:
    cycle, rubric, counts_in = asked.cycle, asked.rubric, asked.counts_in
    stored = (
        Response.objects.filter(cycle=cycle, sent=True)
        .order_by("key")
        .values_list("node_id", "key", "speaks", _digits("performance"), _digits("importance"))
    )
    rows = [row for row in stored if row[0] in counts_in]
    found = [bytes(row[1]) for row in rows]
    named = _named(cycle, organization, found) if kept is None else set(kept["named"])
    leads = [row[2] == Participation.Speaks.LEAD for row in rows]
    where = [asked.names if leads[at] else counts_in for at in range(len(rows))]
    survey = scoring.Survey(
        nodes=asked.nodes,
        **survey_arguments(rubric),
        **asked_masks(cycle.asked, rubric),
        node_of=tuple(names[row[0]] for names, row in zip(where, rows, strict=True)),
        performance=_codes([row[3] for row in rows], len(rubric.capabilities)),
        importance=_codes([row[4] for row in rows], len(rubric.capabilities)),
        is_lead=np.array(leads, dtype=bool),
        named=np.array([key.hex() in named for key in found], dtype=bool),
        persons=tuple(found),
        k=cycle.threshold,
        targets=_targets(asked, kept),
    )
    held = {asked.teams[place].pk for place in asked.counting.held}
    return named, drop_isolated_ratings(
        survey, np.array([row[0] in held for row in rows], dtype=bool) & ~survey.is_lead
    )


def _targets(asked: _CycleSnapshot, kept: Mapping[str, Any] | None) -> dict[tuple[str, str], float]:
    """What was asked for: as the close froze it, before that as it stands."""
    if kept is not None:
        return {(node, slug): level for node, slug, level in kept.get("targets", ())}
    known = {item.slug for item in asked.rubric.capabilities}
    nodes = {team.team_id: _name(team.place) for team in asked.teams}
    in_force = targets.levels_by_node(asked.cycle.rubric, nodes)
    return {key: level for key, level in in_force.items() if key[1] in known}


def compute_results(cycle: Cycle, ballots: ScoringInput) -> ScoringOutput:
    """Score and publish. Uses no database: may take its time."""
    published = publish(ballots.survey, ballots.earlier)
    results = tuple(cell_to_row(cell, cycle, ballots.nodes[cell.node]) for cell in published.cells)
    return ScoringOutput(_scorecard(cycle, ballots, published, results), results)


def _name(place: int) -> str:
    """By its place in the tree, so that ties are decided alike wherever the cycle is computed."""
    return f"{place:05d}"


# --- Fetching --------------------------------------------------------------------------------


def _digits(column: str) -> Func:
    return Func(F(column), template=DIGITS_SQL, output_field=TextField())


def _codes(rows: Sequence[str], width: int) -> scoring.Codes:
    """(responses, capabilities); a response that was only begun has no answers yet."""
    whole = "".join(row or UNANSWERED_DIGIT * width for row in rows)
    digits = np.frombuffer(whole.encode("ascii"), np.uint8) - ord("0")
    return CODE_OF_DIGIT[digits].reshape(len(rows), width)


def survey_arguments(rubric: Rubric) -> dict[str, Any]:
    """What a survey takes from its rubric."""
    return {
        "dimensions": tuple(
            scoring.SurveyDimension(one.slug, one.weight) for one in rubric.dimensions
        ),
        "capabilities": tuple(
            scoring.SurveyCapability(
                id=one.slug,
                dimension=rubric.dimension_of(one.slug).slug,
                weight=one.weight,
                differentiating=one.differentiating,
                routine=one.routine,
                market=one.market,
            )
            for one in rubric.capabilities
        ),
        "level_rule": rubric.level_rule,
    }


def asked_masks(asked: Mapping[str, Iterable[str]], rubric: Rubric) -> dict[str, Any]:
    """An imported file may have asked for less than its rubric holds."""

    def mask(slugs: Iterable[str]) -> scoring.Bools:
        found = set(slugs)
        return np.array([one.slug in found for one in rubric.capabilities], dtype=bool)

    return {f"{kind}_asked": mask(slugs) for kind, slugs in asked.items()}


def _named(cycle: Cycle, organization: Organization, found: Sequence[bytes]) -> set[str]:
    """Leads who agreed that their ratings are shown by name. In an imported file whoever calls a
    row the lead's says so. Kept with the scorecard: once a salt is gone, nobody can ask again."""
    if cycle.imported:
        leads = Response.objects.filter(cycle=cycle, speaks=Participation.Speaks.LEAD)
        return {bytes(key).hex() for key in leads.values_list("key", flat=True)}
    agreed = Participation.objects.filter(
        cycle=cycle, speaks=Participation.Speaks.LEAD, named=True
    ).values_list("membership_id", flat=True)
    secret = response_keys.cycle_secret(cycle, organization)
    mine = {response_keys.response_key(secret, member).hex() for member in agreed}
    return mine & {key.hex() for key in found}


def _digest(cycle: Cycle, organization: Organization, survey: scoring.Survey) -> str:
    """Of the edition and the sorted answers, keyed: without the secret nobody can test a guess.
    Empty once the organization's salt is gone."""
    if organization.salt is None:
        return ""
    place = np.array([int(node) for node in survey.node_of], dtype=">u2")
    columns = (
        place.reshape(-1, 1).view(np.uint8),
        survey.is_lead.reshape(-1, 1).view(np.uint8),
        survey.performance.view(np.uint8),
        survey.importance.view(np.uint8),
    )
    rows = sorted(row.tobytes() for row in np.hstack(columns))
    whole = hashlib.sha256(b"".join(rows)).hexdigest()
    return keyed_hash(
        organization_secret(organization.salt), "input", cycle.edition.digest, whole
    ).hex()


def _scorecard(
    cycle: Cycle, ballots: ScoringInput, published: PublishedSurvey, results: Iterable[Result]
) -> Scorecard:
    shown = {str(row.node_id) for row in results if not row.suppressed}
    return Scorecard(
        cycle=cycle,
        shows=bool(shown),
        method=published.method,
        edition_digest=cycle.edition.digest,
        input_digest=ballots.digest,
        discarded=published.discarded,
        participation={
            str(ballots.nodes[name]): {"n": told.n, "invited": told.invited}
            for name, told in published.participation.items()
        },
        summary={
            "responses": ballots.responses,
            "named": list(ballots.named),
            "targets": [list(one) for one in ballots.targets],
            "before": str(ballots.before) if ballots.before else "",
            **groups.to_summary(ballots.counting),
            "shown": sorted(shown),
            "comment_blocks": _comment_blocks(cycle, ballots),
            **published.detail,
            "nodes": {
                str(ballots.nodes[name]): told
                for name, told in published.detail.get("nodes", {}).items()
            },
        },
    )


def _comment_blocks(cycle: Cycle, ballots: ScoringInput) -> dict[str, str]:
    """Node -> the node whose name its comments are shown under, where enough people answered."""
    survey = ballots.survey
    visible = hide(survey.tree, Members.of(survey).in_node, cycle.comment_threshold)
    nodes = [str(ballots.nodes[node.id]) for node in survey.tree.nodes]
    blocks = zip(nodes, nearest_visible(survey.tree, visible).tolist(), strict=True)
    return {node: nodes[block] for node, block in blocks if block >= 0}
