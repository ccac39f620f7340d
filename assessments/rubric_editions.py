"""The editions of rubrics that an organization may ask: the built-in ones, and its own.

An edition is a draft until it is published; from then on it never changes, and a cycle keeps the
edition it was planned with.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext as _

from assessments.models import Cycle, RubricEdition
from assessments.rubrics import (
    BUILT_IN,
    Comparison,
    Rubric,
    built_in,
    compare,
    digest,
    from_document,
    read_rubric,
    to_document,
)
from organizations import audit
from organizations.languages import current_language
from organizations.organization_settings import set_main_rubric
from organizations.people import lock_organization
from organizations.process_cache import ProcessCache

SECONDS_PER_CAPABILITY, SECONDS_PER_QUESTION = 24, 10
_rubrics = ProcessCache[str, Rubric](500)  # by digest: the same for every organization

# --- Reading ----------------------------------------------------------------------------------


def rubric_of(edition: RubricEdition) -> Rubric:
    """Return the rubric of an edition. Its content is fetched once a process."""
    return _rubrics.get_or_compute(edition.digest, lambda: from_document(edition.content))


def rubric_by_digest(organization: UUID, edition: UUID, digest: str) -> Rubric:
    """Return the same without the edition's row: 1 statement the first time, then none."""
    names, values = ("organization_id", "id", "digest"), (organization, edition, digest)
    return _rubrics.get(digest) or rubric_of(RubricEdition.from_db(None, names, values))


def estimated_minutes(rubric: Rubric) -> int:
    """Return about how many minutes answering takes."""
    questions = len(rubric.exposure.questions) if rubric.exposure else 0
    seconds = len(rubric.capabilities) * SECONDS_PER_CAPABILITY + questions * SECONDS_PER_QUESTION
    return max(1, math.floor(seconds / 60 + 0.5))


def asks_for_segment(rubric: Rubric) -> bool:
    """Return whether a cycle needs a customer segment: exposure is rated for one segment a cycle."""
    return rubric.exposure is not None


def published() -> QuerySet[RubricEdition]:
    """Return the published editions without their content, the newest first."""
    rows = RubricEdition.objects.filter(published_at__isnull=False)
    return rows.defer("content").order_by("-published_at", "-id")


def latest(slug: str) -> RubricEdition | None:
    return published().filter(slug=slug).first()


def current_rubric(slug: str) -> Rubric | None:
    """Return what a new cycle of this rubric would ask; None for an unknown rubric."""
    edition = latest(slug)
    if edition is not None:
        return rubric_of(edition)
    return built_in(slug) if slug in BUILT_IN else None


def current_rubrics() -> list[Rubric]:
    """Return the current wording of each rubric, which new cycles would ask. 1 statement."""
    newest = RubricEdition.objects.filter(published_at__isnull=False)
    newest = newest.order_by("slug", "-published_at", "-id").distinct("slug")
    own = {edition.slug: rubric_of(edition) for edition in newest}
    return [built_in(slug) for slug in BUILT_IN if slug not in own] + list(own.values())


@dataclass(frozen=True, slots=True)
class RubricChoice:
    """A rubric that a cycle can ask, in the edition it would ask now."""

    slug: str
    name: str  # in the reader's language
    description: str
    version: str
    capabilities: int
    minutes: int
    is_built_in: bool
    asks_segment: bool


def choices() -> list[RubricChoice]:
    """Return what can be asked: the built-in rubrics, then the organization's own."""
    newest = published().order_by("slug", "-published_at", "-id").distinct("slug")
    own = {edition.slug: rubric_of(edition) for edition in newest}
    order = (*BUILT_IN, *sorted(own.keys() - set(BUILT_IN)))
    return [_choice(slug, own.get(slug) or built_in(slug)) for slug in order]


def _choice(slug: str, rubric: Rubric) -> RubricChoice:
    language = current_language()
    return RubricChoice(
        slug=slug,
        name=rubric.name.in_(language),
        description=rubric.description.in_(language),
        version=rubric.version,
        capabilities=len(rubric.capabilities),
        minutes=estimated_minutes(rubric),
        is_built_in=slug in BUILT_IN,
        asks_segment=asks_for_segment(rubric),
    )


@dataclass(frozen=True, slots=True)
class RubricSummary:
    """One rubric with all its editions."""

    slug: str
    name: str
    rubric: Rubric  # the edition that a new cycle would ask; of a mere draft, the draft
    is_built_in: bool
    editions: tuple[RubricEdition, ...]  # published, the newest first
    draft: RubricEdition | None
    newer_version: str  # the version of a newer built-in edition, if there is one

    @property
    def current(self) -> RubricEdition | None:
        return self.editions[0] if self.editions else None

    @property
    def cycles(self) -> int:
        return sum(edition.times for edition in self.editions)  # type: ignore[attr-defined]  # annotated


def rubric_summaries() -> list[RubricSummary]:
    """Return every rubric with its editions. 1 statement, and 1 for each wording not read before."""
    cycles = Cycle.objects.filter(edition=OuterRef("pk")).order_by().values("edition")
    times = Subquery(cycles.annotate(times=Count("pk")).values("times"))
    rows = RubricEdition.objects.defer("content").annotate(times=Coalesce(times, 0))
    by_slug: dict[str, list[RubricEdition]] = {slug: [] for slug in BUILT_IN}
    for edition in rows.order_by("slug", "-published_at", "-id"):
        by_slug.setdefault(edition.slug, []).append(edition)
    return [_rubric_summary(slug, editions) for slug, editions in by_slug.items()]


