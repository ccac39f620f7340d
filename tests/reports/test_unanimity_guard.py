"""Below ten answers, "all gave a 5" and "one gave a 4" look the same to everyone, everywhere: on every
page that links lead to, in every answer for programs, in every table, in every report and its PDF.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from io import BytesIO
from random import Random
from typing import Any
from urllib.parse import urljoin

import pytest
from django.core.cache import caches
from django.db import transaction
from django.test import Client
from pypdf import PdfReader
from pytest_django import Settings

from assessments import rubric_editions
from assessments.cycles.closing import close
from assessments.models import Cycle, Result
from assessments.rubrics import MAIN_RUBRIC, built_in
from organizations.jobs import perform
from organizations.tenancy.scope import working_for
from reports import schedules
from reports.documents.build import build_report
from reports.models import Report
from tests.api.api_clients import Program
from tests.assessments.answered_cycles import MOMENT, answer, open_cycle
from tests.conftest import Cast, House

AGREED, NEARLY, APART = [5] * 6, [5] * 5 + [4], [5, 5, 4, 4, 3, 3]
LOW, NEARLY_LOW = [1] * 6, [1] * 5 + [2]
ALIKE, AROUND = [4] * 6, [3, 4, 4, 4, 4, 5]
CYCLES = ("Spring", "Autumn")
Told = dict[str, str]


# --- One organization, answered in different ways ----------------------------------------------


@pytest.fixture
def house(cast: Cast, settings: Settings) -> House:
    """Eleven people of Growth, and six of Brand, who will be the few, beside their lead."""
    settings.API_PER_MINUTE = 1_000_000
    for number in range(11):
        cast.acme.add(f"Grower {number:02d}", team="Growth")
    for number in range(6):
        cast.acme.add(f"Brander {number}", team="Brand")
    cast.acme.add("Lena", team="Brand", leads=True)
    for name in CYCLES:
        open_cycle(cast.acme, name)
    return cast.acme


def fill_and_close(house: House, name: str, column: list[int]) -> None:
    """Everyone answers the same in every world but for the first and the last question in Brand: both kinds,
    for importance is asked in the opposite order."""
    with working_for(house.id):
        cycle = Cycle.objects.select_related("edition").get(name=name)
    chance = Random(name)
    width = len(rubric_editions.rubric_of(cycle.edition).capabilities)
    for person, member in sorted(house.members.items()):
        if person.startswith(("Grower", "Brander")):
            codes: list[int | None] = [chance.choice((1, 2, 3, 3, 4, 4, 5)) for _ in range(width)]
            if person.startswith("Brander"):
                codes[0] = codes[-1] = column[int(person[-1])]
            answer(house, cycle, member, performance=codes)
    lead: list[int | None] = [chance.choice((2, 3, 5)) for _ in range(width)]
    answer(house, cycle, house.members["Lena"], performance=lead, answers_as="lead", named=True)
    perform(Cycle, house.id, cycle.pk, close)
    with working_for(house.id):  # pages print the minute
        Cycle.objects.filter(pk=cycle.pk).update(closed_at=MOMENT)


def world(house: House, column: list[int], look: Callable[[], Told]) -> Told:
    """What can be seen of a world that is gone afterwards."""
    forget()
    with transaction.atomic():
        for name in CYCLES:
            fill_and_close(house, name, column)
        with working_for(house.id):
            assert Result.objects.filter(n=6, subject_type="capability").exists()  # Brand is shown
            report = schedules.request_report(by=house.members["Ada"].pk, moment=MOMENT)
        perform(Report, house.id, report.pk, build_report)
        with working_for(house.id):
            assert Report.objects.filter(made_at__isnull=False).update(made_at=MOMENT)
        seen = look()
        transaction.set_rollback(True)
    forget()
    return seen


def forget() -> None:
    """Nothing that was counted or drawn in one world lasts until the next."""
    for each in caches.all():
        each.clear()


# --- All that can be seen of it ----------------------------------------------------------------

IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# What no two closings share: the form's token, the moment of the close, the place in a list, and the
# digest of the answers, which is keyed and says nothing of them. Nothing else of an explanation is masked.
FLEETING = re.compile(
    r'name="csrfmiddlewaretoken" value="\w+"|20\d\d-\d\d-\d\dT[\d:.]+(Z|\+00:00)|cursor=[\w%-]+'
    r'|(?<=<dt>Answers checksum</dt><dd><code>)[0-9a-f]{64}|"input_digest":\s*"[0-9a-f]{64}"'
)
ELSEWHERE = re.compile(r"/(people|settings|rubrics|surveys|targets)/|/(plan|import|edit)/")


def alike(text: str) -> str:
    """Numbers of rows are drawn anew in each world: the first that is met is 1, and so on."""
    known: dict[str, str] = {}
    text = IDS.sub(lambda found: known.setdefault(found[0], f"id {len(known) + 1}"), text)
    return FLEETING.sub("", text)


def pages(house: House, language: str) -> Told:
    """Everything that links lead to from the first page; named by the order of the visit."""
    client: Client = house.browser("Ada")
    client.cookies["language"] = language
    start = f"/o/{house.slug}/"
    waiting, seen, told = [start], {start}, dict[str, str]()
    while waiting:
        address = waiting.pop(0)
        response = client.get(address)
        assert response.status_code == 200, address
        html = read(response)
        told[f"{len(told):03d} {alike(address)}"] = alike(html)
        for link in links(html, address, start):
            if link not in seen:
                seen.add(link)
                waiting.append(link)
    return told


def read(response: Any) -> str:
    """A page as it is; of a PDF every word and everything that is drawn."""
    whole = b"".join(response) if response.streaming else response.content
    if response.headers["Content-Type"] != "application/pdf":
        return str(whole.decode())
    pages = PdfReader(BytesIO(whole)).pages
    drawn = [page.get_contents() for page in pages]
    return "\n".join(
        [page.extract_text() for page in pages]
        + [repr(content.get_data()) for content in drawn if content]
    )


def links(html: str, page: str, start: str) -> Iterator[str]:
    for link in re.findall(r'href="([^"#]*)', html):
        address = urljoin(page, link.replace("&amp;", "&"))
        further = "/explain/" in page and "/explain/" in address  # those lead to all the others
        if address.startswith(start) and not ELSEWHERE.search(address) and not further:
            yield address


def for_programs(house: House, program: Program) -> Told:
    told: Told = {}
    with working_for(house.id):
        cycles = [str(pk) for pk in Cycle.objects.order_by("name").values_list("pk", flat=True)]
    wanted = ["teams/", "cycles/", "rubrics/", "principles/", "cycles/latest/results/"]
    wanted += [f"cycles/{cycle}/{what}" for cycle in cycles for what in ("results/", "results.csv")]
    while wanted:
        path = wanted.pop(0)
        answer = program.get(path)
        assert answer.status_code == 200, path
        text = read(answer)
        told[f"{len(told):03d} {alike(path)}"] = alike(text)
        wanted += re.findall(r'"next":\s*"([^"]+)"', text)
        if rows := re.search(r"cycles/[0-9a-f-]{36}/results/(?=\?|$)", path):
            wanted += [f"{rows[0]}{row}/explain/" for row in explained(text)]
    return told


def explained(text: str) -> Iterator[str]:
    """The numbers to ask for their explanation: those of the few who differ, and what rests on them."""
    rubric = built_in(MAIN_RUBRIC)
    touched = {"", rubric.capabilities[0].slug, rubric.capabilities[-1].slug}
    touched |= {rubric.dimensions[0].slug, rubric.dimensions[-1].slug}
    for row in json.loads(text)["items"]:
        if row["subject"] in touched:
            yield row["id"]


def everything(house: House) -> Callable[[], Told]:
    program = Program(house)  # one key for every world

    def look() -> Told:
        return {
            **{f"en {name}": html for name, html in pages(house, "en").items()},
            **for_programs(house, program),
        }

    return look


def different(one: Told, other: Told) -> list[str]:
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


@pytest.mark.parametrize(
    ("agreed", "nearly"),
    [(AGREED, NEARLY), pytest.param(LOW, NEARLY_LOW, marks=pytest.mark.nightly)],
)
def test_all_fives_and_one_four_look_the_same_everywhere(
    house: House, agreed: list[int], nearly: list[int]
) -> None:
    """The lowest level at night. Answers that differ more look different, else the pages would be the same
    because nothing is on them."""
    look = everything(house)
    one, other, apart = (world(house, column, look) for column in (agreed, nearly, APART))
    assert different(one, other) == []
    assert len(one) > 80
    assert sum("/explain/" in name and not name.startswith("en") for name in one) >= 40
    assert any("Seen at the fair." in text for text in one.values())  # comments are among it
    assert any("At least" in text or "at least" in text for text in one.values()) or agreed == LOW
    differs = different(one, apart)
    assert any(name.startswith("en") for name in differs)
    assert any("results.csv" in name for name in differs)
    assert any("results/" in name and "en" not in name for name in differs)
    assert any("en.pdf" in name for name in differs)


def capability_rows(house: House) -> Callable[[], Told]:
    """Every row and every line of a table about one capability, and how those that differ came about."""
    program = Program(house)

    def look() -> Told:
        told: Told = {}
        with working_for(house.id):
            cycles = list(Cycle.objects.order_by("name").values_list("pk", flat=True))
        for place, cycle in enumerate(cycles):
            path: str | None = f"cycles/{cycle}/results/?limit=500"
            while path:
                answer = json.loads(read(program.get(path)))
                for row in answer["items"]:
                    if row["subject_type"] == "capability":
                        key = f"{place} {row['team']} {row['subject']} {row['kind']}"
                        told[key] = alike(json.dumps(row))
                        if row["subject"] == built_in(MAIN_RUBRIC).capabilities[0].slug:
                            explained = f"cycles/{cycle}/results/{row['id']}/explain/"
                            told[f"{key} explained"] = alike(read(program.get(explained)))
                path = answer["next"]
            lines = read(program.get(f"cycles/{cycle}/results.csv")).splitlines()
            told[f"{place} table"] = alike("\n".join(one for one in lines if "capability" in one))
        return told

    return look


def test_fours_and_a_three_and_a_five_among_fours_have_the_same_rows(house: House) -> None:
    """Only values, which rest on several answers of one person, may have another interval."""
    look = capability_rows(house)
    one, other = (world(house, column, look) for column in (ALIKE, AROUND))
    assert different(one, other) == []
    assert len(one) > 200
    assert any("Brand" in name and '"score": 4.0' in row for name, row in one.items())
