"""Normalise names: one spelling of each letter, and no invisible marks; disarm links; choose a language.

The same Hangul syllable can be written in two ways, and some marks turn the reading direction of
everything after them. Both would make two different names look alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import urlsplit

FALLBACK_LANGUAGE = "en"
Text = TypeVar("Text")
# Marks that turn the reading direction or cannot be seen. Joiners stay: emoji are made with them.
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
# The same, and everything else without a shape of its own: joiners, fillers, variants of a letter.
_SHAPELESS = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0]"
)
_WHOLE_NUMBER = re.compile(r"(\d+)\.0+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SPACE = re.compile(r"\s+")
# Long stretches without a letter: only there can marks be piled up. NFC sorts the marks on a letter,
# at a cost that grows with the square of their number; no language needs more than a few.
_PILE = re.compile(r"[^\w\x00-\x7f]{31,}")
_MOST_MARKS = 30
_SCHEME = re.compile(r"(?:[a-z][a-z0-9+.-]*)?://+", re.IGNORECASE)
# What mail programs take for a link without a scheme: evil.example, a@evil.example, tel:1. Other dots
# than the usual one are dots in the name of a host, too. A number such as 2.5 and a time stay.
_JOINT = re.compile(
    r"(?<=[^\s\d])[.:@\u2024\u3002\uff0e\uff61](?=[\w/])"
    r"|(?<=\d)[.:@\u2024\u3002\uff0e\uff61](?=[^\W\d]|/)"
)


def normalize_line(text: str) -> str:
    """Return one line: composed letters (NFC), single spaces, nothing invisible."""
    visible = _CONTROL.sub("", _INVISIBLE.sub("", text))
    return _SPACE.sub(" ", normalize_nfc(visible)).strip()


def remove_unseen(text: str) -> str:
    """Return the text without marks that cannot be seen."""
    return _INVISIBLE.sub("", text)


def plain(text: str) -> str:
    """Return the text without full width, doubled spaces and anything that cannot be seen; 1001.0 is 1001."""
    shaped = _SHAPELESS.sub("", _PILE.sub(_limit_marks, text))
    line = _SPACE.sub(" ", unicodedata.normalize("NFKC", shaped)).strip()
    whole = _WHOLE_NUMBER.fullmatch(line)
    return whole[1] if whole else line


def comparable(text: str) -> str:
    """Return what is compared where spelling must not matter, capitals neither. Empty if there is nothing to
    see."""
    return unicodedata.normalize("NFKC", plain(text).casefold())


def comparable_email(email: str) -> str:
    """Return the one spelling of an address: lower case, and the domain in letters a to z (xn--)."""
    shaped = unicodedata.normalize("NFKC", _SHAPELESS.sub("", email[:1000])).strip().lower()
    name, at, domain = shaped.rpartition("@")
    try:
        return f"{name}{at}{domain.encode('idna').decode()}"
    except UnicodeError:
        return shaped


def normalize_nfc(text: str) -> str:
    """Return composed letters (NFC); of marks piled up on one letter, the first thirty."""
    return unicodedata.normalize("NFC", _PILE.sub(_limit_marks, text))


def without_links(text: str) -> str:
    """Return the same words, of which no mail program makes a link: no scheme, and a space after each dot,
    colon and at sign inside a word."""
    return _JOINT.sub(lambda joint: f"{joint[0]} ", _SCHEME.sub("", text))


def shorten(text: str, length: int = 60) -> str:
    """Return the text, cut to this many characters with an ellipsis."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def in_language(texts: Mapping[str, Text], language: str) -> Text:
    """Return the text, or whatever is there by language code, in this language; where it is missing, in the
    language that this is a variant of (pt for pt-br); else the fallback."""
    codes = (language, language.partition("-")[0], FALLBACK_LANGUAGE)
    return texts[next(code for code in codes if code in texts)]


def is_web_link(text: str) -> bool:
    """Return whether this is an https address that shows where it leads."""
    if not text.isprintable() or " " in text:
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc


def _limit_marks(pile: re.Match[str]) -> str:
    characters: list[str] = []
    marks = 0
    for mark in pile[0]:
        marks = (
            marks + len(unicodedata.normalize("NFD", mark)) if unicodedata.combining(mark) else 0
        )
        if marks <= _MOST_MARKS:
            characters.append(mark)
    return "".join(characters)
