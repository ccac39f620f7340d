"""Read how many people are in each team, from a table with two columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from assessments.imports import rating_columns
from assessments.imports.file_problems import FileReading
from assessments.imports.rating_words import whole_number
from assessments.imports.table_files import open_table, read_team, rows_without_totals
from organizations.tables.table import Choice, Question, Sentence, gettext_noop
from organizations.team_tree import SEPARATOR, TeamPath

PARENTS = "parents"  # the key of the question
INCLUDED, DIRECT = "included", "direct"
ASK_PARENTS = gettext_noop(
    "The number is the sum of the teams below: %(teams)s. What does it count?"
)
SUM_OF_BELOW = gettext_noop("Everyone in the teams below: nobody is directly in it")
DIRECTLY_IN_IT = gettext_noop("People directly in it, besides those in the teams below")

Headcounts = dict[TeamPath, tuple[int, int]]  # team -> people directly in it, and the line


def read_headcounts(file: FileReading, raw: bytes) -> Headcounts:
    """Return the head-count of every team in the file."""
    table, found = open_table(
        file, raw, rating_columns.headcount_words(), rating_columns.needless_names()
    )
    if "headcount" not in found:
        file.add_header_problem(_("Missing column: “headcount”."))
    file.stop_if_columns_are_wrong()
    counts: Headcounts = {}
    places = {each.field: each.index for each in file.columns if each.field}
    for row in rows_without_totals(file, table, found["team"]):
        cells = {field: row.cells[position] for field, position in found.items()}
        _read_headcount(file, row.line, cells, places, counts)
    return counts


def _read_headcount(
    file: FileReading,
    line: int,
    cells: Mapping[str, str],
    places: Mapping[str, int],
    counts: Headcounts,
) -> None:
    team = read_team(file, line, places["team"], cells["team"])
    number = whole_number(cells["headcount"])
    if team in counts:
        values = {"line": counts[team][1], "team": cells["team"]}
        file.add_problem(line, _("Duplicate of line %(line)s: %(team)s") % values, places["team"])
    if number is None:
        text = _("Team size must be a whole number. Found: %(value)s")
        values = {"value": cells["headcount"][:40]}
        file.add_problem(line, text % values, places["headcount"])
    else:
        counts.setdefault(team, (number, line))


def settle_parents(file: FileReading, counts: Headcounts, answered: Counter[TeamPath]) -> None:
    """Ask about teams whose number is the sum of those below, and count nobody in them if it is.

    Where some of them have answers of their own, the default is that the number is theirs.
    """
    sums = [team for team in counts if _is_sum_of_below(team, counts)]
    if not sums:
        return
    default = DIRECT if any(answered[team] for team in sums) else INCLUDED
    shown = ", ".join(SEPARATOR.join(team) or "/" for team in sums[:3])
    question = Question(
        PARENTS,
        Sentence(ASK_PARENTS, {"teams": shown + (", …" if len(sums) > 3 else "")}),
        (Choice(INCLUDED, Sentence(SUM_OF_BELOW)), Choice(DIRECT, Sentence(DIRECTLY_IN_IT))),
        default,
    )
    file.questions.append(question)
    if file.answer(PARENTS) == INCLUDED:
        for team in sums:
            counts[team] = (0, counts[team][1])


def _is_sum_of_below(team: TeamPath, counts: Headcounts) -> bool:
    """Return whether the number is that of the nearest teams below together."""
    below = [other for other in counts if len(other) > len(team) and other[: len(team)] == team]
    nearest = [other for other in below if not _has_between(other, team, below)]
    number = counts[team][0]
    return number > 0 and bool(nearest) and number == sum(counts[each][0] for each in nearest)


def _has_between(low: TeamPath, high: TeamPath, teams: Sequence[TeamPath]) -> bool:
    return any(len(high) < depth and low[:depth] in teams for depth in range(len(low)))


def compare_headcounts(file: FileReading, counts: Headcounts, answered: Counter[TeamPath]) -> None:
    """Report teams with more ratings than people. Leads are not counted in a head-count."""
    column = next((each.index for each in file.columns if each.field == "headcount"), None)
    for team, (number, line) in counts.items():
        if number < answered[team]:
            values = {
                "team": SEPARATOR.join(team) or "/",
                "rows": answered[team],
                "number": number,
            }
            text = _(
                "Team size is smaller than the number of responses. Team size: %(number)s, "
                "responses: %(rows)s, team: %(team)s"
            )
            file.add_problem(line, text % values, column)
