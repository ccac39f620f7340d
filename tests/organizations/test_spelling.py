"""Names that look alike are alike."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from organizations.spelling import tidy


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
