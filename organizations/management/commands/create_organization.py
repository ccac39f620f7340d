"""Create an organization for someone who will own it, where sign-up is closed.

python3 run.py create_organization --name "Acme" --owner-email ada@acme.example --owner-name Ada
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from organizations import invitations, people
from organizations.jobs import wake_worker
from organizations.languages import language_codes
from organizations.models import SLUG_VALIDATOR, Membership, Organization
from organizations.tenancy.scope import working_for
from organizations.text import normalize_line


class Command(BaseCommand):
    help = "Sets up an organization and invites its owner; prints the link of the invitation."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help="of the organization")
        parser.add_argument("--slug", default="", help="the last part of its pages' address")
        parser.add_argument("--owner-email", required=True)
        parser.add_argument("--owner-name", required=True)
        parser.add_argument("--language", choices=language_codes(), default=settings.LANGUAGE_CODE)

    def handle(self, *args: Any, **options: Any) -> None:
        names = {key: normalize_line(str(options[key])) for key in ("name", "slug", "owner_name")}
        email = normalize_line(options["owner_email"]).lower()
        self._check_owner(names["name"], names["owner_name"], email)
        slug = names["slug"] or people.make_slug(names["name"])
        self._check_slug(slug)
        with transaction.atomic():
            organization = people.create_organization(
                name=names["name"],
                slug=slug,
                owner=None,
                owner_name=names["owner_name"],
                owner_email=email,
                language=options["language"],
            )
            link = self._invite_owner(organization)
            wake_worker()
        self.stdout.write(f"{organization.name}: /o/{organization.slug}/")
        self.stdout.write(f"Invitation for {email}, valid for 14 days:\n{link}")

    def _check_owner(self, name: str, owner: str, email: str) -> None:
        if not name or not owner:
            raise CommandError("Name the organization and its owner.")
        if max(len(name), len(owner)) > 120:
            raise CommandError("Names can have up to 120 characters.")
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError(f"Not an email address: {email}") from None

    def _check_slug(self, slug: str) -> None:
        try:
            if slug:
                SLUG_VALIDATOR(slug)
        except ValidationError as problem:
            raise CommandError(f"{slug}: {' '.join(problem.messages)}") from None
        if slug and people.is_slug_taken(slug):
            raise CommandError(f"This address is taken: {slug}")

    def _invite_owner(self, organization: Organization) -> str:
        with working_for(organization.pk):
            owner = Membership.objects.get()
            invitation = invitations.invite(owner, by=None, moment=timezone.now())
            return invitations.link_of(invitation, owner)
