"""The context of every page: who is signed in, where they are, and the pages they may open."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from organizations.access import Ability, Access
from organizations.languages import language_choices


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    url: str
    label: str | Promise
    current: bool


PEOPLE_VIEWS = ("organizations:people", "organizations:person", "organizations:team")
# view name, label, the ability its page needs, prefixes of the views that it marks as current
PAGES: tuple[tuple[str, Any, Ability, str | tuple[str, ...]], ...] = (
    ("reports:home", _("Home"), Ability.SEE_RESULTS, "reports:home"),
    ("reports:teams", _("Teams"), Ability.ENTER, "reports:team"),
    ("reports:capabilities", _("Capabilities"), Ability.SEE_RESULTS, "reports:capabilit"),
    ("reports:trend", _("Trend"), Ability.SEE_RESULTS, "reports:trend"),
    ("reports:principles", _("Principles"), Ability.ENTER, "reports:principle"),
    ("reports:reports", _("Reports"), Ability.LIST_REPORTS, "reports:report"),
    ("assessments:mine", _("My surveys"), Ability.ENTER, "assessments:mine"),
    ("organizations:people", _("People"), Ability.RUN_CYCLES, PEOPLE_VIEWS),
    ("assessments:cycles", _("Surveys"), Ability.RUN_CYCLES, "assessments:cycle"),
    ("assessments:rubrics", _("Rubrics"), Ability.RUN_CYCLES, "assessments:rubric"),
    ("organizations:settings", _("Settings"), Ability.ADMINISTER, "organizations:settings"),
)
CYCLE_PAGES = (
    "reports:home",
    "reports:teams",
    "reports:capabilities",
    "reports:trend",
    "reports:principles",
)

# Forms before signing in: after a refusal, the same address is the form again.
RESUMED_FORMS = ("account_signup", "account_login", "account_reset_password", "found", "join")


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Return the template context of the navigation."""
    access: Access | None = getattr(request, "access", None)
    context: dict[str, Any] = {"access": access, "reader_name": access and access.member_name}
    context["language_choices"] = language_choices()  # each in its own words
    view_name = request.resolver_match.view_name if request.resolver_match else ""
    # The response to a form has no place to return to: a key that is shown once, a list to check.
    has_place = request.method in ("GET", "HEAD") or view_name in RESUMED_FORMS
    context["reader_place"] = request.get_full_path() if has_place else ""
    if access is None or access.via_personal_link:
        return {**context, "navigation": ()}
    entries = [
        NavigationEntry(_page_url(request, name), label, view_name.startswith(prefix))
        for name, label, ability, prefix in PAGES
        if access.may(ability)
    ]
    return {**context, "navigation": entries}


def _page_url(request: HttpRequest, name: str) -> str:
    """Return the address of a page; the pages of results stay with the cycle that was chosen."""
    address = reverse(name, args=[request.access.slug])  # type: ignore[attr-defined]  # let in
    return address + getattr(request, "cycle_query", "") if name in CYCLE_PAGES else address
