"""Three principles, in the organization's own words; two windows never overwrite each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import ValidationError

from assessments.rubrics import built_in
from organizations import audit_history, people, principles
from organizations.models import AuditEvent, Principle
from organizations.principles import PrincipleChange, PrincipleText, default_texts
from organizations.tenancy.scope import working_for
from tests.conftest import Cast

TODAY = date(2026, 11, 23)
OURS = PrincipleChange(
    PrincipleText({"en": "One agenda", "ko": "하나의 어젠다"}, {"en": "Weekly", "ko": "매주"}),
    owner=None,
    review_on=date(2027, 3, 1),
)


def test_the_original_words_are_those_of_the_collaboration_rubric() -> None:
    dimensions = built_in("cmo-collaboration").dimensions
    for text, one in zip(default_texts(), dimensions, strict=True):
        for language in ("en", "ko"):
            assert text.wording[language] == one.description.in_(language)
            practices = [item.description.in_(language) for item in one.capabilities]
            assert text.methods[language].split("\n") == practices


def test_an_organization_begins_with_the_original_words(cast: Cast) -> None:
    with working_for(cast.acme.id):
        rows = principles.list_principles()
        assert [row.number for row in rows] == [1, 2, 3]
        assert [PrincipleText(row.wording, row.methods) for row in rows] == default_texts()


def test_a_principle_is_said_in_other_words_and_the_audit_line_says_what_changed(
    cast: Cast,
) -> None:
    acme = cast.acme
    cho = acme.members["Cho"].pk
    with working_for(acme.id):
        row = principles.change_principle(
            2, replace(OURS, owner=cho), version=1, today=TODAY, by=cho
        )
        assert (row.wording, row.owner_id, row.version) == (OURS.text.wording, cho, 2)
        again = principles.change_principle(
            2, replace(OURS, owner=cho), version=2, today=TODAY, by=cho
        )
        assert again.version == 2
        line = AuditEvent.objects.get(event="principle.changed")
        assert line.detail == {
            "number": 2,
            "changed": ["wording", "methods", "owner", "review"],
        }
        _page, lines = audit_history.latest("1")
        assert lines[0].subject == "Wording · Methods · Owner · Review date"


def test_the_second_window_is_told(cast: Cast) -> None:
    cho = cast.acme.members["Cho"].pk
    with working_for(cast.acme.id):
        principles.change_principle(1, OURS, version=1, today=TODAY, by=cho)
    with (
        working_for(cast.acme.id),
        pytest.raises(ValidationError, match="Someone else just changed this"),
    ):
        principles.change_principle(
            1, replace(OURS, review_on=None), version=1, today=TODAY, by=cho
        )


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (
            replace(OURS, text=PrincipleText({"en": "x", "ko": " "}, OURS.text.methods)),
            "wording_ko",
        ),
        (replace(OURS, review_on=date(2026, 11, 22)), "review_on"),
    ],
)
def test_what_cannot_be_is_refused_at_its_place(
    cast: Cast, wanted: PrincipleChange, field: str
) -> None:
    cho = cast.acme.members["Cho"].pk
    with working_for(cast.acme.id), pytest.raises(ValidationError) as refused:
        principles.change_principle(1, wanted, version=1, today=TODAY, by=cho)
    assert list(refused.value.message_dict) == [field]


@pytest.mark.parametrize("owner", ["Sue", "Rita"])
def test_only_someone_who_is_here_can_answer_for_it(cast: Cast, owner: str) -> None:
    whose = {**cast.acme.members, **cast.rival.members}[owner].pk
    cho = cast.acme.members["Cho"].pk
    with working_for(cast.acme.id), pytest.raises(ValidationError, match="no longer here"):
        principles.change_principle(1, replace(OURS, owner=whose), version=1, today=TODAY, by=cho)


def test_when_its_owner_leaves_the_principle_stays(cast: Cast) -> None:
    acme = cast.acme
    cho, ada = acme.members["Cho"], acme.members["Ada"]
    with working_for(acme.id):
        principles.change_principle(
            1, replace(OURS, owner=cho.pk), version=1, today=TODAY, by=ada.pk
        )
        people.remove(cho, by=ada.pk)
        row = Principle.objects.get(number=1)
        assert (row.owner_id, row.wording) == (None, OURS.text.wording)
