"""An organization that has results of its own, and an administrator who makes up people in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from assessments import rubric_editions
from assessments.cycles import groups, lifecycle
from assessments.cycles.closing import close
from assessments.models import Cycle, CycleTeam, Participation, Response, Result, Scorecard
from assessments.survey import response_keys
from organizations import people, teams
from organizations.jobs import perform
from organizations.models import Membership, Team
from organizations.people import Profile
from organizations.tenancy.scope import working_for
from tests.assessments.cycle_plans import fill, opened
from tests.conftest import Cast, House
from tests.organizations.people_lists import import_list

NOW = timezone.now()
LONG_AGO, FIRST = NOW - timedelta(days=400), NOW - timedelta(days=90)
SHAMS = 4


def company(cast: Cast) -> House:
    """Two departments; Vic is alone in a team of one, Sal sits alone in a department."""
    acme = cast.acme
    fill(acme, "", 10)
    fill(acme, "Growth", 11)
    fill(acme, "Brand", 5)
    acme.add_team("Solo", "Growth")
    acme.add("Vic", team="Solo")
    acme.add_team("Sales")
    acme.add("Sal", team="Sales")
    for name, size in (("North", 8), ("South", 9)):
        acme.add_team(name, "Sales")
        fill(acme, name, size)
    here_since(acme, LONG_AGO)
    return acme


def here_since(house: House, moment: object, *, after: object = None) -> None:
    """Everyone who came after that moment came at this one."""
    with working_for(house.id):
        Membership.objects.filter(team_since__gt=after or FIRST).update(team_since=moment)
        Team.objects.filter(parent_since__gt=after or FIRST).update(parent_since=moment)


def everyone_answers(house: House, cycle: Cycle) -> None:
    with working_for(house.id):
        secret = response_keys.cycle_secret(cycle, house.organization)
        width = len(rubric_editions.rubric_of(cycle.edition).capabilities)
        Response.objects.bulk_create(
            Response(
                cycle=cycle,
                node_id=part.node_id,
                key=response_keys.response_key(secret, part.membership_id),
                answers_as=part.answers_as,
                performance=[1 + (at + c) % 5 for c in range(width)],
                importance=[1 + (at * c) % 5 for c in range(width)],
            )
            for at, part in enumerate(Participation.objects.filter(cycle=cycle))
        )
        Participation.objects.filter(cycle=cycle).update(finished=True)


def closed(house: House, cycle: Cycle) -> Cycle:
    with working_for(house.id):
        lifecycle.start_closing(cycle, by=None, moment=NOW)
    perform(Cycle, house.id, cycle.pk, close)
    with working_for(house.id):
        return Cycle.objects.select_related("edition").get(pk=cycle.pk, stage="closed")


def with_results(cast: Cast) -> House:
    """The company after its first cycle."""
    acme = company(cast)
    first = opened(acme, FIRST, name="First")
    everyone_answers(acme, first)
    closed(acme, first)
    here_since(acme, LONG_AGO)  # Mia too
    return acme


# --- What is published of whom ------------------------------------------------------------------


def shown(house: House, cycle: Cycle) -> dict[str, int]:
    """Nodes with a published number, and how many answers it rests on."""
    with working_for(house.id):
        rows = Result.objects.filter(scorecard__cycle=cycle, suppressed="", kind="performance")
        rows = rows.filter(subject_type="overall")
        return {name: n or 0 for name, n in rows.values_list("node__name", "n")}


def seen_with(house: House, cycle: Cycle, name: str) -> set[str]:
    """Everyone about whom, together with this person, a published number or difference answers_as."""
    with working_for(house.id):
        nodes = list(CycleTeam.objects.filter(cycle=cycle).order_by("place"))
        summary = Scorecard.objects.get(cycle=cycle).summary
        counting = groups.from_summary(summary, len(nodes))
        places = {node.pk: place for place, node in enumerate(nodes)}
        visible = {place for place, node in enumerate(nodes) if str(node.pk) in summary["shown"]}

        def block(node: CycleTeam) -> int:
            place = counting.into[places[node.pk]]
            while place >= 0 and place not in visible:
                parent = nodes[place].parent_id
                place = places[parent] if parent else -1
            return place

        parts = Participation.objects.filter(cycle=cycle, answers_as="member")
        found = {
            part.membership.name: block(part.node)
            for part in parts.select_related("membership", "node")
        }
        return {other for other, at in found.items() if at == found[name] and at >= 0}


# --- Ways to be alone with someone ----------------------------------------------------------------


def make_up(house: House, team: str, number: int = SHAMS) -> None:
    with working_for(house.id):
        for at in range(number):
            place = Team.objects.get(name=team).pk
            wanted = Profile(f"Sham {team} {at}", f"sham{team}{at}@acme.example".lower(), place)
            house.members[wanted.name] = people.add_person(wanted, by=house.members["Adam"].pk)


def move(house: House, name: str, team: str, **different: object) -> None:
    with working_for(house.id):
        person = Membership.objects.get(name=name)
        told = {"name": person.name, "email": person.email, "leads": person.leads} | different
        place = Team.objects.get(name=team).pk
        people.change_person(person, Profile(team=place, **told), by=house.members["Adam"].pk)  # type: ignore[arg-type]


def around_one_person(house: House) -> str:
    make_up(house, "Solo")
    return "Vic"


def by_a_list(house: House) -> str:
    rows = "".join(f"Sham {at},sham{at}@acme.example,Growth / Solo\n" for at in range(SHAMS))
    content = f"name,email,team\n{rows}".encode()
    with working_for(house.id):
        by = house.members["Adam"].pk
        import_list(content, by=by)
    return "Vic"


def in_a_new_team(house: House) -> str:
    with working_for(house.id):
        root = house.teams[""].pk
        teams.add_team("New", parent=root, by=house.members["Adam"].pk)
    move(house, "Brand 0", "New")
    make_up(house, "New")
    return "Brand 0"


def in_a_renamed_team(house: House) -> str:
    """Brand had a result; everyone but Max is moved out of it."""
    with working_for(house.id):
        by = house.members["Adam"].pk
        teams.change_team(
            Team.objects.get(name="Brand"), name="Other", parent=house.teams["Growth"].pk, by=by
        )
    for at in range(5):
        move(house, f"Brand {at}", "Growth")
    make_up(house, "Other")
    return "Max"


def behind_other_addresses(house: House) -> str:
    """Brand had a result; all but Max become somebody else."""
    for at in range(5):
        move(house, f"Brand {at}", "Brand", email=f"sham{at}@acme.example")
    return "Max"


def directly_in_a_department(house: House) -> str:
    """North and South are shown: what is left of the department answers_as of Sal."""
    make_up(house, "Sales")
    return "Sal"


def by_moving_a_team(house: House) -> str:
    """Four who have been together for long are put below Vic's team."""
    with working_for(house.id):
        root, by = house.teams[""].pk, house.members["Adam"].pk
        team = teams.add_team("Shams", parent=root, by=by)
        for at in range(SHAMS):
            Membership.objects.create(
                name=f"Sham {at}", email=f"s{at}@acme.example", team=team, team_since=LONG_AGO
            )
        teams.change_team(team, name="Shams", parent=Team.objects.get(name="Solo").pk, by=by)
    return "Vic"


def with_former_leads(house: House) -> str:
    """Leads are not counted; now they are no leads any more."""
    with working_for(house.id):
        solo = Team.objects.get(name="Solo")
        for at in range(SHAMS):
            Membership.objects.create(
                name=f"Sham {at}",
                email=f"s{at}@acme.example",
                team=solo,
                leads=True,
                team_since=LONG_AGO,
            )
    for at in range(SHAMS):
        move(house, f"Sham {at}", "Solo", leads=False)
    return "Vic"


def with_reinstated_people(house: House) -> str:
    with working_for(house.id):
        solo, by = Team.objects.get(name="Solo"), house.members["Adam"].pk
        for at in range(SHAMS):
            person = Membership.objects.create(
                name=f"Sham {at}",
                email=f"s{at}@acme.example",
                team=solo,
                team_since=LONG_AGO,
                suspended_at=LONG_AGO,
            )
            people.reinstate(person, by=by)
    return "Vic"


ATTACKS: tuple[Callable[[House], str], ...] = (
    around_one_person,
    by_a_list,
    in_a_new_team,
    in_a_renamed_team,
    behind_other_addresses,
    directly_in_a_department,
    by_moving_a_team,
    with_former_leads,
    with_reinstated_people,
)
