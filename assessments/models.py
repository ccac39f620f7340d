"""Editions, cycles, answers and results. A response holds no person, a participation no answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from organizations.jobs import SLOW_RETRY_DELAYS, Job
from organizations.models import Membership, Team
from organizations.tenancy.constraints import tenant_rules
from organizations.tenancy.scope import TenantForeignKey, TenantManager, TenantModel, TenantQuerySet


def ratings_field() -> Any:
    """Codes in the order of the pinned edition: 1-5, 0 not applicable, -1 not seen, null open."""
    return ArrayField(models.SmallIntegerField(null=True), default=list)


class RubricEdition(TenantModel):
    """One wording of a rubric. A draft can be changed or deleted, a published edition never."""

    slug = models.CharField(max_length=60)
    version = models.CharField(max_length=40)
    content = models.JSONField()  # rubric.to_document()
    digest = models.CharField(max_length=64)  # SHA-256 of the canonical form
    created_at = models.DateTimeField(db_default=Now())
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            *tenant_rules(frozen_once="published_at"),
            models.UniqueConstraint(
                fields=["organization", "slug", "digest"], name="edition_content_once"
            ),
            models.UniqueConstraint(
                fields=["organization", "slug", "version"],
                condition=Q(published_at__isnull=False),
                name="edition_version_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slug} {self.version}"


class CycleQuerySet(TenantQuerySet["Cycle"]):
    def closed(self) -> CycleQuerySet:
        """Closed and scored, the newest first."""
        return self.filter(stage=Cycle.Stage.CLOSED).order_by("-closed_at", "-id")


CycleManager = TenantManager.from_queryset(CycleQuerySet)


class Cycle(TenantModel, Job):
    """One wave of a survey: an edition, a tree and privacy settings, frozen when it opens."""

    FUNCTION, LEASE = "assessments.cycles.closing.close", 120

    class Stage(models.TextChoices):
        PLANNED = "planned", _("Planned")
        OPEN = "open", _("Open")
        CLOSING = "closing", _("Closing")
        CLOSED = "closed", _("Closed")

    class Mode(models.TextChoices):
        CONFIDENTIAL = "confidential", _("Confidential")
        UNLINKED = "unlinked", _("Unlinked")

    name = models.CharField(max_length=80)
    edition = TenantForeignKey(RubricEdition, related_name="cycles")
    rubric = models.CharField(max_length=60)  # the edition's slug: the lineage of a cycle
    segment = models.CharField(max_length=120, blank=True)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.PLANNED)
    mode = models.CharField(max_length=12, choices=Mode, default=Mode.CONFIDENTIAL)
    threshold = models.PositiveSmallIntegerField(default=5)
    comment_threshold = models.PositiveSmallIntegerField(default=10)
    imported = models.BooleanField(default=False)
    asked = models.JSONField(default=dict, blank=True)  # imports: {"performance": [slug], ...}
    salt = models.BinaryField(max_length=32, null=True, editable=False)  # unlinked: gone at close
    opened_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, editable=False)
    # While open, counted once a night: {"on": day, "answered": {node id: n}} of the nodes shown.
    counted = models.JSONField(null=True, editable=False)
    groups_confirmed = models.CharField(max_length=64, blank=True, db_default="", editable=False)

    objects: ClassVar[CycleManager[Cycle]] = CycleManager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            *tenant_rules(edition="NO ACTION"),
            models.UniqueConstraint(fields=["organization", "name"], name="cycle_name_once"),
            models.CheckConstraint(  # cycles opened when 4 could be chosen keep it
                condition=Q(threshold__range=(5, 20)) | Q(threshold=4) & ~Q(stage="planned"),
                name="cycle_threshold_range",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "rubric", "-closed_at"], name="cycle_latest"),
            models.Index(fields=["due_at"], name="cycle_due", condition=Q(due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name

    def takes_answers_at(self, moment: datetime) -> bool:
        return (
            self.stage == self.Stage.OPEN and self.closes_at is not None and self.closes_at > moment
        )


class NightlyCount(TenantModel, Job):
    """The next moment at which the answers of an open cycle are counted."""

    FUNCTION = "assessments.cycles.nightly_counts.run"

    cycle = TenantForeignKey(Cycle, related_name="+")

    class Meta:
        constraints = [
            *tenant_rules(cycle="CASCADE"),
            models.UniqueConstraint(fields=["organization", "cycle"], name="count_once"),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="count_due", condition=Q(due_at__isnull=False))
        ]

    def __str__(self) -> str:
        return str(self.due_at)


class CycleTeam(TenantModel):
    """A node of the tree as it was when the cycle opened."""

    cycle = TenantForeignKey(Cycle, related_name="teams")
    team = TenantForeignKey(Team, related_name="+")
    parent = TenantForeignKey("self", null=True, related_name="children")
    name = models.CharField(max_length=120)
    place = models.PositiveSmallIntegerField()  # in tree order, the root is 0
    depth = models.PositiveSmallIntegerField()
    headcount = models.PositiveIntegerField(default=0)  # members invited directly here, no leads
    moved = models.BooleanField(db_default=False)  # new below its parent
    # The node in which answers given here count: set for people who are too new to be a group of their
    # own (`held`), and for those who are merged with them. Null: this node.
    counts_in = TenantForeignKey("self", null=True, related_name="+")
    held = models.BooleanField(db_default=False)
    # By head-counts the smallest group that may show what is answered here; how many people this node
    # has as a group, and since when as many as the threshold requires have been in it.
    group = TenantForeignKey("self", null=True, related_name="+")
    people = models.PositiveIntegerField(db_default=0)
    since = models.DateTimeField(null=True)
    made = models.BooleanField(db_default=False)  # the team was created by the import of this cycle

    class Meta:
        constraints = [
            *tenant_rules(
                cycle="CASCADE",
                team="NO ACTION",
                parent="CASCADE",
                counts_in="CASCADE",
                group="CASCADE",
            ),
            models.UniqueConstraint(fields=["organization", "cycle", "place"], name="place_once"),
            models.UniqueConstraint(fields=["organization", "cycle", "team"], name="node_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Participation(TenantModel):
    """That someone was invited and has finished. Holds no answer and no time."""

    class AnswersAs(models.TextChoices):
        MEMBER = "member", _("Member")
        LEAD = "lead", _("Lead")

    cycle = TenantForeignKey(Cycle, related_name="participations")
    membership = TenantForeignKey(Membership, related_name="participations")
    node = TenantForeignKey(CycleTeam, related_name="+")
    answers_as = models.CharField(max_length=6, choices=AnswersAs, default=AnswersAs.MEMBER)
    named = models.BooleanField(null=True)  # a lead's consent; null: not asked yet
    named_by = models.BigIntegerField(
        null=True, editable=False
    )  # mark of the device, until the close
    finished = models.BooleanField(default=False)
    counted = models.BooleanField(db_default=False, editable=False)  # finished at a nightly count
    token_hash = models.BinaryField(max_length=32, editable=False)
    email = models.EmailField(db_default="")  # where they are asked until the close, then empty
    bounced = models.BooleanField(default=False)
    newcomer = models.BooleanField(db_default=False)  # new in this team when the cycle opened

    class Meta:
        constraints = [
            *tenant_rules(cycle="CASCADE", membership="CASCADE", node="CASCADE"),
            models.UniqueConstraint(
                fields=["organization", "cycle", "membership"], name="participation_once"
            ),
        ]
        indexes = [models.Index(fields=["token_hash"], name="participation_token")]

    def __str__(self) -> str:
        return f"{self.membership_id}"


class Response(TenantModel):
    """The ratings. No person, no time, no sequence: a random id, and a key only the organization
    can make again. Rewritten in key order when the cycle closes."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    cycle = TenantForeignKey(Cycle, related_name="responses")
    node = TenantForeignKey(CycleTeam, related_name="+")
    key = models.BinaryField(max_length=32)
    answers_as = models.CharField(max_length=6, choices=Participation.AnswersAs)
    performance = ratings_field()
    importance = ratings_field()
    exposure = ratings_field()  # value + 3 (1-5), -1 don't know, null open
    # Until the close: how often its device has changed each answer, the marks of those devices, and of
    # the one that sent the response (`survey.devices`). Only what was sent counts.
    versions = ratings_field()
    givers = ArrayField(models.BigIntegerField(null=True), default=list, null=True)
    sent = models.BooleanField(db_default=True)  # what the release before this one writes counts
    sender = models.BigIntegerField(null=True, editable=False)

    class Meta:
        constraints = [
            *tenant_rules(cycle="CASCADE", node="CASCADE"),
            models.UniqueConstraint(fields=["organization", "cycle", "key"], name="response_once"),
            models.CheckConstraint(
                condition=Q(performance__len=models.F("importance__len")),
                name="response_as_many_ratings",
            ),
        ]

    def __str__(self) -> str:
        return "response"


