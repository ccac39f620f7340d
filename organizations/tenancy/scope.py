"""Bind the organization whose rows may be read and written: one, for the length of one transaction.

Three safeguards work independently: only `working_for` and the checks of `access.py` bind an
organization, the manager refuses to run without one, and the database itself shows no row of another
(row-level security, `organizations/tenancy/constraints.py`).
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar, cast
from uuid import UUID

from django.db import connection, models, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row", bound="TenantModel", covariant=True)
_bound: ContextVar[UUID | None] = ContextVar("organization", default=None)


class NoTenant(RuntimeError):
    """Rows of a tenant were requested before an organization was bound."""


class WrongTenant(RuntimeError):
    """A row of one organization was about to be read or written for another."""


def bound_organization() -> UUID:
    """Return the id of the organization this transaction works for. Raises NoTenant if none is bound."""
    if (organization := _bound.get()) is None:
        raise NoTenant(
            "Wrap this in working_for(organization), or state an ability with @requires."
        )
    return organization


@contextmanager
def working_for(organization: UUID) -> Iterator[None]:
    """Read and write this organization's rows, and no other's, inside one transaction."""
    if (current := _bound.get()) is not None:
        if current != organization:
            raise WrongTenant(f"Already working for {current}.")
        yield
        return
    is_nested = connection.in_atomic_block
    token = _bound.set(organization)
    try:
        with transaction.atomic():
            _bind(str(organization))
            yield
            if is_nested and not connection.needs_rollback:
                _bind("")
    finally:
        _bound.reset(token)


def start_working_for(organization: UUID) -> None:
    """Like `working_for`, until the end of the request; its transaction is already open."""
    if not connection.in_atomic_block:
        raise NoTenant("An organization is bound inside a transaction only.")
    if (current := _bound.get()) not in (None, organization):
        raise WrongTenant(f"Already working for {current}.")
    _bound.set(organization)
    _bind(str(organization))


def _bind(value: str) -> None:
    # SET LOCAL, not set_config(): it ends with the transaction, passes transaction pooling, and
    # cannot be smuggled into a WHERE clause. `value` is a canonical UUID or empty.
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL app.organization_id = '{value}'")


def can_write() -> bool:
    """Return whether this connection takes writes: a standby, or a role that only reads, does not. No
    statement: the server has said so when it was connected, and says so again when it changes."""
    connection.ensure_connection()
    status = connection.connection.info.parameter_status
    return "on" not in (status("in_hot_standby"), status("default_transaction_read_only"))


class ResetTenantMiddleware:
    """Middleware: clear the organization and its time zone after a request, so that the next request of
    this thread starts without them. Django's own middleware sets the language for each request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = _bound.set(None)
        try:
            return self.get_response(request)
        finally:
            _bound.reset(token)
            timezone.deactivate()


def uuid7() -> UUID:
    """Return a time-ordered identifier (RFC 9562, with a fraction of the millisecond): new rows land at the
    end of every index, in the order in which they were made."""
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    fraction = (nanoseconds << 12) // 1_000_000
    noise = 2 << 62 | secrets.randbits(62)
    return UUID(int=milliseconds << 80 | 7 << 76 | fraction << 64 | noise)


class BoundOrganization(models.Expression):
    """The bound organization as a query parameter.

    It is looked up when SQL is compiled, so a queryset may be written before an organization is bound.
    """

    output_field = models.UUIDField()

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        return "%s", (bound_organization(),)


class TenantQuerySet(models.QuerySet[Row]):
    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        rows = list(objs)
        for row in rows:
            row.claim_ownership()
        return super().bulk_create(rows, *args, **kwargs)


class TenantManager(models.Manager[Row]):
    """The only way to a tenant's rows; also the base manager, so relations use it too."""

    _queryset_class = TenantQuerySet

    def get_queryset(self) -> TenantQuerySet[Row]:
        rows: TenantQuerySet[Row] = self._queryset_class(self.model, using=self._db)
        return rows.filter(organization_id=BoundOrganization())


class OrganizationKey(models.ForeignKey[Any, Any]):
    """The organization of a row: filled in from the bound one, first column of every key."""

    def __init__(self, to: Any = None, on_delete: Any = models.DO_NOTHING, **kwargs: Any) -> None:
        fixed = {
            "editable": False,
            "db_index": False,
            "db_constraint": False,  # `tenant_rules` adds it, with its cascade
            "related_name": "+",
        }
        super().__init__(to or "organizations.Organization", on_delete, **{**kwargs, **fixed})

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        # bulk_create() then writes VALUES rows, which a sharded database can route.
        return "%s"


class TenantForeignKey(models.ForeignKey[Any, Any]):
    """A foreign key that joins on (organization_id, id), so that a join never leaves the organization.

    The database constraint is the composite one that `tenant_rules` adds; it also cascades.
    """

    def __init__(self, to: Any, on_delete: Any = models.DO_NOTHING, **kwargs: Any) -> None:
        super().__init__(to, on_delete, **{**kwargs, "db_constraint": False, "db_index": False})

    def get_extra_restriction(self, alias: Any, related_alias: Any) -> Any:
        own_field: Any = self.model._meta.get_field("organization")
        related_field: Any = self.related_model._meta.get_field("organization")
        return models.lookups.Exact(own_field.get_col(alias), related_field.get_col(related_alias))


class TenantModel(models.Model):
    """A row that belongs to one organization."""

    organization = OrganizationKey()
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def claim_ownership(self) -> None:
        """Stamp the bound organization on a new row, or refuse one that belongs elsewhere."""
        bound, owner = bound_organization(), cast("UUID | None", self.organization_id)
        if owner is None:
            self.organization_id = bound
        elif owner != bound:
            raise WrongTenant(f"{type(self).__name__} belongs to {owner}.")

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save this row. A stored one keeps its organization: a database that is spread over several
        servers refuses a statement that writes it."""
        self.claim_ownership()
        if not self._state.adding:
            kwargs.setdefault("update_fields", self._changeable_columns())
        super().save(*args, **kwargs)

    def _changeable_columns(self) -> list[str]:
        fixed = {"id", "organization_id"} | self.get_deferred_fields()
        names = (field.attname for field in self._meta.concrete_fields)
        return [name for name in names if name not in fixed]

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete this row, with the organization named in the statement; the database cascades."""
        self.claim_ownership()
        return type(self).objects.filter(pk=self.pk).delete()