def _rubric_summary(slug: str, rows: Iterable[RubricEdition]) -> RubricSummary:
    editions = tuple(row for row in rows if row.published_at)
    draft = next((row for row in rows if not row.published_at), None)
    shown = editions[0] if editions else draft
    built_in_rubric = built_in(slug) if slug in BUILT_IN else None
    rubric = built_in_rubric if built_in_rubric and not editions else rubric_of(shown)  # type: ignore[arg-type]  # a rubric has an edition
    versions = {row.version for row in editions}
    newer = built_in_rubric and editions and built_in_rubric.version not in versions
    return RubricSummary(
        slug=slug,
        name=rubric.name.in_(current_language()),
        rubric=rubric,
        is_built_in=built_in_rubric is not None,
        editions=editions,
        draft=draft,
        newer_version=built_in_rubric.version if built_in_rubric and newer else "",
    )


def previous_rubric(edition: RubricEdition) -> Rubric | None:
    """Return the wording before this edition: the one published before it, else the built-in one."""
    earlier = published().filter(slug=edition.slug).exclude(pk=edition.pk)
    if edition.published_at is not None:
        earlier = earlier.filter(published_at__lt=edition.published_at)
    if (previous := earlier.first()) is not None:
        return rubric_of(previous)
    built_in_rubric = built_in(edition.slug) if edition.slug in BUILT_IN else None
    return (
        built_in_rubric if built_in_rubric and digest(built_in_rubric) != edition.digest else None
    )


def compare_with_previous(edition: RubricEdition) -> Comparison | None:
    """Return what is different from the wording before; None if this is the first."""
    previous = previous_rubric(edition)
    return compare(previous, rubric_of(edition)) if previous else None


# --- Verbs ------------------------------------------------------------------------------------


def get_or_create_latest(slug: str) -> RubricEdition:
    """Return the edition that a new cycle asks. A built-in rubric is stored when it is first needed."""
    edition = latest(slug)
    return edition if edition is not None else _publish_built_in(built_in(slug), by=None)


def make_main(slug: str, *, by: UUID | None) -> None:
    """Make this the rubric that results show first. Raises ValidationError for one nobody can be asked."""
    if current_rubric(slug) is None:
        raise ValidationError(_("Publish a version of this rubric first."))
    set_main_rubric(slug, by=by)


def publish_built_in(slug: str, *, by: UUID | None) -> RubricEdition:
    """Publish the built-in wording for an organization that had an older one."""
    return _publish_built_in(built_in(slug), by=by)


@transaction.atomic
def _publish_built_in(rubric: Rubric, *, by: UUID | None) -> RubricEdition:
    lock_organization()
    content_digest = digest(rubric)
    edition = RubricEdition.objects.filter(slug=rubric.slug, digest=content_digest).first()
    if edition is None:
        edition = RubricEdition(
            slug=rubric.slug, digest=content_digest, content=to_document(rubric)
        )
    elif edition.published_at is not None:
        return edition
    edition.version = rubric.version
    _refuse_known_version(edition)
    edition.published_at = Now()
    edition.save()
    edition.refresh_from_db(fields=["published_at"])
    audit.record("edition.published", by=by, on=edition, rubric=edition.slug, came_with="naite")
    return edition


@transaction.atomic
def save_draft(text: bytes, *, by: UUID | None) -> RubricEdition:
    """Store the file as a draft, which replaces the rubric's earlier draft. If the same wording is stored
    already, return that edition. Raises RubricProblems."""
    rubric = read_rubric(text)
    lock_organization()
    content_digest = digest(rubric)
    if same := RubricEdition.objects.filter(slug=rubric.slug, digest=content_digest).first():
        return same
    draft = RubricEdition.objects.filter(slug=rubric.slug, published_at=None).first()
    draft = draft or RubricEdition(slug=rubric.slug)
    draft.version, draft.digest, draft.content = rubric.version, content_digest, to_document(rubric)
    draft.save()
    audit.record("edition.drafted", by=by, on=draft, rubric=draft.slug, version=draft.version)
    return draft


@transaction.atomic
def publish(
    edition: RubricEdition, *, by: UUID | None, moment: datetime, seen: str = ""
) -> RubricEdition:
    """Publish a draft: cycles can ask it and nobody can change it. `seen` is the digest of what the page
    showed, because another draft may have replaced it. Raises ValidationError."""
    lock_organization()
    draft = _get_draft(edition)
    if seen and seen != draft.digest:
        raise ValidationError(_("This draft was replaced in the meantime. Review it again."))
    _refuse_known_version(draft)
    draft.published_at = moment
    draft.save(update_fields=["published_at"])
    audit.record("edition.published", by=by, on=draft, rubric=draft.slug, version=draft.version)
    return draft


@transaction.atomic
def discard(edition: RubricEdition, *, by: UUID | None) -> None:
    lock_organization()
    draft = _get_draft(edition)
    audit.record("edition.discarded", by=by, on=draft, rubric=draft.slug, version=draft.version)
    draft.delete()


def _get_draft(edition: RubricEdition) -> RubricEdition:
    draft = RubricEdition.objects.filter(pk=edition.pk).first()
    if draft is None:
        raise ValidationError(_("This draft no longer exists."))
    if draft.published_at is not None:
        raise ValidationError(_("This version is published and can't be changed anymore."))
    return draft


def _refuse_known_version(draft: RubricEdition) -> None:
    """Raise ValidationError for a version that exists: two wordings could not be told apart."""
    taken = published().filter(slug=draft.slug, version=draft.version).exists()
    built_in_rubric = built_in(draft.slug) if draft.slug in BUILT_IN else None
    if built_in_rubric and built_in_rubric.version == draft.version:
        taken = taken or digest(built_in_rubric) != draft.digest
    if taken:
        raise ValidationError(
            _(
                "Version %(version)s already exists. Raise the version number in the file and "
                "upload it again."
            )
            % {"version": draft.version}
        )
