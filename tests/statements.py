"""Whether a database that is spread over several servers could run a statement on the one server that
has its organization. Seen from the text alone, because the tests have one server."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import connection

from organizations.tenancy.scope import TenantModel

# The functions that read across organizations.
PRIVILEGED = {
    "access_of_user",
    "access_of_key",
    "invitation_of_token",
    "access_of_respondent",
    "survey_of_link",
    "organizations_of",
    "due_kinds",
    "organization_ids",
    "organization_with_slug",
    "organizations_with_results",
    "waiting_work",
    "purge_access_events",
}
# What may be called where a row is there already: a server refuses what is not immutable.
IMMUTABLE = {"any", "array", "chr", "coalesce", "left", "md5", "unnest"}
TABLES = "|".join(
    model._meta.db_table for model in apps.get_models() if issubclass(model, TenantModel)
)
WRITING = re.compile(
    rf'(?P<verb>UPDATE|DELETE FROM|INSERT INTO) "?(?P<table>{TABLES})\b"?'
    r"(?: (?:AS )?(?P<alias>(?!SET|USING|WHERE|SELECT|VALUES)\w+))?(?P<rest>.*)"
)
ASSIGNED_KEY = re.compile(r'(?:SET|,) "?(?:organization_id|id)"? = ')
CALL = re.compile(r"(\w+)\(")
CROSSING = re.compile(rf"\b({'|'.join(PRIVILEGED)})\(")
ROOT = str(settings.BASE_DIR)


def faults(statement: str) -> list[str]:
    """What a cluster would refuse of this statement, or run on every server."""
    text, start, found = " ".join(statement.split()), 0, list[str]()
    while writing := WRITING.search(text, start):
        start = writing.start("rest")
        found += _faults_of_insert(writing) if writing["verb"] == "INSERT INTO" else ()
        found += _faults_of_change(writing) if writing["verb"] != "INSERT INTO" else ()
    if "SET (" in text:
        found.append("the columns of SET (a, b) = (SELECT ...) are turned")
    called = {name.lower() for name in CALL.findall(text.partition("ON CONFLICT")[2])}
    return found + [f"{name}() is not immutable" for name in sorted(called - IMMUTABLE)]


def _faults_of_insert(writing: re.Match[str]) -> Iterator[str]:
    columns, _closing, source = writing["rest"].partition(")")
    if not re.search(r"\borganization_id\b", columns):
        yield f"{writing['table']}: INSERT without the organization"
    is_copied = not re.search(rf'(FROM|JOIN) "?({TABLES})\b|ON CONFLICT|RETURNING', source)
    if " SELECT " in source and is_copied:
        yield f"{writing['table']}: INSERT ... SELECT becomes COPY, which policies refuse"


def _faults_of_change(writing: re.Match[str]) -> Iterator[str]:
    name = writing["alias"] or writing["table"]
    own = rf'(?:\b{name}"?\.|(?<![\w".]))"?organization_id"? = \(?[%$]'
    if not re.search(own, writing["rest"]):
        yield f"{writing['table']}: {writing['verb']} on every server"
    assigned = re.split(r" (?:FROM|WHERE) ", writing["rest"])[0]
    if writing["verb"] == "UPDATE" and ASSIGNED_KEY.search(assigned):
        yield f"{writing['table']}: a stored key is written again"


class Watch:
    """Sees what is sent, and notes what a cluster could not route."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.has_written: bool | None = None  # None outside of a request

    def begin(self, **_signal: object) -> None:
        self.has_written = False

    def end(self, **_signal: object) -> None:
        self.has_written = None

    def __call__(self, execute: Callable[..., Any], statement: Any, *arguments: Any) -> Any:
        if isinstance(statement, str) and _is_sent_by_the_product():
            self.faults += [f"{fault}: {statement}" for fault in faults(statement)]
            if self.has_written and CROSSING.search(statement):
                self.faults.append(f"across organizations after writing: {statement}")
            if self.has_written is False and WRITING.search(statement):
                self.has_written = True
        return execute(statement, *arguments)


def _is_sent_by_the_product() -> bool:
    """Tests write by themselves what no page could; of these statements nothing is asked."""
    frame = sys._getframe(2)
    while frame is not None:
        path = frame.f_code.co_filename
        if path.startswith(ROOT) and ".venv" not in path and path != __file__:
            return not path.startswith(f"{ROOT}/tests")
        frame = frame.f_back  # type: ignore[assignment]  # None above the first
    return False


@contextmanager
def watched() -> Iterator[Watch]:
    watch = Watch()
    request_started.connect(watch.begin)
    request_finished.connect(watch.end)
    try:
        with connection.execute_wrapper(watch):
            yield watch
    finally:
        request_started.disconnect(watch.begin)
        request_finished.disconnect(watch.end)
