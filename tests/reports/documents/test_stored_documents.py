"""A document that was stored in any version opens as a page and as a PDF; a section has both of its blocks."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any, get_args

import pytest
from django.template.loader import get_template, render_to_string
from django.utils import translation
from django.utils.html import escape
from pypdf import PdfReader

from reports.documents.document import DOCUMENT_VERSION, Section, as_json, from_json
from reports.documents.pdf import TEMPLATES, render_pdf

STORED = sorted((Path(__file__).parent / "stored").glob("*.json"))
SECTIONS = get_args(get_args(Section)[0])


def read(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(path.read_text())
    return data


def test_every_version_is_kept_with_and_without_results() -> None:
    kept = {(data.get("version", 1), data["is_new"]) for data in map(read, STORED)}
    versions = range(1, DOCUMENT_VERSION + 1)
    assert kept == {(version, is_new) for version in versions for is_new in (True, False)}


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_a_stored_document_opens_as_page_and_as_pdf(path: Path) -> None:
    stored = read(path)
    document = from_json(stored)
    assert document.version == DOCUMENT_VERSION
    assert from_json(as_json(document)) == document
    with translation.override(document.language):
        page = render_to_string("reports/_document.html", {"document": document})
    pages = PdfReader(BytesIO(render_pdf(document))).pages
    printed = " ".join("\n".join(one.extract_text() for one in pages).split())
    headings = [section.heading for section in document.sections if section.kind != "key_figures"]
    for text in (document.title, *headings):
        assert escape(text) in page
        assert text in printed
    assert (len(headings), len(pages)) == ((8, 7) if document.is_new else (1, 1))
    assert page.count("<svg") == count_pictures(stored)


def count_pictures(data: Any) -> int:
    """Count the pictures in stored data, however deep."""
    if isinstance(data, dict):
        return sum(map(count_pictures, data.values()))
    if isinstance(data, list):
        return sum(map(count_pictures, data))
    return isinstance(data, str) and data.startswith("<svg")


def test_in_a_document_as_it_is_stored_now_nothing_has_to_be_converted() -> None:
    for data in map(read, STORED):
        if data.get("version") == DOCUMENT_VERSION:
            assert as_json(from_json(data)) == data


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.__name__)
def test_a_section_has_a_template_and_a_typst_file(section: Any) -> None:
    kind = section.__dataclass_fields__["kind"].default
    get_template(f"reports/sections/{kind}.html")
    assert (TEMPLATES / "sections" / f"{kind}.typ").is_file()
