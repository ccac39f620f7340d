"""Render a report as a PDF. Typst gets the document as JSON and SVG files, so that no text is ever
read as markup."""

from __future__ import annotations

import json
import re
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path

import typst

from reports.charts import Svg, for_print
from reports.documents.document import Document

TEXT = re.compile(r"<text\b.*?</text>", re.DOTALL)  # the cover shows the rings alone
TEMPLATES = Path(__file__).resolve().parent / "typst"
FONTS = TEMPLATES.parents[2] / "static" / "vendor" / "pretendard"


def render_pdf(document: Document) -> bytes:
    """Return a tagged PDF (PDF/UA-1) on A4 with embedded fonts."""
    pictures: dict[str, bytes] = {}
    data = _separate_pictures(document, pictures)
    if document.rings:
        pictures["cover.svg"] = _printed(Svg(TEXT.sub("", document.rings)))
    content: bytes = typst.compile(  # type: ignore[call-overload]  # the stubs know no virtual files
        {
            **_templates(),
            **pictures,
            "document.json": json.dumps(data, ensure_ascii=False).encode(),
        },
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
    )
    return content


@cache
def _templates() -> dict[str, bytes]:
    """Return the Typst files by their path; the report itself is `main`."""
    paths = TEMPLATES.rglob("*.typ")
    files = {path.relative_to(TEMPLATES).as_posix(): path.read_bytes() for path in paths}
    return files | {"main": files["report.typ"]}


def _separate_pictures(value: object, pictures: dict[str, bytes]) -> object:
    """Return the value as JSON takes it, and move each picture into a file: its name is left in its place."""
    if isinstance(value, Svg):
        if not value:
            return None
        name = f"{len(pictures)}.svg"
        pictures[name] = _printed(value)
        return f"/{name}"
    if isinstance(value, tuple):
        return [_separate_pictures(entry, pictures) for entry in value]
    if is_dataclass(value):
        return {
            field.name: _separate_pictures(getattr(value, field.name), pictures)
            for field in fields(value)
        }
    return value if value is None or isinstance(value, str | int) else str(value)


def _printed(picture: Svg) -> bytes:
    return for_print(picture).encode()
