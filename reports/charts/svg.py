"""Write SVG in which every text and every attribute is escaped."""

from __future__ import annotations

import unicodedata
from functools import cache
from html import escape
from typing import Literal

from pydantic_core import core_schema


class Svg(str):
    """Finished SVG, safe to insert in a page. Only the functions here make it, from escaped parts."""

    __slots__ = ()

    def __html__(self) -> str:
        """Tell templates that this text needs no escaping."""
        return self

    @classmethod
    def __get_pydantic_core_schema__(cls, *_of_pydantic: object) -> core_schema.CoreSchema:
        """Read a picture as it was stored. It is trusted because only `build_report` stores documents."""
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema())


Side = Literal["below", "above", "up", "down", "none"]
"""The colour of a mark: orange below the need or really down, blue above or really up."""

# On a page the style sheet sets the colours. A document or a mail has no style sheet: there these
# rules for the same classes are inserted into the SVG, in the light colours.
_PRINT_STYLES = (
    "text{font-family:Pretendard,sans-serif;fill:#544f46}"
    "path,line,polyline{fill:none}.axis,.track,.grid{stroke:#e0d9cb}.tick{stroke:#8f8777}"
    ".missing{stroke-dasharray:2 5;stroke:#8f8777}"
    ".scale,.axis-label{font-size:10.5px;fill:#6d675c}.ring{stroke:#1c5a45}"
    ".ring-now{stroke-width:3.25}.ring-1{stroke-width:1.5;opacity:.62}"
    ".ring-2{stroke-width:1.25;opacity:.44}.ring-3{stroke-width:1;opacity:.3}"
    ".ring-need{stroke:#211f1a;stroke-width:1.5;stroke-dasharray:5 4}"
    ".ring-org{stroke:#544f46;stroke-width:1.5;stroke-dasharray:1 4;stroke-linecap:round}"
    ".orgmark{stroke:#211f1a;stroke-width:2}"
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
    """Return one element. `class_` is written class, `text_anchor` text-anchor; None is left out."""
    attribute_text = "".join(
        f' {_attribute_name(key)}="{_attribute_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if not children:
        return Svg(f"<{name}{attribute_text}/>")
    return Svg(f"<{name}{attribute_text}>{''.join(children)}</{name}>")


def escape_text(text: str) -> Svg:
    """Return text, escaped and without the control characters that XML does not allow."""
    return Svg(
        escape(
            text
            if text.isprintable()
            else "".join(character for character in text if character >= " ")
        )
    )


@cache
def _attribute_name(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _attribute_value(value: object) -> str:
    """Return a coordinate rounded to a tenth of a pixel; any other value as escaped text."""
    if isinstance(value, float):
        return f"{value + 0.0:.1f}"
    return str(value) if isinstance(value, int) else escape_text(str(value))


def text_width(text: str, size: float) -> float:
    """Estimate the width of a text in pixels; `size` is the font size. Hangul fills its square, Latin
    about half."""
    return sum(_letter_width(letter) for letter in text) * size


def _letter_width(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return 0.88
    return 0.3 if letter in " .,·:;'iljI|" else 0.57


def for_print(svg: Svg) -> Svg:
    """Return the picture for a document or a mail: with its own style rules and the XML namespace."""
    head, space, rest = svg.partition(" ")
    body_at = rest.index(">") + 1
    opening_tag = f'{head}{space}xmlns="http://www.w3.org/2000/svg" {rest[:body_at]}'
    return Svg(f"{opening_tag}<style>{_PRINT_STYLES}</style>{rest[body_at:]}")
