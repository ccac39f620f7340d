"""A rubric file is read completely or refused with every problem and its line."""

from __future__ import annotations

import unicodedata

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as some

from assessments import rubrics
from assessments.rubrics import consistency, parser, yaml_reader
from assessments.rubrics.problems import MAX_BYTES, MAX_DEPTH, MAX_NODES, MAX_PROBLEMS
from assessments.rubrics.storage import LIBRARY_DIRECTORY

SOURCE = (LIBRARY_DIRECTORY / "marketing-value.yaml").read_text()


def problems(raw: bytes | str) -> list[tuple[int, str, str]]:
    with pytest.raises(rubrics.RubricProblems) as refused:
        rubrics.read_rubric(raw)
    return [(one.line, one.path, one.message) for one in refused.value.problems]


@pytest.mark.parametrize(
    ("slug", "dimensions", "capabilities"),
    [
        ("marketing-value", 6, 36),
        ("cmo-collaboration", 3, 12),
        ("customer-driven-disruption", 4, 16),
    ],
)
def test_the_built_in_rubrics_load(slug: str, dimensions: int, capabilities: int) -> None:
    one = rubrics.built_in(slug)
    assert (len(one.dimensions), len(one.capabilities)) == (dimensions, capabilities)
    assert all(len(item.levels) == 5 for item in one.capabilities)
    assert [one.index_of(item.slug) for item in one.capabilities] == list(range(capabilities))


def test_every_file_of_the_library_is_built_in() -> None:
    assert rubrics.BUILT_IN[0] == "marketing-value"
    assert set(rubrics.BUILT_IN) == {path.stem for path in LIBRARY_DIRECTORY.glob("*.yaml")}


@pytest.mark.parametrize("slug", rubrics.BUILT_IN)
def test_what_is_stored_or_given_back_is_the_same_rubric(slug: str) -> None:
    one = rubrics.built_in(slug)
    assert rubrics.from_document(rubrics.to_document(one)) == one
    assert rubrics.digest(rubrics.read_rubric(rubrics.to_yaml(one))) == rubrics.digest(one)


def test_the_customer_value_grid_has_no_empty_cell() -> None:
    one = rubrics.built_in("marketing-value")
    cells = [
        (dimension.slug, item.lifecycle_stage)
        for dimension in one.dimensions
        if dimension.side == "customer"
        for item in dimension.capabilities
    ]
    assert {cells.count(cell) for cell in cells} == {2}
    assert len(set(cells)) == 9


TRICKS: dict[str, tuple[bytes, str]] = {
    "an anchor": (b"a: &x 1", yaml_reader.ANCHOR),
    "an alias": (b"a: *x", yaml_reader.ALIAS),
    "a bomb of aliases": (b"a: &a [x]\nb: &b [*a,*a]\nc: [*b,*b]", yaml_reader.ANCHOR),
    "a tag": (b"a: !!python/object:os.system x", yaml_reader.TAG),
    "a merge key": (b"<<: {a: 1}", yaml_reader.MERGE),
    "a field twice": (b"a: 1\nb: 2\na: 3", yaml_reader.DUPLICATE_FIELD),
    "two documents": (b"a: 1\n---\nb: 2", yaml_reader.TWO_DOCUMENTS),
    "no plain name": (b"? [a]\n: b", yaml_reader.NOT_A_NAME),
    "an empty name": (b"'': b", yaml_reader.NOT_A_NAME),
    "a name that turns around": ("a\u202eb: c".encode(), yaml_reader.NOT_A_NAME),
    "an endless name": (b"? " + b"a" * 9_000 + b"\n: b", yaml_reader.NOT_A_NAME),
    "lists in lists": (b"[" * 100_000, yaml_reader.TOO_DEEP),
    "fields in fields": (b"{a: " * 100_000, yaml_reader.TOO_DEEP),
    "ten megabytes": (b"x" * 10_000_000, yaml_reader.TOO_LARGE),
    "many parts": (b"[" + b"1," * 30_000 + b"]", yaml_reader.TOO_MUCH),
    "UTF-16": ("a: 1".encode("utf-16"), yaml_reader.NOT_UTF8),
    "a NUL": (b"a: \x00", yaml_reader.UNREADABLE),
    "an escape": (b"a: \x1b[31m", yaml_reader.UNREADABLE),
    "an escaped NUL": (b'a: "\\0"', yaml_reader.UNREADABLE),
    "an escaped bell": (b'a: "\\a"', yaml_reader.UNREADABLE),
    "no character at all": ("a: \uffff".encode(), yaml_reader.UNREADABLE),
    "half a character": (b'a: "\\ud800"', yaml_reader.NOT_YAML),
    "nothing": (b"", yaml_reader.EMPTY),
    "only a comment": (b"# nothing", yaml_reader.EMPTY),
    "broken YAML": (b"a: [1, 2", yaml_reader.NOT_YAML),
    "a list": (b"- a", parser.NOT_A_RUBRIC),
    "no fields in it": (b"schema_version: 1\nrubric: x", parser.NOT_A_RUBRIC),
}


