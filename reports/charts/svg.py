"""The pen: writes SVG in which every word and every attribute is escaped."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache
from html import escape
from typing import Literal


class Svg(str):
    """Finished SVG. Only the functions here make it, so nothing unescaped can get in."""

    __slots__ = ()

    def __html__(self) -> str:
        """What a template asks of text that needs no escaping any more."""
        return self


Side = Literal["below", "above", "up", "down", "none"]
"""Which colour a mark has: orange below the need or really down, blue above or really up."""

# The style sheet of the page carries the colours. A document or a mail has no style sheet, so
# the same names are spelled out there, in the light colours.
_PAPER = (
    "text{font-family:Pretendard,sans-serif;fill:#544f46}"
    "path,line,polyline{fill:none}.axis,.track,.grid{stroke:#e0d9cb}.tick{stroke:#8f8777}"
    ".missing{stroke-dasharray:2 5;stroke:#8f8777}"
    ".scale,.axis-label{font-size:10.5px;fill:#6d675c}.ring{stroke:#1c5a45}"
    ".ring-now{stroke-width:3.25}.ring-1{stroke-width:1.5;opacity:.62}"
    ".ring-2{stroke-width:1.25;opacity:.44}.ring-3{stroke-width:1;opacity:.3}"
    ".ring-need{stroke:#211f1a;stroke-width:1.5;stroke-dasharray:5 4}"
    ".short{fill:#f3d2b3;opacity:.75}.over{fill:#c2dbf5;opacity:.85}"
    "line.interval{stroke:#211f1a;stroke-width:1.5}"
    ".dot{fill:#faf7f0;stroke:#1c5a45;stroke-width:3}"
    ".axis-name{font-size:16px;font-weight:700;fill:#211f1a}.axis-num,.axis-gap{font-size:14px}"
    ".strong{font-weight:700;fill:#211f1a}.axis-gap{font-weight:700}"
    ".unknown .strong{font-weight:400;fill:#544f46}"
    "line.gap{stroke-width:4}circle.need{fill:#faf7f0;stroke:#211f1a;stroke-width:2}"
    "path.leader{fill:#1c5a45}.cut{stroke:#6d675c;stroke-dasharray:3 4}"
    ".quadrant{font-size:13px}.label{font-size:12.5px;fill:#211f1a}.on{font-weight:700}"
    ".point{stroke:#faf7f0;stroke-width:1.5}.halo{fill:none;stroke:#211f1a;stroke-width:1.5}"
    ".rank-in{font-size:11px;font-weight:700;fill:#faf7f0}"
    "polyline.past{stroke:#8f8777;stroke-width:1.5}polyline.last{stroke-width:2.5}"
    ".mid{fill:#8f8777}"
) + "".join(
    f".axis-gap.{side},.{side} .level,.level.{side},.point.{side},.end.{side},.{side} rect"
    f"{{fill:{colour}}}.{side} .gap,.last.{side}{{stroke:{colour}}}"
    for side, colour in {
        "below": "#994a10",
        "down": "#994a10",
        "above": "#1f5f9e",
        "up": "#1f5f9e",
        "none": "#7a7468",
    }.items()
)


def element(name: str, /, *children: Svg, **attributes: object) -> Svg:
    """One element. `class_` is written class, `text_anchor` text-anchor; None is left out."""
    written = "".join(
        f' {_spelt(key)}="{_plain(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if not children:
        return Svg(f"<{name}{written}/>")
    return Svg(f"<{name}{written}>{''.join(children)}</{name}>")


def escape_text(text: str) -> Svg:
    """Text, escaped, and without the characters that no XML may hold."""
    return Svg(escape(text if text.isprintable() else "".join(one for one in text if one >= " ")))


def join_svg(parts: Iterable[Svg]) -> Svg:
    return Svg("".join(parts))


@cache
def _spelt(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _plain(value: object) -> str:
    """A coordinate to a tenth of a pixel; everything else as it is."""
    if isinstance(value, float):
        return f"{value + 0.0:.1f}"
    return str(value) if isinstance(value, int) else escape_text(str(value))


def text_width(text: str, size: float) -> float:
    """About how wide a text is drawn, in pixels: Hangul fills its square, Latin about half."""
    return sum(_advance(letter) for letter in text) * size


def _advance(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return 0.88
    return 0.3 if letter in " .,·:;'iljI|" else 0.57


def for_print(svg: Svg) -> Svg:
    """The same picture for a document or a mail: its own colours, no style sheet needed."""
    head, space, rest = svg.partition(" ")
    body_at = rest.index(">") + 1
    opened = f'{head}{space}xmlns="http://www.w3.org/2000/svg" {rest[:body_at]}'
    return Svg(f"{opened}<style>{_PAPER}</style>{rest[body_at:]}")
