"""Two full organizations: at least one row of every kind each, and everyone who may knock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.db import connection
from django.test import Client

from assessments.models import (
    Comment,
    Cycle,
    CycleTeam,
    NightlyCount,
    Notice,
    Participation,
    Response,
    Result,
    RubricEdition,
    Scorecard,
    Target,
)
from assessments.rubrics import BUILT_IN, built_in, digest, to_document
from assessments.survey import response_keys
from organizations.access import RESPONDENT_COOKIE, Scope
from organizations.models import (
    AccessEvent,
    AddressChange,
    ApiKey,
    ColumnChoice,
    Invitation,
    Membership,
    Principle,
    User,
)
from organizations.pseudonyms import hash_token
from organizations.tenancy.scope import TenantModel, working_for
from reports.documents import DueCycle, ReportMaterial, SilentCycle, write_document
from reports.documents.document import as_json
from reports.models import Delivery, Recipient, Report, ReportFile, ReportSchedule
from tests.conftest import CANARY, Cast, House
from tests.isolation.routes import Route

NOW = datetime.now(UTC)
REMARK = "A comment of"
EVERY_LETTER = 7  # the turn in which every letter is written
TENANT_MODELS = [model for model in apps.get_models() if issubclass(model, TenantModel)]


@dataclass
class Known:
    """What an address needs of one organization: its parameters by name."""

    house: House
    ids: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def at(self, route: Route) -> dict[str, str]:
        """The parameters of one address. Programs and pages of results are told of closed cycles only."""
        of_results = route.is_for_programs or route.name.startswith("reports:")
        closed = {"cycle": self.ids["closed_cycle"]} if of_results else {}
        return {name: (self.ids | closed)[name] for name in route.parameters}


def populate(house: House, mark: str) -> Known:
    """One of everything; every text a customer could write carries `mark`."""
    known = Known(house, {"organization": house.slug})
    with working_for(house.id):
        draft, edition = _editions(mark)
        _cycles(known, edition, mark)
        _people(known, mark)
        said = {"en": mark, "ko": mark}
        Principle.objects.update(wording=said, methods=said)
        _reports(known, mark)
    member = next(iter(house.members.values()))
    known.ids |= {
        "edition": str(draft.pk),
        "published_edition": str(edition.pk),
        "team": str(next(team for name, team in house.teams.items() if name).pk),
        "member": str(member.pk),
        "membership": str(member.pk),
        "number": "1",
        "rubric": BUILT_IN[0],
        "capability": built_in(BUILT_IN[0]).capabilities[0].slug,
        "slug": built_in(BUILT_IN[0]).capabilities[0].slug,
    }
    return known


def _reports(known: Known, mark: str) -> None:
    member = next(iter(known.house.members.values()))
    schedule = ReportSchedule.objects.create(at=time(9), time_zone="UTC")
    Recipient.objects.create(schedule=schedule, membership=member)
    material = ReportMaterial(
        organization=mark,
        time_zone="UTC",
        slot=NOW,
        due=(DueCycle(mark, is_open=False, closes_at=None),),
        silent=(SilentCycle(mark, NOW),),
    )
    document = as_json(write_document(material, "en"))
    report = Report.objects.create(
        schedule=schedule, slot=NOW, made_at=NOW, documents={"en": document, "ko": document}
    )
    ReportFile.objects.create(report=report, language="en", content=mark.encode(), digest="d")
    Delivery.objects.create(report=report, membership=member)
    known.ids |= {"report": str(report.pk), "language": "en"}


def _editions(mark: str) -> tuple[RubricEdition, RubricEdition]:
    rubric = built_in("marketing-value")
    rows = [
        RubricEdition.objects.create(
            slug=rubric.slug,
            version=version,
            content=to_document(rubric),
            digest=digest(rubric) if published else f"{mark}"[:64],
            published_at=published,
        )
        for version, published in ((f"9 {mark}", None), (rubric.version, NOW))
    ]
    return rows[0], rows[1]


def _cycles(known: Known, edition: RubricEdition, mark: str) -> None:
    for stage in Cycle.Stage:
        cycle = Cycle.objects.create(
            name=f"{stage} {mark}",
            edition=edition,
            rubric=edition.slug,
            stage=stage,
            segment=mark,
            opened_at=None if stage == Cycle.Stage.PLANNED else NOW - timedelta(days=9),
            closes_at=NOW + timedelta(days=9 if stage in ("planned", "open") else -1),
            closed_at=NOW if stage == Cycle.Stage.CLOSED else None,
        )
        known.ids[f"{stage}_cycle"] = str(cycle.pk)
        if stage != Cycle.Stage.PLANNED:
            _frozen(known, cycle, mark)
        if stage == Cycle.Stage.OPEN:
            NightlyCount.objects.create(cycle=cycle)
    known.ids["cycle"] = known.ids["open_cycle"]


def _frozen(known: Known, cycle: Cycle, mark: str) -> None:
    house = known.house
    node = CycleTeam.objects.create(
        cycle=cycle, team=house.teams[""], name=mark, place=0, depth=0, headcount=9
    )
    secret = response_keys.cycle_secret(cycle, house.organization)
    for member in house.members.values():
        token = _invited(house, cycle, member, node)
        if cycle.stage == Cycle.Stage.OPEN:
            known.tokens[member.name] = token
        if cycle.stage == Cycle.Stage.CLOSED:
            known.tokens[f"{member.name}, closed"] = token
    if cycle.stage == Cycle.Stage.CLOSED:
        # A survey shows its promise, and later its result, to whoever holds the link: the link is the
        # permission. One of somebody who is suspended shows nothing to anyone.
        email = f"gone@{house.slug}.example"
        gone = Membership.objects.create(
            name=mark, email=email, team=house.teams[""], suspended_at=NOW
        )
        known.ids["token"] = _invited(house, cycle, gone, node)
    wide = len(built_in("marketing-value").capabilities)
    Response.objects.create(
        sent=True,
        cycle=cycle,
        node=node,
        key=response_keys.response_key(secret, member.pk),
        answers_as="member",
        performance=[3] * wide,
        importance=[4] * wide,
        versions=[1] * wide,
    )
    first = built_in(BUILT_IN[0]).capabilities[0].slug
    said = f"{REMARK} {mark}"
    Comment.objects.create(
        sent=True, cycle=cycle, node=node, key=uuid4().bytes * 2, capability=first, text=said
    )
    Notice.objects.create(cycle=cycle, membership=member, mail="opened")
    Target.objects.get_or_create(
        team=house.teams[""], rubric=cycle.rubric, capability="brand-voice", level=4
    )
    if cycle.stage == Cycle.Stage.CLOSED:
        team = next(team for name, team in house.teams.items() if name)
        below = CycleTeam.objects.create(
            cycle=cycle, team=team, name=mark, parent=node, place=1, depth=1, headcount=9
        )
        _scored(known, cycle, node, below, mark)


def _invited(house: House, cycle: Cycle, member: Membership, node: CycleTeam) -> str:
    """Return the token of their link."""
    part = Participation(cycle=cycle, membership=member, node=node)
    token = response_keys.link_token(house.organization, part.pk)
    part.token_hash = hash_token(token)
    part.save()
    return token


def _scored(known: Known, cycle: Cycle, node: CycleTeam, below: CycleTeam, mark: str) -> None:
    card = Scorecard.objects.create(
        cycle=cycle,
        method="1",
        edition_digest="e",
        input_digest="i",
        changed=1,
        turn=EVERY_LETTER,
        participation={str(node.pk): {"n": 9, "invited": 9}},
        summary={
            "mark": mark,
            "shown": [str(node.pk), str(below.pk)],
            "comment_blocks": {str(node.pk): str(node.pk), str(below.pk): str(below.pk)},
        },
    )
    result, _of_team = (
        Result.objects.create(
            scorecard=card,
            node=scored,
            subject_type="overall",
            subject="",
            kind="performance",
            score="3.4",
            low="3.1",
            high="3.7",
            n=9,
            invited=9,
            level=3,
            state="reached",
        )
        for scored in (node, below)
    )
    said = f"{REMARK} {mark}"
    first = built_in(BUILT_IN[0]).capabilities[0].slug
    Comment.objects.create(
        sent=True, cycle=cycle, node=below, key=uuid4().bytes * 2, capability=first, text=said
    )
    known.ids |= {"result": str(result.pk), "node": str(node.pk)}


def _people(known: Known, mark: str) -> None:
    member = next(iter(known.house.members.values()))
    token = f"invitation-{known.house.slug}"
    invitation = Invitation.objects.create(
        membership=member,
        token_hash=hash_token(token),
        invited_by=mark,
        expires_at=NOW + timedelta(days=3),
    )
    AddressChange.objects.create(
        membership=member, by_other=True, before=member.email, after=f"{mark}@new.example"
    )
    known.ids["invitation"] = str(invitation.pk)
    known.tokens["invitation"] = token
    AccessEvent.objects.create(day=NOW.date(), reader=member.pk, page=mark, subject=mark)
    ColumnChoice.objects.create(kind="people", header=mark, field="team")
    _keys(known, mark)


def _keys(known: Known, mark: str) -> None:
    """One that opens everything, and one for each reason why a key opens nothing."""
    past = NOW - timedelta(minutes=1)
    states: dict[str, dict[str, Any]] = {
        "key": {"scopes": list(Scope)},
        "key without a scope": {"scopes": []},
        "expired key": {"scopes": list(Scope), "expires_at": past},
        "revoked key": {"scopes": list(Scope), "revoked_at": past},
    }
    for name, told in states.items():
        secret = f"naite_{known.house.slug}_{name.replace(' ', '_')}_0123456789abcdef"
        row = ApiKey.objects.create(
            name=mark, prefix=secret[:12], key_hash=hash_token(secret), **told
        )
        known.tokens[name] = secret
        known.ids.setdefault("api_key", str(row.pk))


def callers(cast: Cast, acme: Known) -> dict[str, Callable[[], Client]]:
    """Everyone who may knock at a door, by what they are to Acme."""
    stranger = User.objects.create_user("nobody@nowhere.example")

    def signed_in(name: str) -> Callable[[], Client]:
        return lambda: cast.acme.browser(name)

    def nobody() -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(stranger)
        return client

    def by_link(token: str) -> Callable[[], Client]:
        def respondent() -> Client:
            client = Client(raise_request_exception=False)
            client.cookies[RESPONDENT_COOKIE] = acme.tokens[token]
            return client

        return respondent

    def by_key() -> Client:
        return with_key(acme.tokens["key"])

    return {
        "owner": signed_in("Ada"),
        "leader": signed_in("Cho"),
        "admin": signed_in("Adam"),
        "analyst": signed_in("Ana"),
        "member": signed_in("Max"),
        "suspended": signed_in("Sue"),
        "member of nothing": nobody,
        "anonymous": lambda: Client(raise_request_exception=False),
        "respondent": by_link("Max"),
        "respondent of a closed survey": by_link("Max, closed"),
        "API key": by_key,
    }


def with_key(key: str) -> Client:
    bearer = {"Authorization": f"Bearer {key}"}
    return Client(raise_request_exception=False, headers=bearer)


def rows_digest(house: House) -> str:
    """A digest of everything an organization owns: each row by the place of its present version,
    which every change moves."""
    tables = sorted(model._meta.db_table for model in TENANT_MODELS)
    tables.append("organizations_organization")
    each = [
        f"""SELECT '{table}' AS name, count(*)::text
                   || coalesce(string_agg(t.ctid::text, '' ORDER BY t.ctid), '') AS rows
              FROM "{table}" t"""
        for table in tables
    ]
    whole = (
        f"SELECT md5(string_agg(name || rows, ' ' ORDER BY name)) FROM ({' UNION ALL '.join(each)})"
    )
    with connection.cursor() as cursor:  # bound by hand, because the walk asks after every request
        cursor.execute(f"SET LOCAL app.organization_id = '{house.id}'")
        cursor.execute(whole)
        (found,) = cursor.fetchone()
        cursor.execute("SET LOCAL app.organization_id = ''")
        return str(found)


def kinds_without_a_row(house: House) -> set[str]:
    with working_for(house.id):
        return {model.__name__ for model in TENANT_MODELS if not model.objects.exists()}


MARKS = {"acme": "acme", "rival": CANARY}
