"""The forms about an organization, its people, its teams and its API keys."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from organizations import people
from organizations.access import Scope
from organizations.languages import current_language, language_choices
from organizations.models import (
    SLUG_VALIDATOR,
    Membership,
    Organization,
    Role,
    Team,
    User,
)
from organizations.organization_settings import MAX_THRESHOLD, MIN_THRESHOLD, OrganizationSettings
from organizations.people import Actor, Profile
from organizations.people_import.columns import MAX_EMAIL_LENGTH
from organizations.tables.reading import TOO_LARGE
from organizations.tables.table import MAX_BYTES
from organizations.team_tree import MAX_NAME_LENGTH, TeamTree, parse_path
from organizations.text import normalize_line

# What an import reads, for the window in which a file is chosen.
ACCEPTED_FILES = (
    ".xlsx,.csv,.txt,.tsv,text/csv,"
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)
NEVER = "never"
INDENT = "\u2003"  # an em space, which browsers do not collapse in a list of choices


class NameField(forms.CharField):
    """A name of at most 120 characters, normalised to one spelling."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": MAX_NAME_LENGTH, **kwargs})

    def to_python(self, value: Any) -> Any:
        return normalize_line(super().to_python(value) or "")


def team_choices(tree: TeamTree) -> list[tuple[str, str]]:
    return [(str(node.id), INDENT * node.depth + node.name) for node in tree]


# --- Founding ---------------------------------------------------------------------------------


class EmailForm(forms.Form):
    """An e-mail to which a link is sent."""

    email = forms.EmailField(
        label=_("Email"),
        max_length=MAX_EMAIL_LENGTH,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class EmailChangeForm(EmailForm):
    """A new e-mail to sign in with, and the password, which a session left open does not know."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise forms.ValidationError(_("Incorrect password."))
        return password


class OrganizationForm(forms.Form):
    """The fields needed to found an organization."""

    name = NameField(label=_("Your name"))
    organization = NameField(label=_("Organization"))
    address = forms.CharField(
        label=_("Address"),
        max_length=60,
        required=False,
        validators=[SLUG_VALIDATOR],
        help_text=_("Used in your web address. Leave empty to create it from the name."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "address" in self.errors:
            return cleaned
        slug = cleaned.get("address") or people.make_slug(cleaned.get("organization", ""))
        if slug and people.is_slug_taken(slug):
            self.add_error("address", _("This address is taken. Choose another."))
        cleaned["address"] = slug
        return cleaned

    def create(self, owner: User, moment: datetime) -> Organization:
        """Create the organization. Nobody has checked it, so it may send few e-mails at first."""
        return people.create_organization(
            name=self.cleaned_data["organization"],
            slug=self.cleaned_data["address"],
            owner=owner,
            owner_name=self.cleaned_data["name"],
            language=current_language(),
            few_letters_until=moment + timedelta(days=settings.NEW_ORGANIZATION_DAYS),
        )


# --- People and teams -------------------------------------------------------------------------


class PersonForm(forms.Form):
    """A person of the organization. It offers only the roles that the person who edits may grant."""

    name = NameField(label=pgettext_lazy("of a person", "Name"))
    email = forms.EmailField(label=_("Email"), max_length=MAX_EMAIL_LENGTH)
    team = forms.TypedChoiceField(label=_("Team"), coerce=UUID)
    leads = forms.BooleanField(
        label=_("Leads this team"),
        required=False,
        help_text=_(
            "Answers as team lead: shown next to the team, not in its average. From the next "
            "survey on, sees the results of this team and its sub-teams."
        ),
    )
    role = forms.ChoiceField(
        label=_("Role"), help_text=_("What this person can do after signing in.")
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=language_choices, help_text=_("For surveys and emails.")
    )

    def __init__(
        self,
        *args: Any,
        tree: TeamTree,
        giver: Actor,
        person: Membership | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.choose("team", team_choices(tree))
        if person:
            self.fields["email"].help_text = _(
                "An open survey keeps the address it was sent to. We'll notify the old address."
            )
        current_role = person.role if person else None
        choices = [
            (role, str(label))
            for role, label in Role.choices
            if giver.can_grant(role) or role == current_role
        ]
        self.choose("role", choices)

    def choose(self, field: str, choices: list[tuple[str, str]]) -> None:
        choice_field = self.fields[field]
        assert isinstance(choice_field, forms.ChoiceField)
        choice_field.choices = choices

    def clean_email(self) -> str:
        return normalize_line(self.cleaned_data["email"]).lower()

    def profile(self) -> Profile:
        data = self.cleaned_data
        return Profile(
            name=data["name"],
            email=data["email"],
            team=data["team"],
            role=data["role"],
            language=data["language"],
            leads=data["leads"],
        )


class NewPersonForm(PersonForm):
    """A new person, who may be invited at once."""

    invite = forms.BooleanField(
        label=_("Invite to create an account"),
        required=False,
        help_text=_("Not needed to answer surveys: people get a personal link."),
    )


class TeamForm(forms.Form):
    """A team's name and its place in the tree."""

    name = NameField(label=_("Team name"))
    parent = forms.TypedChoiceField(label=_("Parent team"), coerce=UUID)

    def __init__(self, *args: Any, tree: TeamTree, team: Team | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parent = self.fields["parent"]
        assert isinstance(parent, forms.ChoiceField)
        parent.choices = team_choices(tree)
        if team is not None:
            excluded = {str(node.id) for node in tree.below(team.pk)}
            parent.choices = [choice for choice in team_choices(tree) if choice[0] not in excluded]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if parse_path(name) != (name,):
            raise forms.ValidationError(
                _("Don't use “/” between spaces or at the ends: it separates teams in files.")
            )
        return name


class PeopleFileForm(forms.Form):
    """A file with a list of people."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("An Excel workbook (.xlsx) or CSV, up to 5 MB and 20,000 people."),
        widget=forms.FileInput(attrs={"accept": ACCEPTED_FILES}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(_(TOO_LARGE), params={"limit": MAX_BYTES // 1024**2})
        return file


# --- Joining and settings ---------------------------------------------------------------------


class PasswordForm(forms.Form):
    """The password of a new sign-in."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 10 characters. A short phrase works well."),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, User(email=self.email))
        return password


