"""The tenancy rules of the database as constraints, so that `makemigrations` tracks them like any other:
row-level security, foreign keys within an organization, and rows that are frozen once published.

A cluster of servers makes every policy of its shards permissive, so that none here is restrictive."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import BaseConstraint, Model

OWN = "organization_id = current_setting('app.organization_id')::uuid"
TENANT_TABLE = (
    'ALTER TABLE "{table}" DROP CONSTRAINT "{table}_pkey"',
    'ALTER TABLE "{table}" ADD PRIMARY KEY (organization_id, id)',
    (
        'ALTER TABLE "{table}" ADD CONSTRAINT "{name}_organization" FOREIGN KEY (organization_id)'
        " REFERENCES organizations_organization (id) ON DELETE CASCADE"
    ),
    'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
    'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
    'CREATE POLICY "{name}_migrations" ON "{table}" TO app_owner USING (true)',
    'GRANT {grants} ON "{table}" TO app_user',
)
# What lets the role of the site in, by the end of the policy's name.
POLICIES = {"": f"TO app_user USING ({OWN})"}
FROZEN_ONCE_POLICIES = {
    "_select": f"FOR SELECT TO app_user USING ({OWN})",
    "_insert": f"FOR INSERT TO app_user WITH CHECK ({OWN})",
    "_update": f'FOR UPDATE TO app_user USING ({OWN} AND "{{column}}" IS NULL) WITH CHECK ({OWN})',
    "_delete": f"FOR DELETE TO app_user USING ({OWN})",
}
SAME_TENANT = (
    'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" FOREIGN KEY (organization_id, "{column}")'
    ' REFERENCES "{target}" (organization_id, id) ON DELETE {on_delete}'
)
OWN_ROW = (
    'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
    'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
    (
        'CREATE POLICY "{name}" ON "{table}" TO app_user'
        " USING (id = current_setting('app.organization_id')::uuid)"
    ),
    'CREATE POLICY "{name}_migrations" ON "{table}" TO app_owner USING (true)',
    'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table}" TO app_user',
)


def violated_constraint(problem: IntegrityError) -> str:
    """Return the name of the constraint that refused a statement; empty if the database names none."""
    diagnosis = getattr(problem.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None) or ""


class SchemaRule(BaseConstraint):
    """A constraint that consists of whole SQL statements, sent one at a time."""

    def statements(self, model: type[Model]) -> list[str]:
        raise TypeError(f"{type(self).__name__} must say its statements.")

    def create_sql(self, model: type[Model] | None, schema_editor: Any) -> str:
        """Defer the statements to the end of the migration, when every table exists; they come first,
        because foreign keys need the primary keys that they make."""
        assert model is not None
        schema_editor.deferred_sql[:0] = self.statements(model)
        return ""

    def constraint_sql(
        self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> str:
        return self.create_sql(model, schema_editor)

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """Check nothing: the database enforces the rule."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self.deconstruct() == other.deconstruct()

    __hash__ = BaseConstraint.__hash__


class TenantTable(SchemaRule):
    """Row-level security: an organization uses only its own rows. Without it: no grant, no access.
    A row whose column `frozen_once` is filled can be read and deleted, and never changed again."""

    def __init__(
        self,
        grants: str = "SELECT, INSERT, UPDATE, DELETE",
        frozen_once: str = "",
        **kwargs: Any,
    ) -> None:
        self.grants, self.frozen_once = grants, frozen_once
        super().__init__(**kwargs)

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        frozen = {"frozen_once": self.frozen_once} if self.frozen_once else {}
        return path, args, {**kwargs, "grants": self.grants, **frozen}

    @property
    def policies(self) -> dict[str, str]:
        policies = FROZEN_ONCE_POLICIES if self.frozen_once else POLICIES
        return {f"{self.name}{end}": rule for end, rule in policies.items()}

    def statements(self, model: type[Model]) -> list[str]:
        table = model._meta.db_table
        names = {"table": table, "name": self.name, "grants": self.grants}
        return [statement.format(**names) for statement in TENANT_TABLE] + [
            f'CREATE POLICY "{policy}" ON "{table}" {rule.format(column=self.frozen_once)}'
            for policy, rule in self.policies.items()
        ]

    def remove_sql(self, model: type[Model] | None, schema_editor: Any) -> Any:
        # Row-level security stays forced: without a policy nobody sees a row.
        assert model is not None
        for policy in self.policies:
            schema_editor.execute(f'DROP POLICY "{policy}" ON "{model._meta.db_table}"', None)


class OwnRow(SchemaRule):
    """Row-level security of the organization's own row: read and written only while working for it."""

    def statements(self, model: type[Model]) -> list[str]:
        names = {"table": model._meta.db_table, "name": self.name}
        return [statement.format(**names) for statement in OWN_ROW]

    def remove_sql(self, model: type[Model] | None, schema_editor: Any) -> Any:
        assert model is not None
        return f'DROP POLICY "{self.name}" ON "{model._meta.db_table}"'


class SameTenant(SchemaRule):
    """A composite foreign key, which cannot point into another organization."""

    def __init__(self, field: str, on_delete: str = "NO ACTION", **kwargs: Any) -> None:
        self.field, self.on_delete = field, on_delete
        super().__init__(**kwargs)

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "field": self.field, "on_delete": self.on_delete}

    def statements(self, model: type[Model]) -> list[str]:
        field: Any = model._meta.get_field(self.field)
        names = {
            "table": model._meta.db_table,
            "name": self.name,
            "column": field.column,
            "target": field.related_model._meta.db_table,
            "on_delete": self.on_delete,
        }
        return [SAME_TENANT.format(**names)]

    def create_sql(self, model: type[Model] | None, schema_editor: Any) -> str:
        assert model is not None
        schema_editor.deferred_sql.extend(self.statements(model))
        return ""

    def remove_sql(self, model: type[Model] | None, schema_editor: Any) -> Any:
        assert model is not None
        return f'ALTER TABLE "{model._meta.db_table}" DROP CONSTRAINT "{self.name}"'


def tenant_rules(
    *,
    grants: str = "SELECT, INSERT, UPDATE, DELETE",
    frozen_once: str = "",
    **references: str,
) -> list[BaseConstraint]:
    """Return `Meta.constraints` of a tenant model: `tenant_rules(cycle="CASCADE", team="NO ACTION")`."""
    return [
        TenantTable(grants=grants, frozen_once=frozen_once, name="%(class)s_tenant"),
        *(
            SameTenant(field, on_delete, name=f"%(class)s_{field}_same_tenant")
            for field, on_delete in references.items()
        ),
    ]
