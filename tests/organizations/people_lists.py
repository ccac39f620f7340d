"""Import a list of people in one step, as tests need it: the dry run and its confirmation."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from organizations.people_import.applying import apply_plan
from organizations.people_import.entries import NO_CHOICES, ImportChoices, ImportPlan
from organizations.people_import.plan import build_plan


def import_list(
    content: bytes, *, by: UUID | None, choices: ImportChoices = NO_CHOICES
) -> ImportPlan:
    digest = build_plan(content, by=by, choices=choices).digest
    return apply_plan(content, digest=digest, by=by, moment=timezone.now(), choices=choices)
