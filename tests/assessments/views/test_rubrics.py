"""A rubric is uploaded with every problem at once, looked at as a respondent, compared and published."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from assessments import rubric_editions
from assessments.models import RubricEdition
from assessments.rubrics import BUILT_IN, MAIN_RUBRIC, built_in, read_rubric
from organizations.models import AuditEvent, Organization
from organizations.tenancy.scope import working_for
from tests.assessments.cycle_plans import NOON
from tests.assessments.test_rubric_editions import file_of, reworded
from tests.assessments.views.test_cycles import address
from tests.conftest import Cast

DISRUPTION = "customer-driven-disruption"


@pytest.fixture
def adam(cast: Cast) -> Client:
    return cast.acme.browser("Adam")


def draft_of(cast: Cast, raw: bytes) -> UUID:
    with working_for(cast.acme.id):
        return rubric_editions.save_draft(raw, by=None).pk


def uploaded(raw: bytes, name: str = "rubric.yaml") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, raw, content_type="application/yaml")


def test_naites_rubrics_stand_there_before_anything_was_stored(cast: Cast, adam: Client) -> None:
    page = adam.get(address(cast.acme, "rubrics")).content.decode()
    for slug in BUILT_IN:
        assert built_in(slug).name.in_("en") in page
        one = adam.get(address(cast.acme, "rubric_built_in", slug))
        assert one.status_code == 200
        assert adam.get(address(cast.acme, "rubric_preview_along", slug)).status_code == 200
    with working_for(cast.acme.id):
        assert not RubricEdition.objects.exists()
    assert adam.get(address(cast.acme, "rubric_built_in", "no-such")).status_code == 404


@pytest.mark.parametrize("way", ["file", "text"])
def test_an_upload_becomes_a_draft_that_can_be_looked_at(
    cast: Cast, adam: Client, way: str
) -> None:
    raw = reworded("2.0.0")
    told: dict[str, Any] = {"file": uploaded(raw)} if way == "file" else {"text": raw.decode()}
    page = adam.post(address(cast.acme, "rubric_upload"), told, follow=True).content.decode()
    assert "Publish version 2.0.0" in page
    assert "Compared with version 1.0.0" in page
    assert built_in(MAIN_RUBRIC).capabilities[0].name.in_("en") in page
    assert "35 capabilities stay comparable with earlier surveys." in page


def test_every_problem_is_said_with_its_line_and_the_text_is_kept(cast: Cast, adam: Client) -> None:
    text = file_of(version="two!").decode().replace("order: 1", "order: first", 1)
    lines = text.splitlines()
    wrong = [1 + lines.index(line) for line in lines if "two!" in line or "order: first" in line]
    answer = adam.post(address(cast.acme, "rubric_upload"), {"text": text})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert len(wrong) == 2
    for line in wrong:
        assert f'<td class="num">{line}</td>' in page
    assert "version: two!" in page
    by_file = adam.post(address(cast.acme, "rubric_upload"), {"file": uploaded(text.encode())})
    assert "version: two!" in by_file.content.decode()
    with working_for(cast.acme.id):
        assert not RubricEdition.objects.exists()


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "The submitted file is empty."),
        (b"\xff\xfe\x00r\x00u", "isn&#x27;t in UTF-8"),
        (b"rubric: \x00", "Invalid character"),
        (b"a: &x [1]\nb: *x", "Anchors"),
        (b"[" * 3000, "nested more than"),
        (b"x: [" + b"1," * 300_000, "larger than 512 KB"),
        (b"x" * (5 * 1024 * 1024), "larger than 512 KB"),
        (b"%PDF-1.7 \xe2\xe3", "isn&#x27;t in UTF-8"),
        (b"<script>alert(1)</script>", "must contain"),
        (b"rubric: {", "isn&#x27;t valid YAML"),
    ],
)
def test_bad_bytes_are_refused_with_a_sentence(
    cast: Cast, adam: Client, raw: bytes, sentence: str
) -> None:
    answer = adam.post(address(cast.acme, "rubric_upload"), {"file": uploaded(raw)})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert b"<script>alert" not in answer.content


def test_nothing_chosen_is_said(cast: Cast, adam: Client) -> None:
    answer = adam.post(address(cast.acme, "rubric_upload"), {"text": " \n"})
    assert answer.status_code == 422
    assert "Choose a file, or paste its text below." in answer.content.decode()


def test_the_same_wording_again_leads_to_the_edition_that_is_there(
    cast: Cast, adam: Client
) -> None:
    with working_for(cast.acme.id):
        there = rubric_editions.get_or_create_latest(MAIN_RUBRIC)
    same = {"file": uploaded(file_of(version="1.0.0"))}
    page = adam.post(address(cast.acme, "rubric_upload"), same, follow=True)
    assert page.redirect_chain == [(address(cast.acme, "rubric_edition", there.pk), 302)]
    assert "already published as version 1.0.0" in page.content.decode()


def test_a_draft_is_published_as_it_was_seen(cast: Cast, adam: Client) -> None:
    draft = draft_of(cast, reworded("2.0.0"))
    path = address(cast.acme, "rubric_publish", draft)
    stale = adam.post(path, {"seen": "another digest"}, follow=True).content.decode()
    assert "replaced in the meantime" in stale
    with working_for(cast.acme.id):
        seen = RubricEdition.objects.get(pk=draft).digest
    page = adam.post(path, {"seen": seen}, follow=True).content.decode()
    assert "Version published." in page
    assert "Plan a survey with it" in page
    again = adam.post(path, {"seen": seen}, follow=True).content.decode()
    assert "can&#x27;t be changed anymore" in again


def test_a_draft_is_discarded(cast: Cast, adam: Client) -> None:
    draft = draft_of(cast, reworded("2.0.0"))
    page = adam.post(address(cast.acme, "rubric_discard", draft), follow=True)
    assert "Draft discarded." in page.content.decode()
    assert adam.get(address(cast.acme, "rubric_edition", draft)).status_code == 404


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_preview_shows_a_respondents_words_in_both_languages(
    cast: Cast, adam: Client, language: str
) -> None:
    first = built_in(MAIN_RUBRIC).dimensions[0].capabilities[0]
    path = address(cast.acme, "rubric_preview", draft_of(cast, reworded("2.0.0")))
    page = adam.get(path, {"language": language}).content.decode()
    assert first.name.in_(language) in page
    assert first.levels[4].in_(language) in page
    assert f'<div class="preview-cards" lang="{language}">' in page
    assert built_in(MAIN_RUBRIC).dimensions[1].capabilities[0].description.in_(language) not in page


def test_a_preview_goes_through_all_parts_and_the_exposure_questions(
    cast: Cast, adam: Client
) -> None:
    path = address(cast.acme, "rubric_preview_along", DISRUPTION)
    rubric = built_in(DISRUPTION)
    for dimension in rubric.dimensions:
        page = adam.get(path, {"part": dimension.slug, "language": "en"}).content.decode()
        assert dimension.capabilities[0].name.in_("en") in page
    assert rubric.exposure
    last = adam.get(path, {"part": "_exposure", "language": "ko"}).content.decode()
    assert rubric.exposure.questions[0].in_("ko") in last
    strange = adam.get(path, {"part": "no-such", "language": "xx"})
    assert strange.status_code == 200


def test_a_downloaded_file_is_the_same_rubric_again(cast: Cast, adam: Client) -> None:
    with working_for(cast.acme.id):
        edition = rubric_editions.get_or_create_latest(MAIN_RUBRIC)
    for path in (
        address(cast.acme, "rubric_file", edition.pk),
        address(cast.acme, "rubric_file_along", MAIN_RUBRIC),
    ):
        answer = adam.get(path)
        assert read_rubric(answer.content) == built_in(MAIN_RUBRIC)
        assert answer.headers["Content-Disposition"].endswith('"marketing-value-1.0.0.yaml"')


def test_naites_newer_wording_is_taken_over_from_the_list(cast: Cast, adam: Client) -> None:
    with working_for(cast.acme.id):
        older = rubric_editions.save_draft(reworded("0.9.0"), by=None)
        rubric_editions.publish(older, by=None, moment=NOON.replace(year=2020))
    page = adam.get(address(cast.acme, "rubrics")).content.decode()
    assert "Naite comes with a newer version: 1.0.0." in page
    adam.post(address(cast.acme, "rubric_renew", MAIN_RUBRIC))
    page = adam.get(address(cast.acme, "rubrics")).content.decode()
    assert "comes with a newer version" not in page
    assert "Previous versions" in page


def test_the_main_rubric_is_chosen_in_the_list(cast: Cast, adam: Client) -> None:
    """A mere draft cannot be it, nor a rubric that does not exist."""
    draft_of(cast, file_of().replace(b"slug: marketing-value", b"slug: ours", 1))
    page = adam.get(address(cast.acme, "rubrics")).content.decode()
    assert page.count("Make main rubric") == len(BUILT_IN) - 1
    for slug, told in (
        (DISRUPTION, "Main rubric changed."),
        ("ours", "Publish a version of this rubric first."),
        ("no-such", "Publish a version of this rubric first."),
    ):
        assert told in adam.post(address(cast.acme, "rubric_main", slug), follow=True).text
    with working_for(cast.acme.id):
        assert Organization.objects.get(pk=cast.acme.id).main_rubric == DISRUPTION
        changed = AuditEvent.objects.get(event="organization.changed").detail
    assert changed == {"main_rubric": [MAIN_RUBRIC, DISRUPTION]}
    plan = adam.get(address(cast.acme, "cycle_plan")).text
    assert re.search(rf'value="{DISRUPTION}"[^>]* checked', plan)


def test_markup_in_a_rubric_stays_text(cast: Cast, adam: Client) -> None:
    first = built_in(MAIN_RUBRIC).capabilities[0].name.in_("en")
    raw = file_of().decode().replace(first, "'<img src=x onerror=alert(1)>'").encode()
    draft = draft_of(cast, raw)
    for page in ("rubric_edition", "rubric_preview"):
        seen = adam.get(address(cast.acme, page, draft)).content
        assert b"<img src=x" not in seen
        assert b"&lt;img src=x" in seen


@pytest.mark.parametrize("name", ["Cho", "Ana", "Max"])
def test_only_those_who_run_cycles_see_rubrics(cast: Cast, name: str) -> None:
    draft = draft_of(cast, reworded("2.0.0"))
    browser = cast.acme.browser(name)
    assert browser.get(address(cast.acme, "rubrics")).status_code == 403
    assert browser.get(address(cast.acme, "rubric_edition", draft)).status_code == 403
    assert browser.post(address(cast.acme, "rubric_publish", draft)).status_code == 403
