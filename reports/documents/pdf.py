"""A report as a PDF: the document goes in as data and pictures, so that no text is ever markup."""

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
    """A tagged PDF (PDF/UA-1) on A4 with its own fonts."""
    drawn, pictures = _drawn(document)
    files: dict[str, bytes] = {
        "main": _template(),
        "document.json": json.dumps(drawn, ensure_ascii=False).encode(),
        **{name: for_print(Svg(picture)).encode() for name, picture in pictures.items()},
    }
    made: bytes = typst.compile(  # type: ignore[call-overload]  # the stubs know no virtual files
        files,
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
    )
    return made


@cache
def _template() -> bytes:
    return (HERE / "report.typ").read_bytes()


def _drawn(document: Document) -> tuple[dict[str, Any], dict[str, str]]:
    """The document with the name of a file in the place of each picture, and the pictures."""
    kept, pictures = as_json(document), {}

    def put(name: str, holder: dict[str, Any], field: str) -> None:
        if holder[field]:
            pictures[name] = holder[field]
            holder[field] = name

    put("rings.svg", kept, "rings")
    if "rings.svg" in pictures:
        pictures["cover.svg"] = TEXT.sub("", pictures["rings.svg"])
    for part in ("findings", "changes", "clarity"):
        for number, one in enumerate(kept[part]):
            put(f"{part}-{number}.svg", one, "picture")
    return kept, pictures
