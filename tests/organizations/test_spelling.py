"""Names that look alike are alike."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from organizations.spelling import composed, tidy


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
    assert tidy(written) == meant


@given(st.text())
def test_tidying_twice_changes_nothing_more(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)


@pytest.mark.parametrize("mark", ["\u0316\u0300", "\u0344", "\u302e\u3099"])
def test_marks_piled_up_on_a_letter_are_thinned_to_what_a_letter_can_carry(mark: str) -> None:
    """Sorting them costs the square of their number: half a megabyte would take minutes."""
    piled = composed("a" + mark * 100_000 + "b" + mark)
    assert len(unicodedata.normalize("NFD", piled)) <= 2 + 30 + 2 * len(mark)
    assert composed(piled) == piled


@pytest.mark.parametrize("text", ["각" * 50, "👩\u200d🔬" * 50, "—" * 50, "ậ", "ภาษาไทยที่ดี" * 20])
def test_what_people_write_is_kept_whole(text: str) -> None:
    assert composed(unicodedata.normalize("NFD", text)) == unicodedata.normalize("NFC", text)
