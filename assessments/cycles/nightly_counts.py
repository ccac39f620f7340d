"""Count once a night how many have sent their answers, while a cycle is open.

An observer sees numbers of groups as they were last night, and on the first day none: a count at a
chosen moment, before and after somebody was seen answering, would tell who has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count
from django.utils import timezone

from assessments.cycles import emails, groups
from assessments.cycles.participants import NodeWithParent, sum_subtrees
from assessments.models import Cycle, CycleTeam, NightlyCount, Participation, Response
from assessments.survey import response_keys
from organizations.jobs import Claim
from organizations.models import Organization
from organizations.tenancy.scope import working_for

COUNT_TIME = time(3)  # by the organization's clock
REMIND_WITHIN = timedelta(hours=48)  # of the close: the night before the last day at the latest


@dataclass(frozen=True, slots=True)
class NodeCount:
    """One node and how many have answered in it; both numbers are None where it is too small."""

    id: UUID
    name: str
    depth: int
    answered: int | None
    invited: int | None

    @property
    def open(self) -> int | None:
        """How many had not answered."""
        if self.answered is None or self.invited is None:
            return None
        return self.invited - self.answered


@dataclass(frozen=True, slots=True)
class ResponseProgress:
    """How many had answered at the last count, in tree order. Leads are not counted."""

    counted_on: date | None  # None before the first night
    nodes: tuple[NodeCount, ...]
    leads: int  # how many were asked; how many have answered would tell who

    @property
    def whole(self) -> NodeCount:
        return self.nodes[0]


def progress(cycle: Cycle) -> ResponseProgress:
    """Return the last count. 3 statements."""
    nodes = list(CycleTeam.objects.filter(cycle=cycle).order_by("place"))
    counted = cycle.counted or {"on": None, "answered": {}}
    heads = {node.pk: node.headcount for node in nodes}
    invited = sum_subtrees(_nodes_with_parents(nodes), groups.regroup_counts(nodes, heads))
    leads = Participation.objects.filter(cycle=cycle, answers_as=Participation.AnswersAs.LEAD)
    return ResponseProgress(
        counted_on=counted["on"] and date.fromisoformat(counted["on"]),
        nodes=tuple(_node_count(node, counted["answered"], invited) for node in nodes),
        leads=leads.count(),
    )


def _node_count(
    node: CycleTeam, answered: Mapping[str, int], invited: Mapping[UUID, int]
) -> NodeCount:
    answered_here = answered.get(str(node.pk))
    invited_here = None if answered_here is None else invited[node.pk]
    return NodeCount(node.pk, node.name, node.depth, answered_here, invited_here)


def schedule(cycle: Cycle, organization: Organization, moment: datetime) -> None:
    """Schedule the first count of a cycle that opens now."""
    NightlyCount.objects.create(cycle=cycle, due_at=next_night(organization, moment))


def next_night(organization: Organization, moment: datetime) -> datetime:
    """Return the next three o'clock in the morning in the organization's time zone, as UTC."""
    zone = ZoneInfo(organization.time_zone)
    today = moment.astimezone(zone).date()
    days = (today, today + timedelta(days=1))
    nights = (datetime.combine(day, COUNT_TIME, zone).astimezone(UTC) for day in days)
    return next(night for night in nights if night > moment)


def run(claim: Claim) -> None:
    """Schedule the next night, count, and remind those who have saved and not sent. A worker calls this;
    a night that fails is not repeated, the next one follows."""
    with working_for(claim.organization):
        row = NightlyCount.objects.select_related("cycle").get(pk=claim.id)
        organization, moment = Organization.objects.get(pk=claim.organization), timezone.now()
        claim.finish()
        if not row.cycle.takes_answers_at(moment):
            return
        next_due = next_night(organization, moment)
        NightlyCount.objects.filter(pk=row.pk).update(due_at=next_due)
    with working_for(claim.organization):
        count(row.cycle, organization, moment=moment)
        remind_unsent(row.cycle, organization, moment=moment)


def count(cycle: Cycle, organization: Organization, *, moment: datetime) -> None:
    """Store how many have sent their answers in each team that may be shown.

    A number never falls while the cycle is open: one that did would tell who has left or withdrawn.
    Someone whose address was changed since is counted as at the count before: somebody else could send
    in their place and watch the number.
    """
    nodes = list(CycleTeam.objects.filter(cycle=cycle).order_by("place"))
    members = Participation.objects.filter(cycle=cycle, answers_as=Participation.AnswersAs.MEMBER)
    readdressed = emails.address_changes_by_others(cycle).values("membership")
    newly_finished = members.filter(finished=True, counted=False).exclude(
        membership__in=readdressed
    )
    newly_finished.update(counted=True)
    counted_by_node = dict(members.filter(counted=True).values_list("node").annotate(Count("pk")))
    answered = sum_subtrees(
        _nodes_with_parents(nodes), groups.regroup_counts(nodes, counted_by_node)
    )
    earlier_counts = (cycle.counted or {"answered": {}})["answered"]
    shown = [node.pk for node in nodes if node.group_id == node.pk]  # as at the opening
    cycle.counted = {
        "on": moment.astimezone(ZoneInfo(organization.time_zone)).date().isoformat(),
        "answered": {
            str(node): max(answered[node], earlier_counts.get(str(node), 0)) for node in shown
        },
    }
    still_open = Cycle.objects.filter(pk=cycle.pk, stage=Cycle.Stage.OPEN)
    still_open.update(counted=cycle.counted)


def _nodes_with_parents(nodes: list[CycleTeam]) -> list[NodeWithParent]:
    return [(node.pk, node.parent_id) for node in nodes]


def remind_unsent(cycle: Cycle, organization: Organization, *, moment: datetime) -> None:
    """Queue one mail before the close to those who have saved answers and not sent them, because such
    answers do not count."""
    assert cycle.closes_at is not None
    if cycle.closes_at - moment > REMIND_WITHIN:
        return
    secret = response_keys.cycle_secret(cycle, organization)
    unfinished = Participation.objects.filter(cycle=cycle, finished=False)
    by_key = {
        response_keys.response_key(secret, member): member
        for member in unfinished.values_list("membership_id", flat=True)
    }
    saved = Response.objects.filter(cycle=cycle, sent=False).values_list("key", flat=True)
    unsent = [by_key[bytes(key)] for key in saved if bytes(key) in by_key]
    emails.queue_unsent_reminders(cycle, unsent, moment=moment)
