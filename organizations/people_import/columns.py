"""The names of the columns in a list of people, and the values of their cells, in every language of the
installation: whoever brings a list may have made it in another one than their own.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override, pgettext, pgettext_lazy

from organizations.languages import (
    each_language,
    language_codes,
    language_names,
    own_name,
    words_by_meaning,
)
from organizations.models import Role
from organizations.tables.mapping import fold
from organizations.tables.table import gettext_noop
from organizations.tables.writing import write_table

MAX_EMAIL_LENGTH = 254
KIND = "people"  # of remembered columns
# What a column may be called, divided by commas; the first is its name in the example file.
HEADERS: Mapping[str, Promise] = {
    "name": pgettext_lazy(
        "names of a column",
        "name, full name, display name, employee name, person, member name, user name",
    ),
    "email": pgettext_lazy(
        "names of a column", "email, mail, email address, mail address, work email, primary email"
    ),
    "team": pgettext_lazy(
        "names of a column",
        "team, team name, department, department name, dept, org unit, org unit path, "
        "organizational unit, unit",
    ),
    "language": pgettext_lazy("names of a column", "language, preferred language"),
    "role": pgettext_lazy("names of a column", "role"),
    "leads": pgettext_lazy(
        "names of a column", "leads, lead, leader, leads this team, team lead, team leader, is lead"
    ),
}
PARTS_OF_A_NAME: Mapping[str, Promise] = {
    "first_name": pgettext_lazy("names of a column", "first name, given name, forename"),
    "last_name": pgettext_lazy("names of a column", "last name, surname, family name"),
}
# Columns of other programs that are left out without a question.
NEEDLESS = pgettext_lazy(
    "names of a column",
    "no, number, id, employee id, employee number, phone, phone number, mobile, mobile phone, "
    "hire date, start date, birthday, date of birth, address, notes, comment, status",
)
LABELS: Mapping[str, Promise] = {
    "name": pgettext_lazy("of a person", "Name"),
    "first_name": gettext_lazy("First name"),
    "last_name": gettext_lazy("Last name"),
    "email": gettext_lazy("Email"),
    "team": gettext_lazy("Team"),
    "leads": gettext_lazy("Team lead"),
    "role": gettext_lazy("Role"),
    "language": gettext_lazy("Language"),
}
YES = pgettext_lazy("words in a cell", "yes, y, true, t, 1, lead, leader, team lead, team leader")
NO = pgettext_lazy("words in a cell", "no, n, false, f, 0, member, staff")
# The marks for yes and no: in Korea and Japan O is yes and X is no.
YES_MARKS = ("o", "○", "◯", "〇", "⭕", "●", "ㅇ", "v", "✓", "✔", "☑", "√")
NO_MARKS = ("x", "×", "✕", "✖", "✗", "✘", "❌", "☒")

NO_COLUMN = gettext_noop("Missing column: %(column)s")
NO_ROWS = gettext_noop("There's nobody in this file. Add rows below the column names.")
NO_NAME = gettext_noop("Missing name.")
LONG_NAME = gettext_noop("Names can have up to %(limit)s characters.")
NO_TEAM = gettext_noop("New people without a team join the organization itself: %(count)s")
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
    """Return what a column may be called, in any language -> the field that it fills."""
    return words_by_meaning(PARTS_OF_A_NAME) | words_by_meaning(HEADERS)


def needless_names() -> frozenset[str]:
    return frozenset(words_by_meaning({"needless": NEEDLESS}))


def roles_by_word() -> dict[str, str]:
    return {
        **words_by_meaning({role.value: role.label for role in Role}),
        **{role: role for role in Role},
    }


def languages_by_word() -> dict[str, str]:
    """Return a language's code, its own name and its names in the other languages -> the code."""
    words = {fold(own_name(code)): code for code in language_codes()}
    for _language in each_language():
        words |= {fold(name): code for code, name in language_names().items()}
    return words | {fold(code): code for code in language_codes()}


def answers_by_word() -> dict[str, bool]:
    """Return the words and marks for yes and no, in any language -> the answer."""
    answers = {
        word: answer == "yes" for word, answer in words_by_meaning({"yes": YES, "no": NO}).items()
    }
    marks = {fold(mark): True for mark in YES_MARKS} | {fold(mark): False for mark in NO_MARKS}
    return answers | marks


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
