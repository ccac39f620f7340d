"""A rubric file is read completely or refused with every problem and its line."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as some

from assessments import rubric
from assessments.rubric import strict
from assessments.rubric.marks import DEEPEST, MOST_BYTES

SOURCE = (rubric.keeping.LIBRARY / "marketing-value.yaml").read_text()


def problems(raw: bytes | str) -> list[tuple[int, str, str]]:
    with pytest.raises(rubric.RubricProblems) as refused:
        rubric.read(raw)
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
    one = rubric.built_in(slug)
    assert (len(one.dimensions), len(one.capabilities)) == (dimensions, capabilities)
    assert all(len(item.levels) == 5 for item in one.capabilities)
    assert [one.index_of(item.slug) for item in one.capabilities] == list(range(capabilities))


def test_every_file_of_the_library_is_built_in() -> None:
    assert rubric.BUILT_IN[0] == "marketing-value"
    assert set(rubric.BUILT_IN) == {path.stem for path in rubric.keeping.LIBRARY.glob("*.yaml")}


@pytest.mark.parametrize("slug", rubric.BUILT_IN)
def test_what_is_stored_or_given_back_is_the_same_rubric(slug: str) -> None:
    one = rubric.built_in(slug)
    assert rubric.from_document(rubric.to_document(one)) == one
    assert rubric.digest(rubric.read(rubric.to_yaml(one))) == rubric.digest(one)


def test_the_customer_value_grid_has_no_empty_cell() -> None:
    one = rubric.built_in("marketing-value")
    cells = [
        (dimension.slug, item.lifecycle_stage)
        for dimension in one.dimensions
        if dimension.side == "customer"
        for item in dimension.capabilities
    ]
    assert {cells.count(cell) for cell in cells} == {2}
    assert len(set(cells)) == 9


TRICKS: dict[str, tuple[bytes, str]] = {
    "an anchor": (b"a: &x 1", strict.ANCHOR),
    "an alias": (b"a: *x", strict.ALIAS),
    "a bomb of aliases": (b"a: &a [x]\nb: &b [*a,*a]\nc: [*b,*b]", strict.ANCHOR),
    "a tag": (b"a: !!python/object:os.system x", strict.TAG),
    "a merge key": (b"<<: {a: 1}", strict.MERGE),
    "a field twice": (b"a: 1\nb: 2\na: 3", strict.TWICE),
    "two documents": (b"a: 1\n---\nb: 2", strict.TWO_DOCUMENTS),
    "no plain name": (b"? [a]\n: b", strict.NOT_A_NAME),
    "lists in lists": (b"[" * 100_000, strict.TOO_DEEP),
    "fields in fields": (b"{a: " * 100_000, strict.TOO_DEEP),
    "ten megabytes": (b"x" * 10_000_000, strict.TOO_LARGE),
    "many parts": (b"[" + b"1," * 30_000 + b"]", strict.TOO_MUCH),
    "UTF-16": ("a: 1".encode("utf-16"), strict.NOT_UTF8),
    "a NUL": (b"a: \x00", strict.UNREADABLE),
    "an escape": (b"a: \x1b[31m", strict.UNREADABLE),
    "nothing": (b"", strict.EMPTY),
    "only a comment": (b"# nothing", strict.EMPTY),
    "broken YAML": (b"a: [1, 2", strict.NOT_YAML),
}


@pytest.mark.parametrize("trick", TRICKS)
def test_what_could_grow_run_or_mislead_is_refused(trick: str) -> None:
    raw, message = TRICKS[trick]
    assert [said for _, _, said in problems(raw)] == [message]


def test_nothing_is_built_of_what_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refusing costs no more than the part that was read: a bomb is never unfolded."""
    taken: list[object] = []
    real = strict._Reading._take

    def counted(self: strict._Reading, event: yaml.Event) -> None:
        taken.append(event)
        real(self, event)

    monkeypatch.setattr(strict._Reading, "_take", counted)
    problems(b"[" * 100_000)
    assert len(taken) < DEEPEST + 10
    taken.clear()
    problems(b"a" * (MOST_BYTES + 1))
    assert taken == []


def test_every_problem_is_said_at_once_with_its_line() -> None:
    broken = (
        SOURCE.replace("version: 1.0.0", "version: 1.0.0\n  colour: red", 1)
        .replace("en: Exchange value", "en: ''", 1)
        .replace("weight: 1.0", "weight: .nan", 1)
    )
    lines = broken.splitlines()
    found = problems(broken)
    assert [path for _, path, _ in found] == [
        "colour",
        "dimensions[1].name.en",
        "dimensions[1].weight",
    ]
    assert [lines[n - 1].strip() for n, _, _ in found] == ["colour: red", "en: ''", "weight: .nan"]


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("slug: needs-insight", "slug: growth-agenda", "dimensions[5].capabilities[1].slug"),
        ("slug: needs-insight", "slug: Needs Insight", "dimensions[1].capabilities[1].slug"),
        (
            "lifecycle_stage: attract",
            "lifecycle_stage: sell",
            "dimensions[1].capabilities[1].lifecycle_stage",
        ),
        ("side: customer", "side: nobody", "dimensions[1].side"),
        ("  version: 1.0.0\n", "", "version"),
        (
            "            - level: 2\n",
            "            - level: 3\n",
            "dimensions[1].capabilities[1].levels",
        ),
        ("ko: 교환 가치", "ko: ''", "dimensions[1].name.ko"),
    ],
)
def test_each_mistake_is_pointed_at(old: str, new: str, path: str) -> None:
    assert old in SOURCE
    assert path in [where for _, where, _ in problems(SOURCE.replace(old, new, 1))]


@pytest.mark.parametrize("word", ["NO", "1.10", "12:30:45", "2026-01-01", "null", "0x1F"])
def test_a_text_stays_as_it_was_written(word: str) -> None:
    changed = SOURCE.replace("en: Exchange value", f"en: {word}", 1)
    assert rubric.read(changed).dimensions[0].name.en == word


def test_names_that_turn_around_are_straightened() -> None:
    changed = SOURCE.replace("en: Exchange value", 'en: "Exchange\\u202e value"', 1)
    assert rubric.read(changed).dimensions[0].name.en == "Exchange value"


def test_two_editions_are_compared_item_by_item() -> None:
    old = rubric.built_in("marketing-value")
    changed = (
        SOURCE.replace("slug: needs-insight", "slug: insight", 1)
        .replace("weight: 1.0", "weight: 2.0")
        .replace("version: 1.0.0", "version: 1.1.0", 1)
    )
    found = rubric.compare(old, rubric.read(changed))
    assert (found.added, found.removed) == (("insight",), ("needs-insight",))
    assert len(found.reweighted) == len(found.comparable) == 35
    assert rubric.compare(old, old).is_same


@settings(max_examples=200, deadline=None)
@given(some.text(max_size=400) | some.binary(max_size=400))
def test_whatever_is_sent_is_read_or_refused(raw: str | bytes) -> None:
    with pytest.raises(rubric.RubricProblems):
        rubric.read(raw)


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
    with pytest.raises(rubric.RubricProblems) as refused:
        rubric.read(text)
    assert all(str(problem) for problem in refused.value.problems)
