"""Names that look alike are alike."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from organizations.text import normalize_line, normalize_nfc, without_links


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("  Ada   Lovelace ", "Ada Lovelace"),
        ("Ada\u202egnp.exe", "Adagnp.exe"),
        ("Zero\u200bwidth\ufeff", "Zerowidth"),
        ("two\r\nlines", "two lines"),
        ("\x07bell", "bell"),
        (unicodedata.normalize("NFD", "브랜드"), "브랜드"),
        ("👩\u200d🔬 lab", "👩\u200d🔬 lab"),
        ("\u200b\u2066", ""),
    ],
)
def test_names_are_spelled_in_one_way(written: str, meant: str) -> None:
    assert normalize_line(written) == meant


@given(st.text())
def test_tidying_twice_changes_nothing_more(text: str) -> None:
    assert normalize_line(normalize_line(text)) == normalize_line(text)


@pytest.mark.parametrize("mark", ["\u0316\u0300", "\u0344", "\u302e\u3099"])
def test_marks_piled_up_on_a_letter_are_thinned_to_what_a_letter_can_carry(mark: str) -> None:
    """Sorting them costs the square of their number: half a megabyte would take minutes."""
    piled = normalize_nfc("a" + mark * 100_000 + "b" + mark)
    assert len(unicodedata.normalize("NFD", piled)) <= 2 + 30 + 2 * len(mark)
    assert normalize_nfc(piled) == piled


@pytest.mark.parametrize("text", ["각" * 50, "👩\u200d🔬" * 50, "—" * 50, "ậ", "ภาษาไทยที่ดี" * 20])
def test_what_people_write_is_kept_whole(text: str) -> None:
    assert normalize_nfc(unicodedata.normalize("NFD", text)) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("http://evil.example win", "evil. example win"),
        ("HTTPS://Evil.Example/?a=b", "Evil. Example/?a=b"),
        ("http:http:////evil.example", "http: evil. example"),
        ("evil.com", "evil. com"),
        ("evil\u3002com", "evil\u3002 com"),
        ("1.evil.com", "1. evil. com"),
        ("win@evil.com", "win@ evil. com"),
        ("mailto:win", "mailto: win"),
        ("Ada Lovelace", "Ada Lovelace"),
        ("Acme Inc.", "Acme Inc."),
        ("J. R. Smith: 2.5 at 14:30", "J. R. Smith: 2.5 at 14:30"),
        ("새싹 (주)", "새싹 (주)"),
    ],
)
def test_of_a_name_no_mail_program_makes_a_link(name: str, meant: str) -> None:
    assert without_links(name) == meant


@given(st.text(alphabet="aZ1.:@/ht\u3002 가-", max_size=30))
def test_whatever_is_written_no_link_is_left(name: str) -> None:
    plain = without_links(name)
    assert "://" not in plain
    assert not re.search(r"\S[.@\u3002][^\W\d]", plain)
    assert without_links(plain) == plain