@pytest.mark.parametrize("trick", TRICKS)
def test_what_could_grow_run_or_mislead_is_refused(trick: str) -> None:
    raw, message = TRICKS[trick]
    assert [said for _, _, said in problems(raw)] == [message]


def test_nothing_is_built_of_what_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refusing costs no more than the part that was read: a bomb is never unfolded."""
    taken: list[object] = []
    real = yaml_reader._YamlReader._take

    def counted(self: yaml_reader._YamlReader, event: yaml.Event) -> None:
        taken.append(event)
        real(self, event)

    monkeypatch.setattr(yaml_reader._YamlReader, "_take", counted)
    problems(b"[" * 100_000)
    assert len(taken) < MAX_DEPTH + 10
    taken.clear()
    problems(b"a" * (MAX_BYTES + 1))
    assert taken == []
    problems(b"[" + b"1," * 200_000)
    assert len(taken) < MAX_NODES + 10
    taken.clear()
    assert len(problems(b"a: 1\n" * 90_000)) == MAX_PROBLEMS
    assert len(taken) < 3 * MAX_PROBLEMS


def test_every_problem_is_said_at_once_with_its_line() -> None:
    broken = (
        SOURCE.replace("schema_version: 1", "schema_version: 2\nowner: me", 1)
        .replace("version: 1.0.0", "version: 1.0.0\n  version: 1.0.1\n  colour:\n    a: red", 1)
        .replace("en: Exchange value", "en: ''", 1)
        .replace("weight: 1.0", "weight: .nan", 1)
        .replace("side: customer", "side: nobody", 1)
        .replace("slug: growth-agenda", "slug: needs-insight", 1)
        .replace("en: Teams name different growth priorities when asked.", 'en: "a\\0"', 1)
    )
    lines = broken.splitlines()
    assert [(lines[n - 1].strip(), path, said) for n, path, said in problems(broken)] == [
        ("schema_version: 2", "schema_version", parser.WRONG_SCHEMA),
        ("owner: me", "owner", parser.UNKNOWN),
        ("version: 1.0.1", "", yaml_reader.DUPLICATE_FIELD),
        ("colour:", "colour", parser.UNKNOWN),
        ("side: nobody", "dimensions[1].side", consistency.NO_SUCH),
        ("en: ''", "dimensions[1].name.en", parser.EMPTY_TEXT),
        ("weight: .nan", "dimensions[1].weight", parser.NOT_A_NUMBER),
        ("- slug: needs-insight", "dimensions[5].capabilities[1].slug", consistency.DUPLICATE_NAME),
        ('en: "a\\0"', "dimensions[5].capabilities[1].levels[1].en", yaml_reader.UNREADABLE),
    ]


def test_what_is_there_but_wrong_is_not_called_missing() -> None:
    """One wrong weight in every area leaves six areas, not none."""
    broken = SOURCE.replace("weight: 1.0", "weight: much")
    assert {said for _, _, said in problems(broken)} == {parser.NOT_A_NUMBER}


FIRST = "dimensions[1].capabilities[1]"
STAGE = "          lifecycle_stage: attract\n"


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("slug: needs-insight", "slug: growth-agenda", "dimensions[5].capabilities[1].slug"),
        ("slug: needs-insight", "slug: Needs Insight", f"{FIRST}.slug"),
        ("slug: needs-insight", "slug: team", f"{FIRST}.slug"),
        ("slug: experience\n", "slug: exchange\n", "dimensions[2].slug"),
        ("slug: emerging", "slug: ad-hoc", "scale[2].slug"),
        ("slug: not-applicable", "slug: not-observed", "opt_out_answers[2].slug"),
        ("slug: acquire\n", "slug: attract\n", "lifecycle_stages[2].slug"),
        ("lifecycle_stage: attract", "lifecycle_stage: sell", f"{FIRST}.lifecycle_stage"),
        (STAGE, "          item_type: luck\n", f"{FIRST}.item_type"),
        (STAGE, "          cost_type: money\n", f"{FIRST}.cost_type"),
        (STAGE, "          routine: NO\n", f"{FIRST}.routine"),
        ("side: customer", "side: nobody", "dimensions[1].side"),
        ("order: 1", "order: 1.5", "dimensions[1].order"),
        ("weight: 1.0", "weight: -1", "dimensions[1].weight"),
        ("weight: 1.0", "weight: 1_0", "dimensions[1].weight"),
        ("  version: 1.0.0\n", "", "version"),
        ("    - level: 2\n", "    - level: 1\n", "scale"),
        ("            - level: 2\n", "            - level: 3\n", f"{FIRST}.levels"),
        ("      - value: 2\n", "      - value: 1\n", "importance.options"),
        ("ko: 교환 가치", "ko: ''", "dimensions[1].name.ko"),
        ("ko: 교환 가치", 'ko: "\\u200b"', "dimensions[1].name.ko"),
        ("ko: 교환 가치", "ko: " + "가" * 601, "dimensions[1].name.ko"),
        ("ko: 교환 가치", "jp: 交換", "dimensions[1].name.ko"),
        ("      capabilities:", "      capabilitys:", "dimensions[1].capabilities"),
        (
            "en: Customer needs are researched only when a single project asks for it.",
            "en: Customer needs are assumed from team members' own experience.",
            f"{FIRST}.levels[2].en",
        ),
    ],
)
def test_each_mistake_is_pointed_at(old: str, new: str, path: str) -> None:
    assert old in SOURCE
    assert path in [where for _, where, _ in problems(SOURCE.replace(old, new, 1))]


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("item_type: customer-cost", "item_type: luck", f"{FIRST}.item_type"),
        ("cost_type: effort", "cost_type: luck", "dimensions[1].capabilities[3].cost_type"),
        ("type: value-eroding", "type: none", "dimensions[1].default_activity_type"),
        ("from: evaluate", "from: nowhere", "links[1].from"),
        ("      - stage: evaluate", "      - stage: nowhere", "exposure.questions[1].stage"),
        (
            "cost_type: time\n        en:",
            "cost_type: money\n        en:",
            "exposure.questions[2].stage",
        ),
        ("value: -2", "value: 2", "exposure.options"),
        ("value: -2", "value: 3", "exposure.options"),
        ("exposure:\n    scored: false", "exposure:\n    scored: true", "exposure.scored"),
    ],
)
def test_mistakes_about_exposure_are_pointed_at(old: str, new: str, path: str) -> None:
    source = (LIBRARY_DIRECTORY / "customer-driven-disruption.yaml").read_text()
    assert old in source
    assert path in [where for _, where, _ in problems(source.replace(old, new, 1))]


def test_no_area_may_weigh_nothing() -> None:
    weightless = SOURCE.replace("weight: 1.0", "weight: 0")
    areas = [f"dimensions[{place}].capabilities" for place in range(1, 7)]
    assert [path for _, path, _ in problems(weightless)] == ["dimensions", *areas]


def test_no_more_capabilities_than_anyone_would_answer() -> None:
    start = SOURCE.index("        - slug: needs-insight")
    end = SOURCE.index("        - slug: segmentation-targeting")
    item = SOURCE[start:end]
    many = "".join(item.replace("needs-insight", f"n-{number}") for number in range(166))
    assert [said for _, _, said in problems(SOURCE.replace(item, many))] == [
        consistency.TOO_MANY,
        parser.TOO_MANY,
    ]


@pytest.mark.parametrize("word", ["NO", "1.10", "12:30:45", "2026-01-01", "null", "0x1F"])
def test_a_text_stays_as_it_was_written(word: str) -> None:
    changed = SOURCE.replace("en: Exchange value", f"en: {word}", 1)
    assert rubrics.read_rubric(changed).dimensions[0].name.in_("en") == word


@pytest.mark.parametrize(
    "written",
    [
        '"Exchange\\u202e value"',
        '"Exchange\\n value"',
        '"Ex\\u200bchange value"',
        "Exchange   value",
    ],
)
def test_a_text_is_one_line_without_anything_unseen(written: str) -> None:
    changed = SOURCE.replace("en: Exchange value", f"en: {written}", 1)
    assert rubrics.read_rubric(changed).dimensions[0].name.in_("en") == "Exchange value"


def test_the_same_syllables_are_the_same_text() -> None:
    assert rubrics.digest(
        rubrics.read_rubric(unicodedata.normalize("NFD", SOURCE))
    ) == rubrics.digest(rubrics.built_in("marketing-value"))


def changed_by(*changes: tuple[str, str]) -> rubrics.Comparison:
    text = SOURCE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return rubrics.compare(rubrics.built_in("marketing-value"), rubrics.read_rubric(text))


def test_two_editions_are_compared_item_by_item() -> None:
    found = changed_by(
        ("slug: needs-insight", "slug: insight"),
        ("en: Segmentation & targeting", "en: Whom to pursue"),
        ("en: Prices are set by adding a margin to cost.", "en: Prices follow cost."),
        ("          lifecycle_stage: acquire\n          weight: 1.0", "          weight: 2.0"),
    )
    assert (found.added, found.removed) == (("insight",), ("needs-insight",))
    assert found.renamed == ("segmentation-targeting",)
    assert found.reworded == found.reweighted == ("value-based-pricing",)
    assert "segmentation-targeting" in found.comparable
    assert "value-based-pricing" not in found.comparable
    assert len(found.comparable) == 34
    assert not found.is_same


def test_an_area_that_weighs_more_or_gets_a_capability_is_a_change() -> None:
    heavier = changed_by(("weight: 1.0\n      capabilities:", "weight: 2.0\n      capabilities:"))
    assert len(heavier.reweighted) == 6
    assert not heavier.moved
    start = SOURCE.index("        - slug: need-anticipation")
    item = SOURCE[start : SOURCE.index("    - slug: experience\n")]
    first = "        - slug: discovery-ease"
    moved = SOURCE.replace(item, "").replace(first, item + first)
    found = rubrics.compare(rubrics.built_in("marketing-value"), rubrics.read_rubric(moved))
    assert found.moved == ("need-anticipation",)
    assert not found.is_same


def test_another_layout_or_heading_changes_no_capability() -> None:
    assert changed_by().is_same
    assert changed_by(("en: Marketing value rubric", "en: Our own rubric")).is_same


@settings(max_examples=200, deadline=None)
@given(some.text(max_size=400) | some.binary(max_size=400))
def test_whatever_is_sent_is_read_or_refused(raw: str | bytes) -> None:
    with pytest.raises(rubrics.RubricProblems):
        rubrics.read_rubric(raw)


_plain = some.recursive(
    some.none() | some.integers() | some.text(max_size=8),
    lambda inner: (
        some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=20,
)


@settings(max_examples=100, deadline=None)
@given(some.dictionaries(some.sampled_from(["slug", "name", "dimensions", "scale", "x"]), _plain))
def test_well_formed_nonsense_is_refused_in_words(nonsense: dict[str, object]) -> None:
    text = yaml.safe_dump({"schema_version": 1, "rubric": nonsense}, allow_unicode=True)
    with pytest.raises(rubrics.RubricProblems) as refused:
        rubrics.read_rubric(text)
    assert all(str(problem) for problem in refused.value.problems)


_LINES = SOURCE.splitlines()
_SNIPPETS = [
    "- x",
    "  - slug: x",
    "a: b",
    "level: 2",
    "weight: .inf",
    "ko: ~",
    "{",
    "]",
    "&a",
    "*a",
    "---",
    "\t",
]


@settings(max_examples=60, deadline=None)
@given(
    some.lists(
        some.tuples(
            some.integers(0, len(_LINES) - 1),
            some.sampled_from(_SNIPPETS) | some.sampled_from(_LINES) | some.text(max_size=12),
            some.booleans(),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_a_damaged_file_is_read_or_refused_in_words(damage: list[tuple[int, str, bool]]) -> None:
    lines = list(_LINES)
    for place, snippet, inside in damage:
        indent = len(lines[place]) - len(lines[place].lstrip())
        lines[place] = lines[place] + snippet if inside else " " * indent + snippet
    found = read_or_told("\n".join(lines))
    if isinstance(found, rubrics.Rubric):
        assert rubrics.from_document(rubrics.to_document(found)) == found
    else:
        assert all(problem.line >= 1 and str(problem) for problem in found.problems)


def read_or_told(text: str) -> rubrics.Rubric | rubrics.RubricProblems:
    try:
        return rubrics.read_rubric(text)
    except rubrics.RubricProblems as refused:
        return refused
