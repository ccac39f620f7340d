"""A draft can be changed, a published edition never; a version number means one wording."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from assessments import rubric_editions
from assessments.models import RubricEdition
from assessments.rubrics import BUILT_IN, MAIN_RUBRIC, RubricProblems, built_in, to_yaml
from organizations.models import AuditEvent
from organizations.tenancy.scope import working_for
from tests.assessments.cycle_plans import NOON
from tests.conftest import Cast

LATER = NOON.replace(hour=13)


def file_of(**changed: str) -> bytes:
    """Naite's main rubric under another version, name or slug."""
    text = to_yaml(built_in(MAIN_RUBRIC))
    for field, value in ({"version": "2.0.0"} | changed).items():
        old = getattr(built_in(MAIN_RUBRIC), field)
        text = text.replace(f"  {field}: {old}", f"  {field}: {value}", 1)
    return text.encode()


def reworded(version: str, text: str = "Nothing is ever written down.") -> bytes:
    first = built_in(MAIN_RUBRIC).capabilities[0].levels[0].in_("en")
    return file_of(version=version).decode().replace(first, text).encode()


def test_a_rubric_of_naite_is_stored_when_it_is_first_needed(cast: Cast) -> None:
    with working_for(cast.acme.id):
        assert [choice.slug for choice in rubric_editions.choices()] == list(BUILT_IN)
        assert not RubricEdition.objects.exists()
        first, second = (
            rubric_editions.get_or_create_latest(MAIN_RUBRIC),
            rubric_editions.get_or_create_latest(MAIN_RUBRIC),
        )
        assert first.pk == second.pk
        assert first.published_at is not None
        assert rubric_editions.rubric_of(first) == built_in(MAIN_RUBRIC)
    with working_for(cast.rival.id):
        assert not RubricEdition.objects.exists()


def test_what_was_uploaded_is_a_draft_that_nobody_is_asked(cast: Cast) -> None:
    with working_for(cast.acme.id):
        draft = rubric_editions.save_draft(reworded("2.0.0"), by=None)
        assert draft.published_at is None
        assert (
            rubric_editions.get_or_create_latest(MAIN_RUBRIC).version
            == built_in(MAIN_RUBRIC).version
        )


def test_another_upload_takes_the_place_of_the_draft(cast: Cast) -> None:
    with working_for(cast.acme.id):
        first = rubric_editions.save_draft(reworded("2.0.0"), by=None)
        again = rubric_editions.save_draft(reworded("2.0.0"), by=None)
        better = rubric_editions.save_draft(reworded("2.0.0", "Nobody knows."), by=None)
        assert first.pk == again.pk == better.pk
        assert RubricEdition.objects.get().digest == better.digest


def test_a_refused_file_leaves_nothing(cast: Cast) -> None:
    with working_for(cast.acme.id), pytest.raises(RubricProblems):
        rubric_editions.save_draft(file_of(version="Version two!"), by=None)
    with working_for(cast.acme.id):
        assert not RubricEdition.objects.exists()


def test_the_latest_published_edition_is_asked(cast: Cast) -> None:
    with working_for(cast.acme.id):
        rubric_editions.publish(
            rubric_editions.save_draft(reworded("2.0.0"), by=None), by=None, moment=NOON
        )
        newest = rubric_editions.save_draft(reworded("3.0.0", "Nobody knows."), by=None)
        rubric_editions.publish(newest, by=None, moment=LATER)
        assert rubric_editions.get_or_create_latest(MAIN_RUBRIC).version == "3.0.0"
        (summary,) = (
            each for each in rubric_editions.rubric_summaries() if each.slug == MAIN_RUBRIC
        )
        assert [edition.version for edition in summary.editions] == ["3.0.0", "2.0.0"]


def test_a_published_edition_cannot_be_published_discarded_or_changed(cast: Cast) -> None:
    with working_for(cast.acme.id):
        edition = rubric_editions.get_or_create_latest(MAIN_RUBRIC)
        for refused in (
            lambda: rubric_editions.publish(edition, by=None, moment=NOON),
            lambda: rubric_editions.discard(edition, by=None),
        ):
            with pytest.raises(ValidationError, match="is published"):
                refused()
        # Not even by a statement that knows nothing of the verbs.
        assert RubricEdition.objects.filter(pk=edition.pk).update(version="9") == 0


def test_a_version_number_means_one_wording(cast: Cast) -> None:
    with working_for(cast.acme.id):
        rubric_editions.publish(
            rubric_editions.save_draft(reworded("2.0.0"), by=None), by=None, moment=NOON
        )
        other = rubric_editions.save_draft(reworded("2.0.0", "Nobody knows."), by=None)
        with pytest.raises(ValidationError, match=r"Version 2\.0\.0 already exists"):
            rubric_editions.publish(other, by=None, moment=LATER)


