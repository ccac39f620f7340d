"""Slashes in the names of teams: “B2B/B2C” is one name, unless one says otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from organizations.tables.table import Choice, Question, Sentence, gettext_noop
from organizations.team_tree import has_slash_in_a_name

SLASHES = "slashes"  # the key of the question
ONE_NAME, LEVELS = "name", "levels"
ASK_SLASHES = gettext_noop("Some team names contain a slash without spaces: %(names)s")
SLASH_IN_NAME = gettext_noop("It belongs to the name: one team")
SLASH_SEPARATES = gettext_noop("It separates levels: a team and the team above it")


def ask_for_slashes(cells: Iterable[str]) -> list[Question]:
    names = list(dict.fromkeys(cell[:40] for cell in cells if has_slash_in_a_name(cell)))
    if not names:
        return []
    question = Question(
        SLASHES,
        Sentence(ASK_SLASHES, {"names": ", ".join(names[:3])}),
        (
            Choice(ONE_NAME, Sentence(SLASH_IN_NAME)),
            Choice(LEVELS, Sentence(SLASH_SEPARATES)),
        ),
        ONE_NAME,
        is_optional=True,
    )
    return [question]


def separates(answers: Mapping[str, str]) -> bool:
    return answers.get(SLASHES) == LEVELS
