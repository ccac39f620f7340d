"""The names of the columns in a list of people, and the values of their cells, in every language of the
installation: whoever brings a list may have made it in another one than their own.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext, pgettext_lazy

from organizations.csv_files import gettext_noop, write_table
from organizations.languages import each_language, language_codes, language_names, own_name
from organizations.models import Role

MAX_EMAIL_LENGTH = 254
# What a column may be called, divided by commas; the first is its name in the example file.
HEADERS: Mapping[str, Promise] = {
    "name": pgettext_lazy("names of a column", "name, full name"),
    "email": pgettext_lazy("names of a column", "email, mail, email address"),
    "team": pgettext_lazy("names of a column", "team"),
    "language": pgettext_lazy("names of a column", "language"),
    "role": pgettext_lazy("names of a column", "role"),
    "leads": pgettext_lazy("names of a column", "leads, lead, leader, leads this team"),
}
REQUIRED = ("name", "email")
YES = pgettext_lazy("words in a cell", "yes, y, true, 1, x, o")
NO = pgettext_lazy("words in a cell", "no, n, false, 0")

NO_COLUMN = gettext_noop("Missing column: %(column)s")
NO_ROWS = gettext_noop("There's nobody in this file. Add rows below the column names.")
NO_NAME = gettext_noop("Missing name.")
LONG_NAME = gettext_noop("Names can have up to %(limit)s characters.")
NO_EMAIL = gettext_noop("Missing email.")
BAD_EMAIL = gettext_noop("Not an email address: %(found)s")
DUPLICATE_EMAIL = gettext_noop("Duplicate of line %(first)s: %(found)s")
BAD_ROLE = gettext_noop("Unknown role: %(found)s. Use owner, leader, admin, analyst or member.")
BAD_LANGUAGE = gettext_noop("Unknown language: %(found)s. Use one of: %(allowed)s.")
BAD_LEADS = gettext_noop("Team lead must be yes or no. Found: %(found)s")
DEEP_TEAM = gettext_noop("Teams can be nested up to 8 levels: %(found)s")
EMPTY_TEAM = gettext_noop("Part of this path is empty: %(found)s")
LONG_TEAM = gettext_noop("Team names can have up to 120 characters: %(found)s")


def column_names() -> dict[str, str]:
    """Return what a column may be called, in any language -> the column."""
    return _by_word(HEADERS)


def roles_by_word() -> dict[str, str]:
    return {**_by_word({role.value: role.label for role in Role}), **{role: role for role in Role}}


def languages_by_word() -> dict[str, str]:
    """Return a language's code, its own name and its names in the other languages -> the code."""
    words = {own_name(code).casefold(): code for code in language_codes()}
    for _language in each_language():
        words |= {name.casefold(): code for code, name in language_names().items()}
    return words | {code: code for code in language_codes()}


def answers_by_word() -> dict[str, bool]:
    """Return the words for yes and no, in any language -> the answer. An empty cell means no."""
    answers = _by_word({"yes": YES, "no": NO})
    return {"": False, **{word: answer == "yes" for word, answer in answers.items()}}


def _by_word(words: Mapping[str, Promise | str]) -> dict[str, str]:
    return {
        fold(word): meaning
        for _language in each_language()
        for meaning, text in words.items()
        for word in str(text).split(",")
    }


def fold(word: str) -> str:
    """Return the word as it is compared: without capitals, hyphens and underlines inside."""
    return " ".join(word.casefold().replace("-", "").replace("_", " ").split())


def example_file(language: str) -> bytes:
    """Return a file in this language, to be filled in and uploaded."""
    with override(language):
        yes, no = (str(words).partition(",")[0] for words in (YES, NO))
        leader, member = str(Role.LEADER.label), str(Role.MEMBER.label)
        team, part = pgettext("a team", "Growth"), pgettext("a team", "Brand")
        rows = [
            (_("Kim Minji"), "minji.kim@example.com", team, language, leader, yes),
            (_("Park Seojun"), "seojun.park@example.com", f"{team} / {part}", language, member, no),
        ]
        return write_table([str(names).partition(",")[0] for names in HEADERS.values()], rows)
