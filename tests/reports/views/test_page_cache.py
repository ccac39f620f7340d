"""The content of a results page is cached, never longer than it is published; the frame is each reader's own."""

from __future__ import annotations

import re
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.core.cache import caches
from django.test import Client
from django.utils import timezone

from assessments.cycles.rescoring import rescore
from assessments.cycles.scoring_run import compute_results, fetch_input
from assessments.models import Cycle, Response, Result, Scorecard
from organizations.models import Role
from organizations.tenancy.bulk_insert import insert
from organizations.tenancy.scope import working_for
from tests.assessments.answered_cycles import ask
from tests.conftest import Cast, House
from tests.reports.views.test_results import PAGES, closed

TOKEN = re.compile('name="csrfmiddlewaretoken" value="([A-Za-z0-9]{64})"')


def seen(client: Client, address: str) -> str:
    """A page without what is different each time it is sent."""
    html = client.get(f"/o/acme/{address}").content.decode()
    assert len(TOKEN.findall(html)) == 3  # language, sign-out, colours
    return TOKEN.sub("", html)


@pytest.mark.parametrize("address", [*PAGES, "teams/?team=a&value=%22%3E"])
def test_a_reader_sees_the_same_whoever_was_there_before(cast: Cast, address: str) -> None:
    closed(cast.acme)
    acme = cast.acme
    acme.add("Ann <b>", Role.LEADER)
    alone = seen(acme.browser("Ann <b>"), address)
    caches["results_pages"].clear()
    dark, korean = acme.browser("Cho"), acme.browser("Cho")
    dark.cookies["theme"] = "dark"
    korean.cookies["language"] = "ko"
    others = [seen(reader, address) for reader in (acme.browser("Cho"), dark, korean)]
    assert seen(acme.browser("Ann <b>"), address) == alone
    assert "<summary>Ann &lt;b&gt;</summary>" in alone and "\0" not in alone
    assert len({alone, *others}) == 4
    assert 'data-theme="dark"' in others[1] and 'lang="ko"' in others[2]


def test_nothing_in_the_frame_is_anothers(cast: Cast) -> None:
    """Whoever may less sees less of the navigation, and another organization sees itself."""
    closed(cast.acme)
    owner, member = (seen(cast.acme.browser(name), "teams/") for name in ("Ada", "Max"))
    assert "/o/acme/settings/" in owner and "/o/acme/settings/" not in member
    assert "/o/acme/teams/" in member and "Ada" not in member
    rival = cast.rival.browser("Rita").get("/o/rival/teams/").content.decode()
    assert "acme" not in rival.casefold() and "Rita" in rival


def test_a_form_in_the_frame_leads_back_to_where_its_reader_is(cast: Cast) -> None:
    closed(cast.acme)
    cho = cast.acme.browser("Cho")
    for query in ("?value=exchange", "?value=strategic"):
        html = cho.get(f"/o/acme/trend/{query}").content.decode()
        assert html.count(f'name="next" value="/o/acme/trend/{query}"') == 2


def test_the_token_around_cached_content_is_the_readers_own(cast: Cast) -> None:
    closed(cast.acme)
    cast.acme.browser("Ada").get("/o/acme/trend/")
    cho = Client(enforce_csrf_checks=True)
    cho.force_login(cast.acme.users["Cho"])
    token = TOKEN.findall(cho.get("/o/acme/trend/").content.decode())[0]
    told = {"theme": "dark", "next": "/o/acme/trend/", "csrfmiddlewaretoken": token}
    assert cho.post("/theme/", told).status_code == 302
    assert cho.post("/theme/", told | {"csrfmiddlewaretoken": "x" * 64}).status_code == 403


def test_what_was_just_done_is_said_once_and_to_one_reader(cast: Cast) -> None:
    closed(cast.acme)
    ada, cho = cast.acme.browser("Ada"), cast.acme.browser("Cho")
    top = cast.acme.teams[""].pk
    assert (
        ada.post("/o/acme/people/teams/add/", {"name": "Retail", "parent": top}).status_code == 302
    )
    first, second, other = (one.get("/o/acme/").content.decode() for one in (ada, ada, cho))
    assert "Added: Retail" in first
    assert "Added: Retail" not in second + other


