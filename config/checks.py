"""System checks of every model and every deployment, run by `manage.py check`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.db import models

from organizations.tenancy.constraints import SameTenant, SchemaRule, TenantTable
from organizations.tenancy.scope import TenantForeignKey, TenantModel


@register(deploy=True)
def check_demo_on_loopback(**_: Any) -> list[CheckMessage]:
    """Check that a demo, whose passwords are public, is not reachable from elsewhere."""
    if settings.DEMO and not settings.ON_LOOPBACK:
        return [
            Error("DEMO=1 has known passwords; unset it where others can reach.", id="naite.E001")
        ]
    return []


@register
def check_tenant_models(**_: Any) -> list[CheckMessage]:
    """Check that every tenant model has its policy, its composite relations and its own keys."""
    return [
        error
        for model in apps.get_models()
        if issubclass(model, TenantModel)
        for error in _model_errors(model)
    ]


@register
def check_policies(**_: Any) -> list[CheckMessage]:
    """Check that no policy is restrictive: a cluster of servers would make it permissive."""
    return [
        Error("Write it as permissive policies.", obj=model, id="naite.E007")
        for model in apps.get_models()
        for rule in model._meta.constraints
        if isinstance(rule, SchemaRule) and "RESTRICTIVE" in " ".join(rule.statements(model))
    ]


def _model_errors(model: type[TenantModel]) -> Iterator[CheckMessage]:
    rules = model._meta.constraints
    guarded = {rule.field for rule in rules if isinstance(rule, SameTenant)}
    if not any(isinstance(rule, TenantTable) for rule in rules):
        yield Error("A tenant model needs tenant_rules().", obj=model, id="naite.E002")
    if model._meta.local_many_to_many:
        yield Error("Use a tenant model between them.", obj=model, id="naite.E003")
    for field in model._meta.local_fields:
        yield from _field_errors(field, guarded)
    for unique in model._meta.total_unique_constraints:
        if unique.fields and unique.fields[0] != "organization":
            yield Error("Unique must start with organization.", obj=model, id="naite.E006")


def _field_errors(field: models.Field[Any, Any], guarded: set[str]) -> Iterator[CheckMessage]:
    target = field.related_model
    points_to_tenant = isinstance(target, type) and issubclass(target, TenantModel)
    if points_to_tenant and not (isinstance(field, TenantForeignKey) and field.name in guarded):
        yield Error("Name this relation in tenant_rules().", obj=field, id="naite.E004")
    if field.unique and not field.primary_key:
        yield Error("unique=True spans organizations.", obj=field, id="naite.E005")
