"""Stored documents of earlier versions, converted to the present one when they are opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Data = dict[str, Any]
# What version 1 did not store of a capability, and of any row that links to a page.
_NO_CAPABILITY = {"slug": "", "address": "", "interval": "", "responses": ""}
_NO_LINK = {"address": "", "result": None}


def in_current_version(data: Data) -> Data:
    """Return the data of a document, converted version by version."""
    while convert := _CONVERTERS.get(data.get("version", 1)):
        data = convert(data)
    return data


def _from_version_1(old: Data) -> Data:
    """Version 1 had a field for each section, rows of its own, and all headings in `words`."""
    words = old["words"]
    sections = [
        _section("key_figures", "", map(_key_figure, old["figures"])),
        _section("changes", words["changes"], map(_change, old["changes"]), old["changes_note"]),
        _section("findings", words["findings"], map(_finding, old["findings"])),
        *_team_sections(old["teams"], words),
        _section("priorities", words["ranked"], map(_priority, old["ranked"]))
        | _columns(words, "capability", "level", "need", "gap", "suggestion", "firm"),
        _section("role_clarity", words["clarity"], map(_role_clarity, old["clarity"])),
        _section("values", words["value"], map(_value, old["lines"]))
        | _columns(words, "value", "level", "need", "gap", "before"),
        _section("cycles", words["others"], old["others"]),
        _section("cycles", words["due"], old["due"], old["due_note"]),
        _section("reading_guide", words["reading"], old["reading"]),
    ]
    return {
        **old,
        "rings": old["rings"] or None,
        "rings_legend": old["rings_say"],
        "sections": [section for section in sections if section["rows"] or section["note"]],
        "version": 2,
    }


def _section(kind: str, heading: str, rows: Any, note: str = "") -> Data:
    return {"kind": kind, "heading": heading, "rows": list(rows), "note": note}


def _columns(words: Data, *names: str) -> Data:
    return {"columns": [words[name] for name in names]}


def _key_figure(figure: Data) -> Data:
    return {**figure, "basis": figure["honest"]}


def _change(change: Data) -> Data:
    earlier, _arrow, level = change["way"].rpartition(" → ")
    return {
        **change,
        **_NO_LINK,
        "earlier_level": earlier,
        "level": level,
        "change": change["words"],
    }


def _finding(finding: Data) -> Data:
    detail = {
        **finding,
        "measurement": finding["honest"],
        "ladder": [{**step, "current": step["here"]} for step in finding["ladder"]],
        "comparison_note": "",
        "need_source": "",
        "result": None,
    }
    row = {**_NO_CAPABILITY, **finding, "suggestion": ""}
    return {"claim": finding["claim"], "row": row, "detail": detail}


def _team_sections(teams: Data | None, words: Data) -> list[Data]:
    if teams is None:
        return []
    columns = {"columns": [words["team"], *teams["columns"]]}
    return [_section("teams", teams["finding"], map(_team, teams["lines"])) | columns]


def _team(team: Data) -> Data:
    cells = [
        {
            "kind": cell["kind"],
            "reason": "" if cell["kind"] == "shown" else cell["text"],
            "gap": cell["text"] if cell["kind"] == "shown" else "",
            "level": cell["small"],
            "need_step": cell["step"],
        }
        for cell in team["spots"]
    ]
    unstored = {"leaf": False, "n": None, "invited": None}
    return {**team, **unstored, "responses": team["answered"], "cells": cells}


def _priority(row: Data) -> Data:
    renamed = {"decision": row["suggestion"], "suggestion": "", "rank_stability": row["firm"]}
    return {**_NO_CAPABILITY, **row, **renamed, "picture": ""}


def _role_clarity(row: Data) -> Data:
    renamed = {"statements": row["said"], "missing_reason": row["missing"]}
    return {**row, **_NO_LINK, **renamed, "picture": row["picture"] or None}


def _value(row: Data) -> Data:
    earlier = [{"score": row["before"], "result": None}] if row["before"] else []
    renamed = {"interval": row["honest"], "earlier": earlier}
    return {**row, **renamed, "based_on": "", "result": None}


_CONVERTERS: dict[int, Callable[[Data], Data]] = {1: _from_version_1}
