"""What the columns of a spreadsheet of ratings and of a list of head-counts may be called, in every language."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from assessments.rubrics import Rubric
from organizations.languages import current_language, words_by_meaning
from organizations.people_import.columns import HEADERS as PEOPLE_HEADERS
from organizations.tables.mapping import fold

IMPORTANCE_SUFFIX = ".importance"
HEADCOUNTS = "headcounts"  # the kind of remembered columns; that of ratings has the rubric's slug
RATING_HEADERS: Mapping[str, Promise] = {
    "team": PEOPLE_HEADERS["team"],
    "role": pgettext_lazy("names of a column", "role, answers as, respondent type"),
    "person": pgettext_lazy(
        "names of a column", "person, respondent, participant, pseudonym, code"
    ),
}
HEADCOUNT_HEADERS: Mapping[str, Promise] = {
    "team": PEOPLE_HEADERS["team"],
    "headcount": pgettext_lazy(
        "names of a column",
        "headcount, people, team size, size, members, employees, number of people, count",
    ),
}
LABELS: Mapping[str, Promise] = {
    "team": gettext_lazy("Team"),
    "role": gettext_lazy("Member or lead"),
    "person": gettext_lazy("Pseudonym"),
    "headcount": gettext_lazy("Team size"),
}
ROLE_WORDS: Mapping[str, Promise] = {
    "member": pgettext_lazy("words in a cell", "member, team member, employee, staff"),
    "lead": pgettext_lazy("words in a cell", "lead, leader, team lead, team leader"),
}
IMPORTANCE_WORDS = pgettext_lazy("words in a cell", "importance, important")
# What forms write about a response, and who gave it: never imported, and never asked about.
NEEDLESS = pgettext_lazy(
    "names of a column",
    "id, no, number, timestamp, start date, end date, start time, completion time, end time, "
    "last modified time, date created, date modified, recorded date, status, progress, finished, "
    "duration, duration (in seconds), ip address, response id, respondent id, collector id, "
    "response type, email, email address, name, full name, first name, last name, username, "
    "recipient email, recipient first name, recipient last name, external reference, "
    "external data reference, location latitude, location longitude, distribution channel, "
    "user language, custom data 1, score, total points, quiz feedback",
)


def kind_of_ratings(rubric: str) -> str:
    """Return the kind of remembered columns of files of this rubric, by its slug."""
    return f"ratings {rubric}"[:60]


def rating_fields(rubric: Rubric) -> list[str]:
    """Return the fields of the rubric's capabilities: the level of each, then the importance of each."""
    slugs = [capability.slug for capability in rubric.capabilities]
    return [*slugs, *(slug + IMPORTANCE_SUFFIX for slug in slugs)]


def rating_words(rubric: Rubric) -> dict[str, str]:
    """Return every name that a column may have, folded -> its field."""
    words: dict[str, str] = {}
    importance = words_by_meaning({"importance": IMPORTANCE_WORDS})
    for capability in rubric.capabilities:
        for name in {capability.slug, *capability.name.texts.values()}:
            key = fold(name)
            words[key] = capability.slug
            for word in importance:
                field = capability.slug + IMPORTANCE_SUFFIX
                for spelling in (
                    f"{key}{word}",
                    f"{key}({word})",
                    f"{key}[{word}]",
                    f"{word}{key}",
                ):
                    words.setdefault(spelling, field)
    return words | words_by_meaning(RATING_HEADERS)


def headcount_words() -> dict[str, str]:
    return words_by_meaning(HEADCOUNT_HEADERS)


def needless_names() -> frozenset[str]:
    return frozenset(words_by_meaning({"needless": NEEDLESS}))


def rating_choices(rubric: Rubric) -> list[tuple[str, str]]:
    """Return field -> label for the choice of what a column means."""
    language = current_language()
    names = {each.slug: each.name.in_(language) for each in rubric.capabilities}
    return [
        *((field, str(LABELS[field])) for field in RATING_HEADERS),
        *names.items(),
        *(
            (slug + IMPORTANCE_SUFFIX, _("%(name)s: importance") % {"name": name})
            for slug, name in names.items()
        ),
    ]


def headcount_choices() -> list[tuple[str, str]]:
    return [(field, str(LABELS[field])) for field in HEADCOUNT_HEADERS]
