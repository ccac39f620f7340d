"""Remember what an organization's columns mean, so that the next file with the same names needs no choice."""

from __future__ import annotations

from collections.abc import Iterable

from organizations.models import ColumnChoice
from organizations.tables.mapping import LEFT_OUT, MappedColumn
from organizations.tenancy.scope import bound_organization

MAX_REMEMBERED = 500  # of one kind of file


def remembered(kind: str) -> dict[str, str]:
    """Return the folded name of a column -> the field it fills. 1 statement."""
    rows = ColumnChoice.objects.filter(kind=kind)
    return dict(rows.values_list("header", "field")[:MAX_REMEMBERED])


def remember(kind: str, columns: Iterable[MappedColumn]) -> None:
    """Store what was chosen for these columns; a name that is stored already gets the new meaning."""
    chosen = {
        each.key: each.field or LEFT_OUT
        for each in columns
        if each.origin == "chosen" and each.column.name
    }
    ColumnChoice.objects.bulk_create(
        [
            ColumnChoice(organization_id=bound_organization(), kind=kind, header=name, field=field)
            for name, field in chosen.items()
        ],
        update_conflicts=True,
        unique_fields=["organization", "kind", "header"],
        update_fields=["field"],
    )