def score_again(house: House, cycle: UUID) -> None:
    """Compute the results anew from the answers that are there, and put them in the place of the old ones."""
    with working_for(house.id):
        row = Cycle.objects.select_related("edition").get(pk=cycle)
        output = compute_results(row, fetch_input(row))
        Scorecard.objects.filter(cycle=row).delete()
        output.scorecard.save(force_insert=True)
        insert(output.results)


OPENED = "teams/?team={}&value=exchange"


@pytest.mark.parametrize(
    ("reader", "address"),
    [*(("Cho", one) for one in (*PAGES, "capabilities/quality/", OPENED)), ("Max", "teams/")],
)
def test_after_an_answer_is_erased_no_page_shows_it(cast: Cast, reader: str, address: str) -> None:
    acme, cycle = cast.acme, closed(cast.acme, people=12)
    ask(acme, cycle.pk, "Max")
    client, address = acme.browser(reader), address.format(acme.teams["Brand"].pk)
    before = seen(client, address)
    assert seen(client, address) == before
    with working_for(acme.id):
        Response.objects.filter(cycle=cycle).first().delete()  # type: ignore[union-attr]
    score_again(acme, cycle.pk)
    after = seen(client, address)
    caches["results_pages"].clear()
    assert seen(client, address) == after != before


def test_after_a_number_is_corrected_its_explanation_shows_the_new_one(cast: Cast) -> None:
    """The number keeps its address; its scorecard is written, as by whoever corrects a result."""
    acme, cycle = cast.acme, closed(cast.acme, people=12)
    cho = acme.browser("Cho")
    with working_for(acme.id):
        row = Result.objects.get(
            scorecard__cycle=cycle, node__place=0, subject_type="overall", kind="performance"
        )
    assert "<h1>1.1, the weighted average" not in seen(cho, f"results/{row.pk}/explain/")
    with working_for(acme.id):
        Result.objects.filter(pk=row.pk).update(score="1.1")
        Scorecard.objects.filter(cycle=cycle).update(shows=True)
    assert "<h1>1.1, the weighted average" in seen(cho, f"results/{row.pk}/explain/")


@pytest.mark.parametrize("address", [*PAGES, "capabilities/quality/", OPENED])
def test_after_a_cycle_is_computed_anew_no_page_shows_the_older_results(
    cast: Cast, address: str
) -> None:
    acme, cycle = cast.acme, closed(cast.acme, people=12)
    client, address = acme.browser("Cho"), address.format(acme.teams["Brand"].pk)
    right = seen(client, address)
    with working_for(acme.id):
        for card in Scorecard.objects.all():
            Scorecard.objects.update(method="1", summary=card.summary | {"quality": {}})
        Result.objects.filter(score__isnull=False).update(score="1.1", low="1.0", high="1.2")
    assert seen(client, address) != right
    rescore(acme.id, cycle.pk, moment=timezone.now())
    assert without_ids(seen(client, address)) == without_ids(right)


def without_ids(html: str) -> str:
    """Results that are computed anew have other addresses."""
    return re.sub("[0-9a-f]{8}-[0-9a-f-]{27}", "", html)


def kept_pages() -> int:
    return len(caches["results_pages"]._cache)  # type: ignore[attr-defined]  # it has no way to count


@pytest.mark.parametrize("address", [*PAGES, "capabilities/quality/"])
@pytest.mark.parametrize("reader", ["Cho", "Max"])
def test_what_is_made_up_in_a_query_is_never_kept(cast: Cast, address: str, reader: str) -> None:
    """One more page for every made-up query would push out all pages that others read."""
    closed(cast.acme)
    client, names = cast.acme.browser(reader), ("team", "value", "open", "x", "page", "format")
    node, value = str(cast.acme.teams["Growth"].pk), "operational"
    for query in ({}, {"team": "a", "value": "b", "open": "c"}):
        client.get(f"/o/acme/{address}?{urlencode(query)}")
    before = kept_pages()
    for number in range(12):
        made_up = {name: f"{name}-{number}" for name in names}
        for query in (made_up, made_up | {"value": value}, made_up | {"team": node}):
            client.get(f"/o/acme/{address}?{urlencode(query)}")
    assert kept_pages() == before


def test_what_an_address_chooses_is_kept_once(cast: Cast) -> None:
    closed(cast.acme)
    cho = cast.acme.browser("Cho")
    plain = seen(cho, "capabilities/")
    chosen = seen(cho, "capabilities/?open=growth-agenda")
    assert seen(cho, "capabilities/?open=no-such").replace("?open=no-such", "") == plain
    assert chosen != plain
