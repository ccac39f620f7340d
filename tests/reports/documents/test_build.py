"""A report is written from what was published, in both languages, once, and says so to its readers."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.utils import timezone
from pypdf import PdfReader

from assessments.cycles.closing import close
from assessments.models import Cycle
from devstack.mail import MailServer
from organizations.jobs import LeaseLost, claim, perform
from organizations.models import Membership, Role
from organizations.tenancy.scope import working_for
from reports import emails, schedules
from reports.documents import build
from reports.documents.document import as_json, from_json
from reports.documents.pdf import render_pdf
from reports.models import Delivery, Report, ReportFile
from tests.assessments.answered_cycles import answered
from tests.conftest import Cast, House
from tests.reports.test_schedules import set_up

COLLABORATION, DISRUPTION = "cmo-collaboration", "customer-driven-disruption"
HANGUL = re.compile("[가-힣]")


def asked(house: House) -> Report:
    with working_for(house.id):
        return schedules.request_report(by=house.members["Cho"].pk, moment=timezone.now())


def built(house: House, report: Report) -> Report:
    perform(Report, house.id, report.pk, build.build_report)
    with working_for(house.id):
        return Report.objects.get(pk=report.pk)


def monthly(house: House, *names: str, days_ago: int = 0) -> Report:
    row = set_up(house, *names)
    with working_for(house.id):
        slot = timezone.now() - timedelta(days=days_ago)
        return Report.objects.create(schedule=row, slot=slot, due_at=timezone.now())


def text_of(house: House, report: Report, language: str) -> str:
    with working_for(house.id):
        content = ReportFile.objects.get(report=report, language=language).content
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(bytes(content))).pages)


def pages_of(house: House, report: Report) -> list[int]:
    with working_for(house.id):
        files = ReportFile.objects.filter(report=report)
        return [len(PdfReader(BytesIO(bytes(one.content))).pages) for one in files]


def test_a_report_stands_in_both_languages_as_document_and_pdf(cast: Cast) -> None:
    acme = cast.acme
    perform(Cycle, acme.id, answered(acme, people=12).pk, close)
    report = built(acme, asked(acme))
    assert (report.due_at, report.lease, report.error, report.progress) == (None, None, "", "")
    assert set(report.documents) == {"en", "ko"}
    for language, kept in report.documents.items():
        document = from_json(kept)
        assert as_json(document) == kept
        assert document.is_new
        text = " ".join(text_of(acme, report, language).split())
        assert document.title.split(":")[0] in text
        figures = document.sections[0]
        assert figures.kind == "key_figures" and figures.rows[0].figure in text
    assert "앞으로의 일정" in [section["heading"] for section in report.documents["ko"]["sections"]]
    with working_for(acme.id):
        for one in ReportFile.objects.all():
            assert hashlib.sha256(bytes(one.content)).hexdigest() == one.digest


def test_without_a_closed_cycle_it_says_so_on_one_page_and_lists_what_is_due(cast: Cast) -> None:
    acme = cast.acme
    answered(acme, name="Autumn wave")
    report = built(acme, asked(acme))
    assert report.documents["en"]["title"] == "No results yet."
    assert "Autumn wave" in text_of(acme, report, "en")
    assert pages_of(acme, report) == [1, 1]


def test_when_nothing_closed_since_the_last_slot_it_is_one_page(cast: Cast) -> None:
    acme = cast.acme
    first = answered(acme)
    perform(Cycle, acme.id, first.pk, close)
    with working_for(acme.id):
        Cycle.objects.filter(pk=first.pk).update(closed_at=timezone.now() - timedelta(days=40))
    earlier = built(acme, monthly(acme, days_ago=35))
    assert from_json(earlier.documents["en"]).is_new
    now = built(acme, monthly(acme))
    assert not from_json(now.documents["en"]).is_new
    assert now.documents["en"]["title"] == "No new results."
    assert pages_of(acme, now) == [1, 1]


def closed(house: House, name: str, people: int = 8, **fields: Any) -> None:
    cycle = answered(house, people=people, name=name, **fields)
    perform(Cycle, house.id, cycle.pk, close)


@pytest.mark.parametrize("rubric", [DISRUPTION, COLLABORATION])
def test_a_rubric_that_was_measured_alone_is_reported(cast: Cast, rubric: str) -> None:
    acme = cast.acme
    built(acme, monthly(acme, days_ago=35))
    closed(acme, "Alone", rubric=rubric)
    report = built(acme, monthly(acme))
    document = from_json(report.documents["en"])
    assert document.is_new and document.eyebrow.startswith("Alone")
    assert not any(section.kind == "rubric" for section in document.sections)
    assert document.title.split(":")[0] in " ".join(text_of(acme, report, "en").split())


def test_every_rubric_closed_since_the_last_slot_is_reported_the_main_one_first(
    cast: Cast,
) -> None:
    acme = cast.acme
    closed(acme, "Before", rubric=COLLABORATION)
    with working_for(acme.id):
        Cycle.objects.update(closed_at=timezone.now() - timedelta(days=40))
    built(acme, monthly(acme, days_ago=35))
    closed(acme, "Main")
    closed(acme, "Families", rubric=DISRUPTION, segment="Young families")
    report = built(acme, monthly(acme))
    for language in ("en", "ko"):
        document = from_json(report.documents[language])
        assert document.eyebrow.startswith("Main")
        (part,) = (section for section in document.sections if section.kind == "rubric")
        assert "Families" in part.rows[0].eyebrow
        kinds = [section.kind for section in document.sections]
        assert kinds.count("key_figures") == 2 and kinds.count("reading_guide") == 1
        text = " ".join(text_of(acme, report, language).split())
        assert part.rows[0].eyebrow.split(" · ")[0] in text and "Before" not in text
    page = acme.browser("Cho").get(f"/o/acme/reports/{report.pk}/").text
    identifiers = re.findall(r'id="(rings-[a-z-]+)-title"', page)
    assert len(identifiers) == len(set(identifiers)) == 2


def test_a_cycle_that_shows_nothing_is_named_and_replaces_no_results(cast: Cast) -> None:
    acme = cast.acme
    closed(acme, "Spoken")
    with working_for(acme.id):
        Cycle.objects.update(closed_at=timezone.now() - timedelta(days=40))
    built(acme, monthly(acme, days_ago=35))
    closed(acme, "Silent", people=2)
    kept = built(acme, monthly(acme)).documents["en"]
    assert kept["title"] == "No new results."
    assert kept["lead"].startswith("Latest results are unchanged: Spoken")
    assert kept["sections"][0]["heading"] == "Not enough responses to show results"
    assert [row["name"] for row in kept["sections"][0]["rows"]] == ["Silent"]
    asked_for = built(acme, asked(acme)).documents["en"]
    assert asked_for["is_new"] and asked_for["eyebrow"].startswith("Spoken")


@pytest.mark.parametrize(
    ("late", "english", "korean"),
    [
        (timedelta(minutes=59), "", ""),
        (
            timedelta(hours=1, minutes=10),
            "This report is 1 hour late.",
            "예정보다 1시간 늦게 만든 보고서예요.",
        ),
        (
            timedelta(days=3, hours=2),
            "This report is 3 days late.",
            "예정보다 3일 늦게 만든 보고서예요.",
        ),
    ],
)
def test_a_late_report_says_so(cast: Cast, late: timedelta, english: str, korean: str) -> None:
    acme = cast.acme
    report = monthly(acme)
    with working_for(acme.id):
        Report.objects.filter(pk=report.pk).update(late=late)
    kept = built(acme, report).documents
    assert (kept["en"]["late"], kept["ko"]["late"]) == (english, korean)


def test_whoever_lost_the_report_writes_nothing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme = cast.acme
    report = asked(acme)
    slow = claim(Report, acme.id, report.pk)
    assert slow
    with working_for(acme.id):
        Report.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    perform(Report, acme.id, report.pk, build.build_report)
    with pytest.raises(LeaseLost):
        build.build_report(slow)
    with working_for(acme.id):
        assert ReportFile.objects.count() == 2


def test_each_reader_hears_of_it_once_in_the_own_language(
    cast: Cast, mail_server: MailServer, settings: Any
) -> None:
    acme = cast.acme
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    host, port = mail_server.url.removeprefix("smtp://").split(":")
    settings.EMAIL_HOST, settings.EMAIL_PORT = host, int(port)
    with working_for(acme.id):
        Membership.objects.filter(name="Ana").update(language="ko")
    report = built(acme, monthly(acme, "Cho", "Ana"))
    with working_for(acme.id):
        rows = list(Delivery.objects.order_by("membership__name"))
    for row in rows:
        perform(Delivery, acme.id, row.pk, emails.send)
        perform(Delivery, acme.id, row.pk, emails.send)
    subjects = sorted(str(letter["Subject"]) for letter in mail_server.letters)
    assert len(subjects) == 2
    assert any(one.startswith("Your report is ready") for one in subjects)
    assert any("보고서" in one for one in subjects)
    for letter in mail_server.letters:
        assert f"/o/acme/reports/{report.pk}/" in str(letter.get_payload())
    with working_for(acme.id):
        assert set(Delivery.objects.values_list("state", "due_at")) == {("sent", None)}


def test_who_may_not_see_results_any_more_gets_no_mail(cast: Cast) -> None:
    acme = cast.acme
    built(acme, monthly(acme, "Ana"))
    with working_for(acme.id):
        Membership.objects.filter(name="Ana").update(role=Role.MEMBER)
        row = Delivery.objects.get()
    perform(Delivery, acme.id, row.pk, emails.send)
    with working_for(acme.id):
        assert Delivery.objects.get().state == "needless"


def strings(kept: Any) -> list[str]:
    """Every text of a document, however deep."""
    if isinstance(kept, dict):
        return [text for one in kept.values() for text in strings(one)]
    if isinstance(kept, list):
        return [text for one in kept for text in strings(one)]
    return [kept] if isinstance(kept, str) else []


def test_on_paper_korean_breaks_between_words_only(cast: Cast) -> None:
    acme = cast.acme
    perform(Cycle, acme.id, answered(acme, people=12).pk, close)
    document = built(acme, asked(acme)).documents["ko"]
    document["lead"] = document["title"] = " ".join(["B2B마케팅 CRM데이터를 (고객R&D)와"] * 9)
    words = " ".join(strings(document)).split()
    whole = {put for one in words for put in (one, f"({one}", f"{one})")}
    pages = PdfReader(BytesIO(render_pdf(from_json(document)))).pages
    printed = " ".join(page.extract_text() for page in pages).split()
    assert {one for one in printed if HANGUL.search(one)} <= whole


def test_on_paper_the_rings_are_lines_and_the_font_comes_along(cast: Cast) -> None:
    acme = cast.acme
    perform(Cycle, acme.id, answered(acme, people=12).pk, close)
    report = built(acme, asked(acme))
    with working_for(acme.id):
        content = ReportFile.objects.get(report=report, language="ko").content
    reader: Any = PdfReader(BytesIO(bytes(content)))
    assert [page.images.keys() for page in reader.pages] == [[]] * len(reader.pages)
    fonts = {
        (
            font["/BaseFont"].split("+")[-1],
            "/FontFile3" in font["/DescendantFonts"][0]["/FontDescriptor"],
        )
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert fonts == {("Pretendard-Regular-Identity-H", True), ("Pretendard-Bold-Identity-H", True)}
