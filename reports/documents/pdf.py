"""Render a report as a PDF. Typst gets the document as JSON and SVG files, so that no text is ever
read as markup."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import typst

from reports.charts import Svg, for_print
from reports.documents.document import Document, as_json

TEXT = re.compile(r"<text\b.*?</text>", re.DOTALL)  # the cover shows the rings alone
HERE = Path(__file__).resolve().parent
FONTS = HERE.parents[1] / "static" / "vendor" / "pretendard"


def render_pdf(document: Document) -> bytes:
    """Return a tagged PDF (PDF/UA-1) on A4 with embedded fonts."""
    data, pictures = _separate_pictures(document)
    files: dict[str, bytes] = {
        "main": _template(),
        "document.json": json.dumps(data, ensure_ascii=False).encode(),
        **{name: for_print(Svg(picture)).encode() for name, picture in pictures.items()},
    }
    content: bytes = typst.compile(  # type: ignore[call-overload]  # the stubs know no virtual files
        files,
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
    )
    return content


@cache
def _template() -> bytes:
    return (HERE / "report.typ").read_bytes()


def _separate_pictures(document: Document) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the document as data, with a file name instead of each picture, and name -> picture."""
    data, pictures = as_json(document), {}

    def move_picture(name: str, holder: dict[str, Any], field: str) -> None:
        if holder[field]:
            pictures[name] = holder[field]
            holder[field] = name

    move_picture("rings.svg", data, "rings")
    if "rings.svg" in pictures:
        pictures["cover.svg"] = TEXT.sub("", pictures["rings.svg"])
    for part in ("findings", "changes", "clarity"):
        for number, entry in enumerate(data[part]):
            move_picture(f"{part}-{number}.svg", entry, "picture")
    return data, pictures
