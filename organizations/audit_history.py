"""The audit trail in words: who changed what, and when. Answers leave no line here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations.models import AddressChange, AuditEvent, Membership, Role

PAGE_SIZE = 50
# The events of all apps; every new kind of event needs its label here.
EVENT_LABELS: dict[str, str | Promise] = {
    "organization.founded": gettext_lazy("Organization created"),
    "organization.changed": gettext_lazy("Settings changed"),
    "person.added": gettext_lazy("Person added"),
    "person.changed": gettext_lazy("Person changed"),
    "person.invited": gettext_lazy("Invited to create an account"),
    "person.joined": gettext_lazy("Invitation accepted"),
    "person.suspended": gettext_lazy("Person suspended"),
    "person.reinstated": gettext_lazy("Person reinstated"),
    "person.team_confirmed": gettext_lazy("Team confirmed"),
    "person.removed": gettext_lazy("Person removed"),
    "people.imported": gettext_lazy("People imported"),
    "team.added": gettext_lazy("Team added"),
    "team.renamed": gettext_lazy("Team renamed"),
    "team.moved": gettext_lazy("Team moved"),
    "team.removed": gettext_lazy("Team removed"),
    "principle.changed": gettext_lazy("Principle changed"),
    "key.made": gettext_lazy("Key created"),
    "key.revoked": gettext_lazy("Key revoked"),
    "cycle.planned": gettext_lazy("Survey planned"),
    "cycle.replanned": gettext_lazy("Survey plan changed"),
    "cycle.discarded": gettext_lazy("Survey plan deleted"),
    "cycle.groups_confirmed": gettext_lazy("Survey groups confirmed"),
    "cycle.opened": gettext_lazy("Survey launched"),
    "cycle.reminded": gettext_lazy("Reminder sent"),
    "cycle.invited_again": gettext_lazy("Invitation sent again"),
    "cycle.link_sent": gettext_lazy("Survey link sent again"),
    "cycle.renamed": gettext_lazy("Survey renamed"),
    "cycle.extended": gettext_lazy("Survey extended"),
    "cycle.closing": gettext_lazy("Survey closed"),
    "cycle.closed": gettext_lazy("Results published"),
    "cycle.rescored": gettext_lazy("Results recalculated"),
    "cycle.made_coarse": gettext_lazy("Results of small groups rounded to half levels"),
    "cycle.imported": gettext_lazy("Past results imported"),
    "cycle.taken_back": gettext_lazy("Import of past results taken back"),
    "targets.set": gettext_lazy("Targets set"),
    "edition.drafted": gettext_lazy("Rubric draft uploaded"),
    "edition.published": gettext_lazy("Rubric version published"),
    "edition.discarded": gettext_lazy("Rubric draft deleted"),
    "schedule.set": gettext_lazy("Report schedule changed"),
    "report.asked": gettext_lazy("Report created"),
    "report.tried_again": gettext_lazy("Report retried"),
    "report.sent_again": gettext_lazy("Report emails resent"),
    "demo.built": gettext_lazy("Demo created"),
}


# The fields that a "changed" event can name.
FIELD_LABELS: dict[str, str | Promise] = {
    "name": gettext_lazy("Name"),
    "email": gettext_lazy("Email"),
    "team": gettext_lazy("Team"),
    "role": gettext_lazy("Role"),
    "leads": gettext_lazy("Leads this team"),
    "language": gettext_lazy("Language"),
    "time_zone": gettext_lazy("Time zone"),
    "threshold": gettext_lazy("Anonymity threshold"),
    "results_by_link": gettext_lazy("Results by personal link"),
    "members_see_capabilities": gettext_lazy("Capability levels for team members"),
    "main_rubric": gettext_lazy("Main rubric"),
    "edition": gettext_lazy("Rubric"),
    "segment": gettext_lazy("Customer segment"),
    "closes_at": gettext_lazy("Closes on"),
    "mode": gettext_lazy("How answers are handled"),
    "method": gettext_lazy("Method"),
    "wording": gettext_lazy("Wording"),
    "methods": gettext_lazy("Methods"),
    "owner": gettext_lazy("Owner"),
    "review": gettext_lazy("Review date"),
}
FIELDS_WITH_VALUES = (
    "name",
    "threshold",
    "main_rubric",
    "method",
)  # old and new are shown where the event holds them
ARROW = " → "


@dataclass(frozen=True, slots=True)
class AuditLine:
    at: datetime
    actor: str
    event: str
    subject: str


def latest(page: str, size: int = PAGE_SIZE) -> tuple[Page[AuditEvent], list[AuditLine]]:
    """Return one page of the trail, the newest first. Four queries."""
    events = Paginator(AuditEvent.objects.order_by("-at", "-pk"), size).get_page(page)
    names = _names_by_id(events)
    addresses = AddressChange.objects.in_bulk([event.pk for event in events])
    return events, [_build_line(event, names, addresses.get(event.pk)) for event in events]


def _names_by_id(events: Iterable[AuditEvent]) -> dict[UUID, str]:
    """Return the names of people who are still here; events hold ids, so erasing a person erases the name."""
    ids = {number for event in events for number in (event.actor, event.subject) if number}
    return dict(Membership.objects.filter(pk__in=ids).values_list("pk", "name"))


def _build_line(
    event: AuditEvent, names: Mapping[UUID, str], address: AddressChange | None
) -> AuditLine:
    actor = names.get(event.actor, _("Removed member")) if event.actor else _("System")
    label = EVENT_LABELS.get(event.event, event.event)
    subject = names.get(event.subject, "") if event.subject else ""
    parts = (subject, *_detail_texts(event.detail), *_change_texts(event.detail, address))
    return AuditLine(event.at, actor, str(label), " · ".join(part for part in parts if part))


def _detail_texts(detail: Mapping[str, Any]) -> Iterable[str]:
    """Yield what an event is about: names, counts."""
    for key in ("name", "rubric", "version"):
        if isinstance(text := detail.get(key), str):
            yield text
    if isinstance(names := detail.get("names"), list):
        yield ARROW.join(map(str, names))
    if isinstance(new := detail.get("new"), int):
        yield _("new: %(new)s, changed: %(changed)s") % {"new": new, "changed": detail["changed"]}


def _change_texts(detail: Mapping[str, Any], address: AddressChange | None) -> Iterable[str]:
    """Yield every field that changed, with its values where they say who may do what or where mails go."""
    changed = detail.get("changed")
    fields = changed if isinstance(changed, list) else []
    for field, label in FIELD_LABELS.items():
        value = detail.get(field)
        if field in fields or value is True or isinstance(value, list):
            values = _value_text(field, value, address)
            yield f"{label}: {values}" if values else str(label)


def _value_text(field: str, value: Any, address: AddressChange | None) -> str:
    """Return the old and the new value, or nothing. Those of an e-mail are kept with the person, and are
    deleted with them."""
    if field == "email":
        return f"{address.before}{ARROW}{address.after}" if address else ""
    if not isinstance(value, list):
        return ""
    if field == "role":
        return ARROW.join(str(Role(each).label) for each in value)
    return ARROW.join(map(str, value)) if field in FIELDS_WITH_VALUES else ""
