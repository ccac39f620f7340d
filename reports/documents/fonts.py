"""The fonts of reports on paper: Pretendard, then the system's Noto fonts for what it lacks (Hanja, kana, emoji
and other scripts). A letter that none of them has is printed as a sign in its place.
"""

from __future__ import annotations

import json
from functools import cache, lru_cache
from pathlib import Path

import typst

BUNDLED = Path(__file__).resolve().parents[2] / "static" / "vendor" / "pretendard"
SYSTEM = tuple(Path("/usr/share/fonts", kind, "noto") for kind in ("opentype", "truetype"))
# Where several fonts have a letter the first of these is taken. Those that aren't installed are left out.
FALLBACKS = (
    "Noto Sans CJK KR",
    "Noto Sans",
    "Noto Sans Arabic",
    "Noto Sans Thai",
    "Noto Sans Devanagari",
    "Noto Sans Hebrew",
    "Noto Color Emoji",
)
MISSING = "□"
FORBIDDEN = "\ufeff\ufffe"  # by PDF/UA; nothing is lost without them
PROBE = '#set document(title: "-")\n#set text(font: json("fonts.json"))\n#json("text.json")'


@cache
def fonts() -> typst.Fonts:
    """Return all fonts a report may use. Read once: there may be hundreds."""
    paths = [str(path) for path in (BUNDLED, *SYSTEM) if path.is_dir()]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=paths)


@cache
def font_families() -> tuple[str, ...]:
    """Return the names of the fonts that are tried for each letter, in order."""
    installed = set(fonts().families())
    return ("Pretendard", *(name for name in FALLBACKS if name in installed))


def replacements(text: str) -> dict[int, str]:
    """Return what stands for each letter that can't be printed, for `str.translate`. Typst is asked, which knows
    all rules of fallback."""
    letters = sorted({letter for letter in text if not letter.isascii()} - set(FORBIDDEN))
    missing = letters if not _can_print("".join(letters)) else []
    signs = {ord(letter): MISSING for letter in missing if not _can_print(letter)}
    return signs | dict.fromkeys(map(ord, FORBIDDEN), "")


@lru_cache(maxsize=4096)
def _can_print(text: str) -> bool:
    files = {
        "main": PROBE.encode(),
        "fonts.json": json.dumps(font_families()).encode(),
        "text.json": json.dumps(text).encode(),
    }
    try:
        typst.compile(files, font_paths=fonts(), pdf_standards=["ua-1"])  # type: ignore[call-overload]  # as in pdf
    except typst.TypstError:
        return False
    return True
