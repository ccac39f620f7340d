"""The settings of the whole organization: its name, language, time zone, threshold, and what everyone who was asked
sees of the results."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from organizations import audit
from organizations.models import Organization, Team
from organizations.people import lock_organization
from organizations.tenancy.scope import bound_organization

MIN_THRESHOLD, MAX_THRESHOLD = 5, 20  # k: the smallest groups that can be chosen


@dataclass(frozen=True, slots=True)
class OrganizationSettings:
    """The values of the settings form. The threshold is for cycles planned later; each keeps its own. What is
    shown to those who were asked holds for every cycle at once."""

    name: str
    language: str
    time_zone: str
    threshold: int
    results_by_link: bool
    members_see_capabilities: bool


def settings_of(organization: Organization) -> OrganizationSettings:
    return OrganizationSettings(
        name=organization.name,
        language=organization.language,
        time_zone=organization.time_zone,
        threshold=organization.threshold,
        results_by_link=organization.results_by_link,
        members_see_capabilities=organization.members_see_capabilities,
    )


@dataclass(frozen=True, slots=True)
class EmailLimit:
    """How many e-mails a new organization may send a day, how many more today, and until when."""

    a_day: int
    today: int
    until: datetime


def email_limit(moment: datetime) -> EmailLimit | None:
    """Return the organization's limit on e-mails; None where it has none."""
    organization = Organization.objects.get(pk=bound_organization())
    until, a_day = organization.few_letters_until, settings.NEW_ORGANIZATION_LETTERS_A_DAY
    if until is None or until <= moment:
        return None
    counted_today = organization.letters_on == moment.astimezone(UTC).date()
    return EmailLimit(a_day, max(0, a_day - organization.letters_sent * counted_today), until)


@transaction.atomic
def change_organization(changed_settings: OrganizationSettings, *, by: UUID | None) -> Organization:
    """Change the settings; the root of the tree, which has the organization's name, follows."""
    organization = lock_organization()
    before, after = asdict(settings_of(organization)), asdict(changed_settings)
    changed: dict[str, Any] = {
        key: [before[key], after[key]] for key in after if before[key] != after[key]
    }
    if not changed:
        return organization
    for key, value in after.items():
        setattr(organization, key, value)
    organization.save(update_fields=list(after))
    Team.objects.filter(parent=None).update(name=changed_settings.name)
    audit.record("organization.changed", by=by, on=organization, **changed)
    if "time_zone" in changed:
        for function in settings.MOVED_WITH_THE_TIME_ZONE:
            import_string(function)(organization)
    return organization


@transaction.atomic
def set_main_rubric(slug: str, *, by: UUID | None) -> None:
    """Set the rubric that results, API and report show first. The caller has checked that it exists."""
    organization = lock_organization()
    before = organization.main_rubric
    if before == slug:
        return
    organization.main_rubric = slug
    organization.save(update_fields=["main_rubric"])
    audit.record("organization.changed", by=by, on=organization, main_rubric=[before, slug])
