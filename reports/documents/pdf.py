"""Render a report as a PDF. Typst gets the document as JSON and SVG files, so that no text is ever
read as markup."""

from __future__ import annotations

import json
import re
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path

import typst

from organizations.jobs import PermanentFailure
from reports.charts import Svg, for_print
from reports.documents.document import Document
from reports.documents.fonts import font_families, fonts, replacements

TEXT = re.compile(r"<text\b.*?</text>", re.DOTALL)  # the cover shows the rings alone
TEMPLATES = Path(__file__).resolve().parent / "typst"


def render_pdf(document: Document) -> bytes:
    """Return a tagged PDF (PDF/UA-1) on A4 with embedded fonts. Raises PermanentFailure: a stored document
    that can't be set today can't be set tomorrow."""
    files: dict[str, str] = {}
    data = _separate_pictures(document, files)
    if document.rings:
        files["cover.svg"] = for_print(Svg(TEXT.sub("", document.rings)))
    files["document.json"] = json.dumps(data, ensure_ascii=False)
    files["fonts.json"] = json.dumps(font_families())
    signs = replacements("".join(files.values()))
    sources = {name: text.translate(signs).encode() for name, text in files.items()}
    try:
        content: bytes = typst.compile(  # type: ignore[call-overload]  # the stubs know no virtual files
            _templates() | sources, font_paths=fonts(), pdf_standards=["ua-1"]
        )
    except typst.TypstError as problem:
        raise PermanentFailure(str(problem)) from problem
    return content


@cache
def _templates() -> dict[str, bytes]:
    """Return the Typst files by their path; the report itself is `main`."""
    paths = TEMPLATES.rglob("*.typ")
    files = {path.relative_to(TEMPLATES).as_posix(): path.read_bytes() for path in paths}
    return files | {"main": files["report.typ"]}


def _separate_pictures(value: object, pictures: dict[str, str]) -> object:
    """Return the value as JSON takes it, and move each picture into a file: its name is left in its place."""
    if isinstance(value, Svg):
        if not value:
            return None
        name = f"{len(pictures)}.svg"
        pictures[name] = for_print(value)
        return f"/{name}"
    if isinstance(value, tuple):
        return [_separate_pictures(entry, pictures) for entry in value]
    if is_dataclass(value):
        return {
            field.name: _separate_pictures(getattr(value, field.name), pictures)
            for field in fields(value)
        }
    return value if value is None or isinstance(value, str | int) else str(value)