@cache
def time_zone_choices() -> list[tuple[str, str]]:
    """Return the places with a time zone of their own, and UTC. Cached: it reads hundreds of files."""
    zones = sorted(name for name in available_timezones() if "/" in name and "Etc/" not in name)
    return [(name, name.replace("_", " ")) for name in ("UTC", *zones)]


class SettingsForm(forms.Form):
    """The settings of the whole organization."""

    name = NameField(label=_("Organization name"))
    language = forms.ChoiceField(
        label=_("Language"),
        choices=language_choices,
        help_text=_("For new people. Each person can have a different one."),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=time_zone_choices,
        help_text=_("Used for deadlines and emails."),
    )
    threshold = forms.IntegerField(
        label=_("Anonymity threshold"),
        min_value=MIN_THRESHOLD,
        max_value=MAX_THRESHOLD,
        help_text=_(
            "Results are shown only when at least this many people have answered (5 to 20). "
            "Applies to surveys planned from now on; each survey can set a higher number."
        ),
    )
    results_by_link = forms.BooleanField(
        label=_("Results by personal link"),
        required=False,
        help_text=_(
            "After a survey closes, everyone invited can open their team's result with the link in "
            "their email, without an account, for 90 days."
        ),
    )
    members_see_capabilities = forms.BooleanField(
        label=_("Capability levels for team members"),
        required=False,
        help_text=_(
            "Members see the level of each capability of their own team. When off, they see only "
            "values and the overall level. Team leads always see both."
        ),
    )

    def organization_settings(self) -> OrganizationSettings:
        return OrganizationSettings(**self.cleaned_data)


# --- Keys for programs ------------------------------------------------------------------------


class KeyForm(forms.Form):
    """A new API key: what it is called, what it may read, and until when."""

    name = NameField(label=_("Name"), max_length=80, help_text=_("Which app uses it, and where."))
    scopes = forms.MultipleChoiceField(
        label=_("Can read"),
        widget=forms.CheckboxSelectMultiple,
        choices=[
            (Scope.RESULTS, _("Published results and principles (results:read)")),
            (Scope.CYCLES, _("Surveys, teams and rubrics (cycles:read)")),
        ],
        initial=list(Scope),
    )
    days = forms.ChoiceField(
        label=_("Expires"),
        choices=[
            ("30", _("In 30 days")),
            ("90", _("In 90 days")),
            ("365", _("In a year")),
            (NEVER, _("No expiry")),
        ],
        initial="365",
    )

    def expires_at(self, moment: datetime) -> datetime | None:
        days = self.cleaned_data["days"]
        return None if days == NEVER else moment + timedelta(days=int(days))
