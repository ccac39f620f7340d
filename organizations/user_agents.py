"""Name the browser and the system in a User-Agent header. The header itself is not stored."""

from __future__ import annotations

# A part of the header -> the name. The first match counts: most browsers also name others.
BROWSERS = (
    ("KAKAOTALK", "KakaoTalk"),
    ("NAVER(", "NAVER"),
    ("Whale/", "Whale"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)


def browser_of(agent: str) -> str:
    """Return the name of the browser; empty if unknown."""
    return _first_match(BROWSERS, agent)


def system_of(agent: str) -> str:
    """Return the name of the system; empty if unknown."""
    return _first_match(SYSTEMS, agent)


def _first_match(names: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for part, name in names if part in agent), "")
