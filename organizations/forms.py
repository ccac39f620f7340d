"""What people type to found an organization."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from organizations import people
from organizations.models import SLUG, User


class FoundingForm(forms.Form):
    """The two fields that sign-up adds to e-mail and password."""

    name = forms.CharField(label=_("Your name"), max_length=120)
    organization = forms.CharField(label=_("Organization"), max_length=120)
    address = forms.CharField(
        label=_("Address"),
        max_length=60,
        required=False,
        validators=[SLUG],
        help_text=_("The last part of your pages' address. Left empty, it is made from the name."),
    )
    field_order = ("name", "organization", "address", "email", "password1")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        wanted = cleaned.get("address") or people.address_from(cleaned.get("organization", ""))
        if wanted and people.address_is_taken(wanted):
            self.add_error("address", _("This address is taken. Choose another one."))
        cleaned["address"] = wanted
        return cleaned

    def signup(self, request: HttpRequest, user: User) -> None:
        people.found_organization(
            name=self.cleaned_data["organization"],
            slug=self.cleaned_data["address"],
            owner=user,
            owner_name=self.cleaned_data["name"],
            language=get_language() or "en",
        )