def test_the_version_of_naites_own_wording_is_taken_before_anyone_asks_it(cast: Cast) -> None:
    with working_for(cast.acme.id):
        draft = rubric_editions.save_draft(reworded(built_in(MAIN_RUBRIC).version), by=None)
        with pytest.raises(ValidationError, match="already exists"):
            rubric_editions.publish(draft, by=None, moment=NOON)


def test_only_what_was_looked_at_is_published(cast: Cast) -> None:
    with working_for(cast.acme.id):
        seen = rubric_editions.save_draft(reworded("2.0.0"), by=None).digest
        replaced = rubric_editions.save_draft(reworded("2.0.0", "Nobody knows."), by=None)
        with pytest.raises(ValidationError, match="replaced in the meantime"):
            rubric_editions.publish(replaced, by=None, moment=NOON, seen=seen)


def test_a_discarded_draft_is_gone(cast: Cast) -> None:
    with working_for(cast.acme.id):
        draft = rubric_editions.save_draft(reworded("2.0.0"), by=None)
        rubric_editions.discard(draft, by=None)
        assert not RubricEdition.objects.exists()
        with pytest.raises(ValidationError, match="no longer exists"):
            rubric_editions.discard(draft, by=None)


def test_a_draft_is_compared_with_the_wording_before(cast: Cast) -> None:
    with working_for(cast.acme.id):
        draft = rubric_editions.save_draft(reworded("2.0.0"), by=None)
        changes = rubric_editions.compare_with_previous(draft)
        assert changes is not None
        assert changes.reworded == (built_in(MAIN_RUBRIC).capabilities[0].slug,)
        assert len(changes.comparable) == len(built_in(MAIN_RUBRIC).capabilities) - 1
        assert (
            rubric_editions.compare_with_previous(rubric_editions.get_or_create_latest(MAIN_RUBRIC))
            is None
        )


def test_ones_own_rubric_is_a_choice_beside_naites(cast: Cast) -> None:
    with working_for(cast.acme.id):
        own = rubric_editions.save_draft(file_of(slug="acme-way", version="1.0.0"), by=None)
        assert rubric_editions.compare_with_previous(own) is None
        assert "acme-way" not in {choice.slug for choice in rubric_editions.choices()}
        rubric_editions.publish(own, by=None, moment=NOON)
        choice = rubric_editions.choices()[-1]
        assert (choice.slug, choice.is_built_in, choice.minutes) == ("acme-way", False, 14)
    with working_for(cast.rival.id):
        assert [choice.slug for choice in rubric_editions.choices()] == list(BUILT_IN)


def test_naites_newer_wording_is_offered_and_never_taken_silently(cast: Cast) -> None:
    with working_for(cast.acme.id):
        older = rubric_editions.save_draft(reworded("0.9.0"), by=None)
        rubric_editions.publish(older, by=None, moment=NOON.replace(year=2020))
        (summary,) = (
            each for each in rubric_editions.rubric_summaries() if each.slug == MAIN_RUBRIC
        )
        assert summary.newer_version == built_in(MAIN_RUBRIC).version
        assert rubric_editions.get_or_create_latest(MAIN_RUBRIC).version == "0.9.0"
        rubric_editions.publish_built_in(MAIN_RUBRIC, by=None)
        (summary,) = (
            each for each in rubric_editions.rubric_summaries() if each.slug == MAIN_RUBRIC
        )
        assert (
            summary.newer_version,
            rubric_editions.get_or_create_latest(MAIN_RUBRIC).version,
        ) == (
            "",
            built_in(MAIN_RUBRIC).version,
        )


def test_every_change_leaves_a_line(cast: Cast) -> None:
    by = cast.acme.members["Adam"].pk
    with working_for(cast.acme.id):
        rubric_editions.discard(rubric_editions.save_draft(reworded("2.0.0"), by=by), by=by)
        rubric_editions.publish(
            rubric_editions.save_draft(reworded("2.0.0"), by=by), by=by, moment=NOON
        )
        lines = AuditEvent.objects.filter(event__startswith="edition").order_by("at", "id")
        assert list(lines.values_list("event", "actor")) == [
            ("edition.drafted", by),
            ("edition.discarded", by),
            ("edition.drafted", by),
            ("edition.published", by),
        ]


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_one_question_however_long_it_is(
    cast: Cast, number: int, django_assert_num_queries: object
) -> None:
    with working_for(cast.acme.id):
        for place in range(number):
            own = file_of(slug=f"way-{place}", version="1.0.0")
            rubric_editions.publish(rubric_editions.save_draft(own, by=None), by=None, moment=NOON)
        rubric_editions.rubric_summaries()  # reads each wording for the first time
        with django_assert_num_queries(1, connection=connection):  # type: ignore[operator]
            assert len(rubric_editions.rubric_summaries()) == len(BUILT_IN) + number
