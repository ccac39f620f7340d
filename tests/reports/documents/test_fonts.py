"""A report is made whatever letters a name has: another font shows them, or a sign stands in their place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from organizations.jobs import PermanentFailure
from reports.documents import fonts, pdf
from reports.documents.document import Document, from_json

STORED = Path(__file__).parent / "stored" / "version-2-full-ko.json"
NAMES = (
    "한빛生活 Living",
    "東京 マーケティング部",
    "Wachstum 🚀 ❤️ 👨‍👩‍👧",
    "การตลาด",
    "تسويق",
    "שיווק",
    "e\u0301 \u200b\u00ad\ufeff \u2066x\u2069",
    "\U0001f1f0\U0001f1f7 \U00020bb7野家 \ue000 \U0001fae8",
)


def named(name: str) -> Document:
    """Return a stored report in which organization, title and the first team are called so."""
    data: dict[str, Any] = json.loads(STORED.read_text())
    data["organization"] = data["title"] = name
    teams = next(one for one in data["sections"] if one["kind"] == "teams")
    teams["rows"][0]["name"] = name
    return from_json(data)


def printed(document: Document) -> str:
    pages = PdfReader(BytesIO(pdf.render_pdf(document))).pages
    return "\n".join(page.extract_text() for page in pages)


@pytest.fixture
def no_other_fonts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As on a system without Noto fonts."""
    caches = (fonts.fonts, fonts.font_families, fonts._can_print)
    monkeypatch.setattr(fonts, "SYSTEM", ())
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


@pytest.mark.parametrize("name", NAMES)
def test_any_letters_are_printed_or_replaced(name: str) -> None:
    assert "2.1" in printed(named(name))


@pytest.mark.usefixtures("no_other_fonts")
@pytest.mark.parametrize("name", NAMES)
def test_the_same_without_other_fonts(name: str) -> None:
    assert "2.1" in printed(named(name))


@pytest.mark.usefixtures("no_other_fonts")
def test_each_letter_without_a_font_becomes_a_sign() -> None:
    assert "한빛生活 é\ufeff🚀".translate(fonts.replacements("한빛生活 é\ufeff🚀")) == "한빛□□ é□"
    assert "한빛□□ Living" in printed(named("한빛生活 Living"))


def test_a_word_longer_than_its_column_breaks() -> None:
    text = printed(named("A" * 110))
    lines = [len(line.replace("\u200b", "")) for line in re.findall("[A\u200b]{5,}", text)]
    assert sum(lines) >= 110
    assert min(lines) < 40


def test_what_can_never_be_made_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "replacements", lambda _: {})
    monkeypatch.setattr(pdf, "font_families", lambda: ("Pretendard",))
    with pytest.raises(PermanentFailure, match="could not be displayed"):
        pdf.render_pdf(named("การตลาด"))
