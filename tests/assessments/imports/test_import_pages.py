"""The pages that import a cycle: what the preview says, what is kept, what is refused, who may."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import Cycle, Response
from assessments.rubrics import MAIN_RUBRIC
from organizations.models import AuditEvent
from organizations.tenancy.scope import working_for
from tests.assessments.imports.test_import_cycle import SLUGS, imported, ratings
from tests.conftest import CANARY, Cast, House
from tests.isolation.forms import forms_in
from tests.isolation.populated_organizations import rows_digest


def address(house: House) -> str:
    return reverse("assessments:cycle_import", args=[house.slug])


def preview(client: Client, house: House, raw: bytes, **typed: str) -> Any:
    body: dict[str, Any] = {
        "name": "Spring",
        "rubric": MAIN_RUBRIC,
        "closed_on": "2026-04-30",
        **typed,
    }
    body["ratings"] = SimpleUploadedFile("ratings.csv", raw)
    return client.post(address(house), body)


def confirm(client: Client, house: House, shown: Any, **typed: str) -> Any:
    """Send the preview back as it stands, but for what was typed into it."""
    (form,) = [form for form in forms_in(shown.content) if "digest" in form.fields]
    return client.post(address(house), {**form.fields, **typed})


def post(client: Client, house: House, raw: bytes, **typed: str) -> Any:
    shown = preview(client, house, raw, **typed)
    return confirm(client, house, shown) if shown.status_code == 200 else shown


def test_the_page_imports_and_hands_over_to_the_worker(cast: Cast) -> None:
    answer = post(cast.acme.browser("Adam"), cast.acme, ratings())
    with working_for(cast.acme.id):
        cycle = Cycle.objects.get()
        assert cycle.stage == "closing"
        assert cycle.due_at
        assert cycle.due_at <= timezone.now()
        event = AuditEvent.objects.get(event="cycle.imported")
        assert event.actor == cast.acme.members["Adam"].pk
    assert answer.status_code == 302
    assert str(cycle.pk) in answer["Location"]


def test_the_page_names_problems_keeps_what_was_typed_and_stores_nothing(cast: Cast) -> None:
    raw = ratings() + b"\nA,chief,<b>x</b>" + b",3" * 72
    answer = post(cast.acme.browser("Adam"), cast.acme, raw, name="Spring of <i>")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Column role: use member or lead. Found: chief" in page
    assert "Spring of &lt;i&gt;" in page
    assert "<i>" not in page
    with working_for(cast.acme.id):
        assert not Cycle.objects.exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "This field is required."),
        (
            {"closed_on": "2999-01-01"},
            "This date is in the future. Choose today or an earlier date.",
        ),
        ({"closed_on": "yesterday"}, "Write the date as YYYY-MM-DD, for example 2026-11-20."),
        ({"rubric": "nothing"}, "Select a valid choice."),
    ],
)
def test_the_page_refuses_in_words(cast: Cast, typed: dict[str, str], said: str) -> None:
    answer = post(cast.acme.browser("Adam"), cast.acme, ratings(), **typed)
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_only_who_runs_cycles_imports(cast: Cast) -> None:
    for name, status in (("Ada", 200), ("Adam", 200), ("Cho", 403), ("Ana", 403), ("Max", 403)):
        assert cast.acme.browser(name).get(address(cast.acme)).status_code == status
        template = reverse("assessments:import_template", args=[cast.acme.slug, MAIN_RUBRIC])
        assert cast.acme.browser(name).get(template).status_code == status
    assert cast.rival.browser("Rita").get(address(cast.acme)).status_code == 404


def test_the_template_of_a_rubric_comes_as_a_file(cast: Cast) -> None:
    browser = cast.acme.browser("Adam")
    answer = browser.get(reverse("assessments:import_template", args=[cast.acme.slug, MAIN_RUBRIC]))
    assert answer["Content-Disposition"] == f'attachment; filename="{MAIN_RUBRIC}.csv"'
    assert SLUGS[0] in answer.content.decode("utf-8-sig")
    missing = reverse("assessments:import_template", args=[cast.acme.slug, "nothing"])
    assert browser.get(missing).status_code == 404


def test_another_organizations_names_are_no_hindrance_and_no_hint(cast: Cast) -> None:
    imported(cast.rival, name=f"{CANARY} cycle")
    answer = post(cast.acme.browser("Adam"), cast.acme, ratings(), name=f"{CANARY} cycle")
    assert answer.status_code == 302


def test_both_pages_say_what_is_lost_without_team_sizes(cast: Cast) -> None:
    browser = cast.acme.browser("Adam")
    for page in (browser.get(address(cast.acme)), preview(browser, cast.acme, ratings())):
        assert "Without team sizes, no response rate is shown" in page.content.decode()


# --- The preview --------------------------------------------------------------------------------


def test_the_preview_says_what_it_will_show_and_stores_nothing(cast: Cast) -> None:
    browser = cast.acme.browser("Adam")
    before = rows_digest(cast.acme)
    answer = preview(browser, cast.acme, ratings())
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "14 responses found" in page
    assert "Teams with at least 5 responses: 4 of 4" in page
    assert "new teams: 1" in page
    assert rows_digest(cast.acme) == before


def test_a_choice_that_was_not_shown_is_shown_first(cast: Cast) -> None:
    acme, browser = cast.acme, cast.acme.browser("Adam")
    raw = f"Crew,{SLUGS[0]}\n".encode() + b"Growth,0\nGrowth,4\n" * 6
    shown = preview(browser, acme, raw)
    assert shown.status_code == 422
    shown = confirm(browser, acme, shown, **{"ratings-column-crew": "team"})
    assert "12 responses found" in shown.content.decode()
    changed = confirm(browser, acme, shown, **{"ratings-answer-scale": "1-5"})
    assert "Nothing was saved." in changed.content.decode()
    with working_for(acme.id):
        assert not Cycle.objects.exists()
    assert confirm(browser, acme, changed).status_code == 302
    with working_for(acme.id):
        assert (
            sorted(Response.objects.values_list("performance__0", flat=True)) == [0] * 6 + [4] * 6
        )
    again = preview(browser, acme, raw, name="Summer")
    assert again.status_code == 200  # the column is remembered


def test_another_file_keeps_the_choices(cast: Cast) -> None:
    acme, browser = cast.acme, cast.acme.browser("Adam")
    shown = preview(browser, acme, f"Crew,{SLUGS[0]}\nGrowth,9\n".encode())
    file = SimpleUploadedFile("ratings.csv", f"Crew,{SLUGS[0]}\nGrowth,3\n".encode())
    chosen: dict[str, Any] = {"ratings-column-crew": "team", "ratings": file}
    shown = confirm(browser, acme, shown, **chosen)
    assert shown.status_code == 200
    assert confirm(browser, acme, shown).status_code == 302


def test_a_name_that_exists_keeps_the_preview(cast: Cast) -> None:
    imported(cast.acme)
    shown = preview(cast.acme.browser("Adam"), cast.acme, ratings())
    answer = confirm(cast.acme.browser("Adam"), cast.acme, shown)
    assert answer.status_code == 422
    assert "There&#x27;s already a survey with this name." in answer.content.decode()
    assert confirm(cast.acme.browser("Adam"), cast.acme, answer, name="B").status_code == 302


def test_only_who_saw_the_preview_confirms_it(cast: Cast) -> None:
    shown = preview(cast.acme.browser("Adam"), cast.acme, ratings())
    answer = confirm(cast.acme.browser("Ada"), cast.acme, shown)
    assert answer.status_code == 422
    assert "This preview is out of date. Choose the files again." in answer.content.decode()


@pytest.mark.parametrize("day", ["0026-11-20", "1899-12-31", "1999-12-31"])
def test_a_year_before_surveys_is_refused(cast: Cast, day: str) -> None:
    answer = preview(cast.acme.browser("Adam"), cast.acme, ratings(), closed_on=day)
    assert answer.status_code == 422
    assert "Years from 2000 to" in answer.content.decode()
    with pytest.raises(ValidationError, match="Years from 2000"):
        imported(cast.acme, closed_on=date.fromisoformat(day))