class Comment(TenantModel):
    """A comment on one capability. Two comments of one author have no value in common."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    cycle = TenantForeignKey(Cycle, related_name="comments")
    node = TenantForeignKey(CycleTeam, related_name="+")
    key = models.BinaryField(max_length=32)
    capability = models.CharField(max_length=60)
    text = models.TextField(max_length=2000, blank=True)
    evidence = models.URLField(max_length=500, blank=True)
    giver = models.BigIntegerField(null=True, editable=False)  # mark of the device, until the close
    sent = models.BooleanField(db_default=True)  # with the response, or after it

    class Meta:
        constraints = [
            *tenant_rules(cycle="CASCADE", node="CASCADE"),
            models.UniqueConstraint(fields=["organization", "cycle", "key"], name="comment_once"),
        ]

    def __str__(self) -> str:
        return "comment"


class Target(TenantModel):
    """The level that a leader asks of one capability in a team and the teams below it. Without one
    the need is read from the rated importance. A close freezes those in force (method 8a)."""

    team = TenantForeignKey(Team, related_name="+")
    rubric = models.CharField(max_length=60)
    capability = models.CharField(max_length=60)  # its slug, the same in every edition
    level = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            *tenant_rules(team="CASCADE"),
            models.UniqueConstraint(
                fields=["organization", "rubric", "team", "capability"], name="target_once"
            ),
            models.CheckConstraint(condition=Q(level__range=(1, 5)), name="target_is_a_level"),
        ]

    def __str__(self) -> str:
        return f"{self.capability} {self.level}"


class ScorecardQuerySet(TenantQuerySet["Scorecard"]):
    def current(self) -> ScorecardQuerySet:
        """Those whose results are shown, one of each closed cycle."""
        return self.filter(current=True)


ScorecardManager = TenantManager.from_queryset(ScorecardQuerySet)


class Scorecard(TenantModel):
    """How a closed cycle was computed: enough to compute it again and get the same results. A cycle that
    was computed anew keeps its older scorecards with their results; they are never shown."""

    cycle = TenantForeignKey(Cycle, related_name="scorecards")
    current = models.BooleanField(db_default=True)
    computed_at = models.DateTimeField(db_default=Now())
    method = models.CharField(max_length=20)
    edition_digest = models.CharField(max_length=64)
    input_digest = models.CharField(max_length=64)
    discarded = models.PositiveIntegerField(default=0)
    shows = models.BooleanField(db_default=True)  # whether at least one number may be shown
    participation = models.JSONField(default=dict)  # node id -> {"n", "invited"} where it is shown
    # What the close decided, and what is published besides the cells (`results.storage`).
    summary = models.JSONField(default=dict)
    # Of one that replaced another: how many scores it changed, and the turn of the mail that said so.
    changed = models.PositiveIntegerField(null=True)
    turn = models.PositiveSmallIntegerField(null=True)

    objects: ClassVar[ScorecardManager[Scorecard]] = ScorecardManager()

    class Meta:
        constraints = [
            *tenant_rules(cycle="CASCADE"),
            models.UniqueConstraint(
                fields=["organization", "cycle"],
                condition=Q(current=True),
                name="scorecard_current_once",
            ),
        ]

    def __str__(self) -> str:
        return self.method


class Result(TenantModel):
    """One published cell, as it may be shown. Pages, API, exports and reports read nothing else."""

    scorecard = TenantForeignKey(Scorecard, related_name="results")
    node = TenantForeignKey(CycleTeam, related_name="results")
    subject_type = models.CharField(max_length=10)  # overall, value, capability, stage
    subject = models.CharField(max_length=121, blank=True)  # of a stage two slugs
    kind = models.CharField(max_length=11)  # performance, importance
    suppressed = models.CharField(max_length=20, blank=True)
    score = models.DecimalField(max_digits=2, decimal_places=1, null=True)
    low = models.DecimalField(max_digits=2, decimal_places=1, null=True)
    high = models.DecimalField(max_digits=2, decimal_places=1, null=True)
    n = models.PositiveIntegerField(null=True)
    invited = models.PositiveIntegerField(null=True)
    level = models.PositiveSmallIntegerField(null=True)
    state = models.CharField(max_length=10, blank=True)
    need = models.DecimalField(max_digits=2, decimal_places=1, null=True)
    fit = models.PositiveSmallIntegerField(null=True)  # whole per cent
    detail = models.JSONField(default=dict)  # the rest of the cell

    class Meta:
        constraints = [
            *tenant_rules(scorecard="CASCADE", node="CASCADE"),
            models.UniqueConstraint(
                fields=["organization", "scorecard", "node", "subject_type", "subject", "kind"],
                name="result_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject} {self.kind}"


class Notice(TenantModel, Job):
    """A mail to one person about one cycle: sent once, or its state says why not."""

    FUNCTION, WAITS = "assessments.cycles.emails.send", SLOW_RETRY_DELAYS

    cycle = TenantForeignKey(Cycle, related_name="notices")
    membership = TenantForeignKey(Membership, related_name="notices")
    mail = models.CharField(max_length=20)
    turn = models.PositiveSmallIntegerField(default=0)  # which repetition of the mail, from 0
    state = models.CharField(max_length=10, default="waiting")  # see `email_delivery`
    # Of a mail sent after the close; empty once it is sent.
    email = models.EmailField(db_default="")

    class Meta:
        constraints = [
            *tenant_rules(cycle="CASCADE", membership="CASCADE"),
            models.UniqueConstraint(
                fields=["organization", "cycle", "membership", "mail", "turn"], name="notice_once"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="notice_due", condition=Q(due_at__isnull=False))
        ]

    def __str__(self) -> str:
        return self.mail
