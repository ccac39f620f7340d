"""One organization with an open cycle, a victim who is asked in it, and everyone who would like to
know what the victim did.

The worlds differ in nothing else. What the victim has not done a colleague of the same team has: so
every number of a group is the same in all worlds, and only who it was is secret.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.core.cache import caches
from django.test import Client
from django.utils.module_loading import import_string

from assessments.models import Cycle, NightlyCount, Notice, Participation
from assessments.survey import answers, respondents
from assessments.survey.answers import SentAnswer
from assessments.survey.devices import SurveyVisitor, new_device
from organizations import access_log, jobs
from organizations.models import Membership, User
from organizations.tenancy.scope import working_for
from tests.assessments.cycle_plans import fill, opened
from tests.assessments.respondent_clients import FIRST
from tests.conftest import Cast, House
from tests.isolation.populated_organizations import Known, populate, with_key

VICTIM, COLLEAGUE = "Vic", "Tim"
COMMENT = "my boss decides everything"
ATTACKERS = {"owner": "Ada", "leader": "Cho", "admin": "Adam", "analyst": "Ana", "lead": "Lea"}
TAKEN = "vic@attackers.example"  # the address which an administrator gives the victim
SINCE_TAKEN = timedelta(days=1)
LONG_AGO = datetime.fromisoformat("2026-01-01T00:00:00+00:00")

# What the victim did, and by what: nothing, a few answers or all of them and sent; on a device or
# signed in. Whoever has no sign-in cannot be invited to one after it was used.
WITHOUT_SIGN_IN = ("nothing", "a few", "all, and sent")
WITH_SIGN_IN = ("nothing", "signed in", "a few, signed in", "all, and sent", "all, signed in, sent")


@dataclass
class Insiders:
    """The organization before the victim has done anything."""

    known: Known
    cycle: Cycle
    moment: datetime
    clients: dict[str, Client] = field(default_factory=dict)

    @property
    def house(self) -> House:
        return self.known.house

    @property
    def victim(self) -> Membership:
        return self.house.members[VICTIM]

    def act(self, world: str) -> None:
        """The one difference between the worlds; then a night has passed, and groups are counted."""
        if "signed in" in world:
            User.objects.filter(pk=self.house.users[VICTIM].pk).update(last_login=self.moment)
        if "few" in world or "all" in world:
            self.answer(VICTIM, sent="sent" in world, signed_in="signed in" in world)
        if "sent" not in world:
            self.answer(COLLEAGUE, sent=True)
        pass_night(self)
        work_off(self)

    def forget(self) -> None:
        """What the process remembers of a world that was rolled back."""
        caches["results_pages"].clear()
        access_log._written.clear()
        with working_for(self.house.id):
            respondents.forget_secret(self.cycle.pk)

    def answer(
        self, name: str, *, sent: bool, signed_in: bool = False, ratings: tuple[int, ...] = (4,)
    ) -> None:
        """What the victim says, unless told otherwise: 4 throughout, and a comment."""
        visitor = SurveyVisitor(new_device(), self.house.users[name].pk if signed_in else None)
        with working_for(self.house.id):
            seat = respondents.find_respondent(self.cycle.pk, self.house.members[name].pk, visitor)
            slugs = [item.slug for item in seat.rubric.capabilities][: None if sent else 5]
            for kind in ("performance", "importance"):
                given = [
                    SentAnswer(kind, slug, ratings[place % len(ratings)])
                    for place, slug in enumerate(slugs)
                ]
                answers.save(seat, given, moment=self.moment)
            if name in (VICTIM, COLLEAGUE):
                answers.save_comment(seat, capability=FIRST, text=COMMENT, moment=self.moment)
            if sent:
                answers.submit(seat, moment=self.moment)


def settle(cast: Cast, moment: datetime) -> Insiders:
    """Everyone is asked since yesterday, five colleagues have answered, and the invitation of the
    victim was refused by the mail server: then it may go to another address."""
    house = cast.acme
    house.add("Lea", team="Brand", leads=True)
    for name in (VICTIM, COLLEAGUE):
        house.add(name, team="Brand")
    fill(house, "Brand", 4)
    known = populate(house, "Acme's own words")
    with working_for(house.id):
        Cycle.objects.filter(stage__in=("open", "closing")).delete()
        Membership.objects.update(team_since=LONG_AGO)
    cycle = opened(house, moment - SINCE_TAKEN, closes_at=moment + timedelta(hours=40))
    insiders = Insiders(known, cycle, moment)
    _answered(insiders)
    known.ids |= {
        "cycle": str(cycle.pk),
        "team": str(house.teams["Brand"].pk),
        "member": str(insiders.victim.pk),
    }
    insiders.clients = {role: house.browser(name) for role, name in ATTACKERS.items()}
    insiders.clients["program"] = with_key(known.tokens["key"])
    return insiders


def take_sign_in(insiders: Insiders) -> None:
    """From the victim, who has never used it."""
    with working_for(insiders.house.id):
        Membership.objects.filter(name=VICTIM).update(user=None)
        User.objects.filter(pk=insiders.house.users[VICTIM].pk).delete()


def _answered(insiders: Insiders) -> None:
    house = insiders.house
    colleagues = ["Max", *(name for name in house.members if name.startswith("Brand "))]
    for place, name in enumerate(colleagues):
        insiders.answer(name, sent=True, ratings=(2, 3 + place % 3, 4))
    with working_for(house.id):
        Notice.objects.update(due_at=None, state="sent")
        asked = Participation.objects.filter(cycle=insiders.cycle)
        asked.filter(membership=insiders.victim.pk).update(bounced=True)


# --- What happens by itself ---------------------------------------------------------------------


def pass_night(insiders: Insiders) -> None:
    with working_for(insiders.house.id):
        NightlyCount.objects.update(due_at=LONG_AGO)


def work_off(insiders: Insiders) -> None:
    """As workers do it. The mails of bystanders are taken as sent: nobody here reads them."""
    readers = {*ATTACKERS.values(), VICTIM}
    with working_for(insiders.house.id):
        others = Notice.objects.exclude(membership__name__in=readers)
        others.filter(due_at__isnull=False).update(due_at=None, state="sent")
    while _work_on(insiders):
        pass


def _work_on(insiders: Insiders) -> bool:
    """Whether any row was worked on."""
    found = False
    for organization, kind in jobs.due_kinds():
        if organization == insiders.house.id:
            model = jobs.job_models()[kind]
            while held := jobs.claim_next(model, organization):
                jobs.run_claimed(held, import_string(model.FUNCTION))
                found = True
    return found
