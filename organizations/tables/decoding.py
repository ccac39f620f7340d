"""Turn the bytes of a text file into text. UTF-8, UTF-16 and UTF-32 can be told for certain; Korean CP949
cannot, because nearly any bytes are some Korean syllables. What reads as unlikely Korean is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from organizations.tables.table import (
    Choice,
    InvalidTable,
    Question,
    Sentence,
    TableProblem,
    gettext_noop,
)

NOT_A_TABLE = gettext_noop(
    "This isn't a CSV file or an Excel workbook (.xlsx). Open it in Excel and choose “Save as”, then “Excel Workbook”."
)
WEB_PAGE = gettext_noop(
    "This isn't a CSV file or an Excel workbook (.xlsx), but a web page. Open it in Excel and choose “Save as”, then “Excel Workbook”."
)
OLD_WORKBOOK = gettext_noop(
    "This isn't a CSV file or an Excel workbook (.xlsx): it's in the older .xls format or has a password. Open it in Excel and choose “Save as”, then “Excel Workbook”, without a password."
)
UNKNOWN_ENCODING = gettext_noop(
    "This line is neither UTF-8 nor Korean CP949. In Excel, choose “Save as”, then “CSV UTF-8”."
)
NUL = gettext_noop("Invalid character (NUL). Delete it.")
ASK_ENCODING = gettext_noop(
    "The letters of this file can be read in more than one way. Which is right?"
)
AS_KOREAN = gettext_noop("Korean (CP949): %(sample)s")
AS_WESTERN = gettext_noop("Western European (Windows-1252): %(sample)s")
AS_JAPANESE = gettext_noop("Japanese (Shift JIS): %(sample)s")
AS_CHINESE = gettext_noop("Simplified Chinese (GBK): %(sample)s")

ENCODING = "encoding"  # the key of the question
CANDIDATES = {
    "cp949": AS_KOREAN,
    "cp1252": AS_WESTERN,
    "cp932": AS_JAPANESE,
    "gbk": AS_CHINESE,
}
DAMAGED = "surrogateescape"
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
_MARKUP = re.compile(r"\s*(<!doctype|<html|<head|<meta|<table|<\?xml|MIME-Version:)", re.IGNORECASE)
_HANGUL = re.compile("[\uac00-\ud7a3]")
_HANJA = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_GLUED = re.compile("[\uac00-\ud7a3](?=[a-z])|(?<=[a-z])[\uac00-\ud7a3](?=[a-z])")
_DAMAGE = re.compile("[\udc80-\udcff]")
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_SAMPLE = re.compile(r"[^\s,;\t\"]*[^\x00-\x7f][^,;\t\"\r\n]*")


@dataclass(frozen=True, slots=True)
class DecodedText:
    """The text of a file. Bytes that could not be read stand in it as lone surrogates."""

    text: str
    encoding: str
    question: Question | None = None


def decode(content: bytes, answers: Mapping[str, str]) -> DecodedText:
    """Return the text and how it was read. Raises InvalidTable for what is no text."""
    if content.startswith(_OLD_WORKBOOK):
        raise InvalidTable([TableProblem(0, OLD_WORKBOOK)])
    decoded = _decode_unicode(content) or _decode_legacy(content, answers)
    if _MARKUP.match(decoded.text.lstrip("\ufeff")):
        raise InvalidTable([TableProblem(0, WEB_PAGE)])
    if "\x00" in decoded.text:
        raise InvalidTable([_nul_problem(decoded.text)])
    return decoded


def _decode_unicode(content: bytes) -> DecodedText | None:
    """Return what is UTF-32, UTF-16 or UTF-8, or UTF-8 with few bytes damaged; None for the rest."""
    if wide := _wide_encoding(content):
        codec, name = wide
        text = content.decode(codec, "replace").replace("\ufffd", "\udcff")
        return DecodedText(text.removeprefix("\ufeff"), name)
    text = content.decode("utf-8", DAMAGED)
    damaged = len(_DAMAGE.findall(text))
    whole = sum(map(len, _FOREIGN.findall(text))) - damaged
    return DecodedText(text, "UTF-8") if damaged < max(whole, 1) else None


def _wide_encoding(content: bytes) -> tuple[str, str] | None:
    """Return codec and name of UTF-32 or UTF-16, known by its mark or by the zero bytes beside letters."""
    if content.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        return "utf-32", "UTF-32"
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16", "UTF-16"
    sample = content[:2000]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) > max(4 * min(even, odd), len(sample) // 10):
        return "utf-16-be" if even > odd else "utf-16-le", "UTF-16"
    return None


def _decode_legacy(content: bytes, answers: Mapping[str, str]) -> DecodedText:
    """Return text in an encoding of one region: Korean where it reads as Korean, else what was answered."""
    readings: dict[str, str] = {}
    for codec in CANDIDATES:
        try:
            readings[codec] = content.decode(codec)
        except UnicodeDecodeError:
            continue
    chosen = answers.get(ENCODING, "")
    if chosen in readings:
        return DecodedText(readings[chosen], chosen.upper(), _ask(readings))
    if "cp949" not in readings or b"\x00" in content:
        question = _ask(readings) if readings else None
        return DecodedText(content.decode("utf-8", DAMAGED), "", question)
    if not _unlikely(readings["cp949"], "cp949"):
        return DecodedText(readings["cp949"], "CP949")
    question = _ask(readings)
    return DecodedText(readings[question.default], question.default.upper(), question)


def _ask(readings: Mapping[str, str]) -> Question:
    """Return the question that shows the same letters in every encoding; the likeliest one is its default."""
    likeliest = min(readings, key=lambda codec: _unlikely(readings[codec], codec))
    choices = [
        Choice(codec, Sentence(CANDIDATES[codec], {"sample": _sample(text)}))
        for codec, text in readings.items()
    ]
    return Question(ENCODING, Sentence(ASK_ENCODING), tuple(choices), likeliest)


def _sample(text: str) -> str:
    found = _SAMPLE.search(text)
    return found[0].strip()[:30] if found else ""


def _unlikely(text: str, codec: str) -> float:
    """Return the share of letters that nobody writes in the encoding's own language, from 0 to 1."""
    foreign: str = "".join(_FOREIGN.findall(text))
    if not foreign:
        return 0.0
    if codec == "cp949":
        return _unlikely_korean(text, foreign)
    if codec == "cp1252":
        runs: list[str] = _FOREIGN.findall(text)
        odd = [letter for letter in foreign if not letter.isalpha()]
        odd += [run for run in runs if len(run) > 1 and run.isalpha()]
        return len(odd) / len(foreign)
    own = {"cp932": "iso2022_jp", "gbk": "gb2312"}[codec]
    unknown = [letter for letter in foreign if not _can_write(letter, own)]
    return len(unknown) / len(foreign)


def _unlikely_korean(text: str, foreign: str) -> float:
    """Return the share of rare syllables, of those glued to small Latin letters, and of Hanja without any
    Hangul beside them. A few rare syllables stand in names, so they are forgiven among many others."""
    hangul = _HANGUL.findall(foreign)
    rare = sum(map(_is_rare, hangul))
    glued = sum(map(_is_rare, _GLUED.findall(text)))
    hanja = len(_HANJA.findall(foreign))
    if hanja > 3 * len(hangul):
        return 1.0
    if glued or rare * 5 > len(hangul):
        return max(glued, rare, 1) / len(foreign)
    return 0.0


def _is_rare(syllable: str) -> bool:
    """Return whether the syllable is not among the 2,350 of KS X 1001, nearly all that are in use."""
    return any(byte < 0xA1 for byte in syllable.encode("cp949"))


def _can_write(letter: str, encoding: str) -> bool:
    try:
        letter.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _nul_problem(text: str) -> TableProblem:
    """Return the problem of NUL: a program or a picture has many, a damaged text one or two."""
    if text.count("\x00") > 20:
        return TableProblem(0, NOT_A_TABLE)
    return TableProblem(text.count("\n", 0, text.index("\x00")) + 1, NUL)
