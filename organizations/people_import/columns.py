"""The names of the columns in a list of people, and the values of their cells, in English and Korean."""

from __future__ import annotations

from organizations.csv_files import gettext_noop, write_table

MAX_EMAIL_LENGTH = 254
HEADERS: dict[str, tuple[str, ...]] = {
    "name": ("name", "full name", "이름", "성명"),
    "email": ("email", "mail", "email address", "이메일", "메일", "전자우편", "이메일 주소"),
    "team": ("team", "팀", "부서", "소속"),
    "language": ("language", "언어"),
    "role": ("role", "역할", "권한"),
    "leads": ("leads", "lead", "leader", "leads this team", "리더", "팀장", "이 팀의 리더"),
}
REQUIRED = ("name", "email")
ROLES = {
    "owner": "owner",
    "소유자": "owner",
    "leader": "leader",
    "리더": "leader",
    "admin": "admin",
    "administrator": "admin",
    "관리자": "admin",
    "analyst": "analyst",
    "분석가": "analyst",
    "member": "member",
    "구성원": "member",
}
LANGUAGES = {
    "en": "en",
    "english": "en",
    "영어": "en",
    "ko": "ko",
    "kr": "ko",
    "korean": "ko",
    "한국어": "ko",
}
YES = {"yes", "y", "true", "1", "x", "o", "예", "네", "리더"}
NO = {"", "no", "n", "false", "0", "-", "아니요", "아니오"}

NO_COLUMN = gettext_noop("A column is missing: %(column)s")
NO_ROWS = gettext_noop("There is nobody in this file: below the names of the columns it is empty.")
NO_NAME = gettext_noop("The name is missing.")
LONG_NAME = gettext_noop("A name may have at most %(limit)s characters.")
NO_EMAIL = gettext_noop("The e-mail is missing.")
BAD_EMAIL = gettext_noop("This is not an e-mail address: %(found)s")
DUPLICATE_EMAIL = gettext_noop("This e-mail is in line %(first)s already: %(found)s")
BAD_ROLE = gettext_noop(
    "There is no such role: %(found)s. Use owner, leader, admin, analyst or member."
)
BAD_LANGUAGE = gettext_noop("There is no such language here: %(found)s. Use en or ko.")
BAD_LEADS = gettext_noop("Write yes or no for whether someone leads the team, not: %(found)s")
DEEP_TEAM = gettext_noop("Teams may stand at most 8 deep: %(found)s")
EMPTY_TEAM = gettext_noop("A part of this path is empty: %(found)s")
LONG_TEAM = gettext_noop("A team's name may have at most 120 characters: %(found)s")
TEMPLATES: dict[str, tuple[tuple[str, ...], list[tuple[str, ...]]]] = {
    "en": (
        ("name", "e-mail", "team", "language", "role", "leads"),
        [
            ("Kim Minji", "minji.kim@example.com", "Growth", "en", "leader", "yes"),
            ("Alex Park", "alex.park@example.com", "Growth / Brand", "en", "member", "no"),
        ],
    ),
    "ko": (
        ("이름", "이메일", "팀", "언어", "역할", "리더"),
        [
            ("김민지", "minji.kim@example.com", "성장", "ko", "리더", "예"),
            ("박서준", "seojun.park@example.com", "성장 / 브랜드", "ko", "구성원", "아니요"),
        ],
    ),
}


def match_header(header: str) -> str:
    """Return which column a header names; empty if none."""
    folded = " ".join(header.casefold().replace("-", "").replace("_", " ").split())
    return next((column for column, names in HEADERS.items() if folded in names), "")


def template(language: str) -> bytes:
    """Return an example file in the reader's language, to be filled in and uploaded."""
    return write_table(*TEMPLATES.get(language, TEMPLATES["en"]))
