"""What a reply shows, without what is another at each visit or in each world by chance."""

from __future__ import annotations

import re
from typing import Any

BY_CHANCE = (
    re.compile(r'(?<=name="csrfmiddlewaretoken" value=")[^"]*'),
    re.compile(r'(?<=name="carried" value=")[^"]*'),
    re.compile(r'(?<=data-storage-key=")[^"]*'),
    re.compile(r'(?<=<output class="code">)\d{4} \d{4}'),  # for another device, drawn anew
    re.compile(r"(?<=/s/)[\w-]{22}(?=/)|(?<=/join/)[\w-]{22}(?=/)"),
    # When it happened to be tried; Django leaves out the minutes of a full hour.
    re.compile(r"(?<![\d:])\d{1,2}:\d\d(:\d\d(\.\d+)?)?( [ap]\.m\.)?"),
    re.compile(r"\b\d{1,2} [ap]\.m\.|\b(?:noon|midnight)\b"),
    re.compile(r"\bnaite_[0-9a-f]+\b"),  # keys, drawn anew
    re.compile(r"\b[0-9a-f]{64}\b"),  # digests of rows whose ids are drawn
    re.compile("…[0-9a-f]{6}\\b".encode().decode("latin-1")),  # the ends of such ids
)
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# Follow from the body, or are secrets of the browser: their names are compared.
VARIABLE = {"Content-Length", "ETag", "RateLimit-Remaining", "RateLimit-Reset"}


def seen(reply: Any) -> str:
    """Status, headers, cookies by name, and body. Ids are numbered in the order in which they come: one
    that stands twice is still the same one."""
    assert reply.status_code < 500
    content = b"".join(reply) if getattr(reply, "streaming", False) else reply.content
    heads = sorted(f"{k}: {'' if k in VARIABLE else v}" for k, v in reply.items())
    cookies = sorted(f"{k}={'set' if v.value else ''}" for k, v in reply.cookies.items())
    return without_chance(
        "\n".join([str(reply.status_code), *heads, *cookies, content.decode("latin-1")])
    )


def without_chance(text: str) -> str:
    for chance in BY_CHANCE:
        text = chance.sub("*", text)
    numbers: dict[str, str] = {}
    return ID.sub(lambda id: numbers.setdefault(id.group(), f"id {len(numbers)}"), text)
