"""A third language is a folder in locale/, a row in settings and translations, and nothing else."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import polib
import pytest
from django.conf import settings as configured
from django.core.management import call_command
from django.test import Client

from assessments import rubric_editions
from assessments.rubrics import (
    MAIN_RUBRIC,
    Rubric,
    RubricProblems,
    built_in,
    compare,
    from_document,
    read_rubric,
    to_document,
    to_yaml,
)
from config.management.commands.compilemessages import compile_catalog
from organizations.models import Membership, Principle
from organizations.people_import import columns
from organizations.tenancy.scope import working_for
from organizations.text import FALLBACK_LANGUAGE, in_language
from reports.models import ReportFile
from tests.api.api_clients import Program
from tests.conftest import Cast
from tests.organizations.people_import.test_plan import planned as planned_import
from tests.organizations.people_import.test_plan import problems
from tests.reports.views.test_principles import TYPED
from tests.reports.views.test_reports import finished

pytestmark = pytest.mark.django_db
TRANSLATED = {
    "Sign in": "Anmelden",
    "Principles": "Prinzipien",
    "Making clear who decides what.": "Klären, wer was entscheidet.",
    "name, full name, display name, employee name, person, member name, user name": "Name, Vorname und Name",
    "yes, y, true, t, 1, lead, leader, team lead, team leader": "ja, j",
}


@pytest.fixture(autouse=True)
def _new_language(settings: Any, tmp_path: Path) -> None:
    folder = tmp_path / "xx" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    written = polib.POFile()
    written.metadata = {"Content-Type": "text/plain; charset=utf-8", "Language": "xx"}
    korean = polib.pofile(str(configured.BASE_DIR / "locale/ko/LC_MESSAGES/django.po"))
    for entry in korean:
        if entry.msgid in TRANSLATED:
            text = TRANSLATED[entry.msgid]
            written.append(polib.POEntry(msgctxt=entry.msgctxt, msgid=entry.msgid, msgstr=text))
    assert {entry.msgid for entry in written} == TRANSLATED.keys()
    written.save(str(folder / "django.po"))
    (folder / "django.mo").write_bytes(compile_catalog(folder / "django.po"))
    settings.LOCALE_PATHS = [*settings.LOCALE_PATHS, tmp_path]
    settings.LANGUAGES = [*settings.LANGUAGES, ("xx", "Nova")]


def translated_rubric() -> Rubric:
    """The built-in rubric, with texts in the new language of its first capability."""
    document = to_document(built_in(MAIN_RUBRIC))
    document["version"] = "2.0.0"
    capability = document["dimensions"][0]["capabilities"][0]
    capability["name"]["xx"] = "Kundenbedürfnisse kennen"
    for level in capability["levels"]:
        level["xx"] = f"Stufe {level['level']}"
    return from_document(document)


def test_a_text_that_is_missing_falls_back(cast: Cast) -> None:
    assert FALLBACK_LANGUAGE == configured.LANGUAGE_CODE
    texts = {"en": "Yes", "ko": "예", "pt": "Sim"}
    wanted = {"ko": "예", "pt-br": "Sim", "xx": "Yes", "zh-hans": "Yes"}
    assert {language: in_language(texts, language) for language in wanted} == wanted


def test_a_rubric_is_written_in_as_many_languages_as_it_likes() -> None:
    rubric = read_rubric(to_yaml(translated_rubric()))
    first, second = rubric.capabilities[:2]
    assert first.name.in_("xx") == "Kundenbedürfnisse kennen"
    assert [level.in_("xx") for level in first.levels][4] == "Stufe 5"
    assert first.description.in_("xx") == first.description.in_("en")
    assert second.name.in_("xx") == second.name.in_("en")
    assert from_document(to_document(rubric)) == rubric


def test_a_translation_keeps_every_capability_comparable() -> None:
    comparison = compare(built_in(MAIN_RUBRIC), translated_rubric())
    assert (len(comparison.comparable), comparison.reworded) == (36, ())


def test_the_languages_of_a_rubrics_name_are_those_of_all_its_texts() -> None:
    document = to_document(translated_rubric())
    document["name"]["xx"] = "Wertbeitrag des Marketings"
    with pytest.raises(RubricProblems) as refused:
        read_rubric(to_yaml(from_document(document)))
    paths = {problem.path for problem in refused.value.problems}
    assert "dimensions[1].capabilities[1].description.xx" in paths
    assert "dimensions[1].capabilities[1].name.xx" not in paths
    english = to_yaml(translated_rubric()).replace("ko: ", "fr: ", 1)
    with pytest.raises(RubricProblems, match=r"description\.fr"):
        read_rubric(english)


def test_pages_are_shown_in_it(client: Client) -> None:
    client.cookies["language"] = "xx"
    page = client.get("/sign-in/").text
    assert '<html lang="xx"' in page
    assert "Anmelden" in page
    assert "System" in page
    assert 'value="ko" lang="ko">한국어</button>' in page
    client.cookies["language"] = "en"
    assert 'value="xx" lang="xx">Nova</button>' in client.get("/sign-in/").text
    client.cookies["language"] = "ko"
    assert 'value="en" lang="en">English</button>' in client.get("/sign-in/").text


def test_a_respondent_is_asked_in_it(cast: Cast) -> None:
    with working_for(cast.acme.id):
        draft = rubric_editions.save_draft(to_yaml(translated_rubric()).encode(), by=None)
    browser = cast.acme.browser("Adam")
    browser.cookies["language"] = "xx"
    page = browser.get(f"/o/acme/rubrics/{draft.pk}/preview/").text
    second = built_in(MAIN_RUBRIC).capabilities[1]
    for text in ("Kundenbedürfnisse kennen", "Stufe 1", second.name.in_("en"), "Nova"):
        assert text.replace("&", "&amp;") in page


def test_principles_begin_in_it_and_are_written_in_it(cast: Cast) -> None:
    """The principles of an organization that is older than the language are shown in the fallback."""
    with working_for(cast.acme.id):
        principle = Principle.objects.get(number=1)
        assert "Klären, wer was entscheidet." in principle.methods["xx"].splitlines()
        principle.wording.pop("xx")
        principle.methods.pop("xx")
        principle.save()
    browser = cast.acme.browser("Cho")
    browser.cookies["language"] = "xx"
    page = browser.get("/o/acme/principles/").text
    assert "Prinzipien" in page
    assert principle.wording["en"] in page
    form = browser.get("/o/acme/principles/1/").text
    assert 'name="wording_xx"' in form
    assert browser.post("/o/acme/principles/1/", TYPED).status_code == 302
    typed = {**TYPED, "version": "2", "wording_xx": "Ein Plan für alle"}
    assert browser.post("/o/acme/principles/1/", typed).status_code == 302
    assert "Ein Plan für alle" in browser.get("/o/acme/principles/").text
    typed = {**TYPED, "version": "3", "wording_xx": ""}
    assert browser.post("/o/acme/principles/1/", typed).status_code == 422


def test_people_are_imported_with_words_of_it(cast: Cast) -> None:
    text = "Vorname und Name,email,language,leads\nNoa,noa@acme.example,Nova,ja\n"
    dry_run = planned_import(cast.acme, text)
    assert problems(dry_run) == []
    assert [(entry.profile.language, entry.profile.leads) for entry in dry_run.new] == [
        ("xx", True)
    ]
    dry_run = planned_import(cast.acme, columns.example_file("xx"))
    assert (problems(dry_run), dry_run.ignored, len(dry_run.new)) == ([], (), 2)


def test_a_report_is_made_in_it(cast: Cast) -> None:
    with working_for(cast.acme.id):
        Membership.objects.filter(name="Ana").update(language="xx")
    report = finished(cast.acme)
    with working_for(cast.acme.id):
        files = ReportFile.objects.filter(report=report)
        assert set(files.values_list("language", flat=True)) == {"en", "ko", "xx"}
        report.refresh_from_db()
        assert report.documents["xx"]["language"] == "xx"
    page = cast.acme.browser("Ana").get(f"/o/acme/reports/{report.pk}/").text
    assert f"/o/acme/reports/{report.pk}/xx.pdf" in page


def test_programs_are_told_of_it(cast: Cast) -> None:
    (first, *_others) = Program(cast.acme).read("principles/")["items"]
    assert set(first["wording"]) == set(first["methods"]) == {"en", "ko", "xx"}
    (rubric, *_others) = Program(cast.acme).read("rubrics/")["items"]
    assert rubric["name"]["xx"] == rubric["name"]["en"]


def test_no_migration_is_needed() -> None:
    call_command("makemigrations", check=True, dry_run=True, stdout=StringIO())
