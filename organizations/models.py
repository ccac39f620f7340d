"""The models of people, teams, organizations, sign-in and API keys, and of the audit trail and access log."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from organizations.jobs import SLOW_RETRY_DELAYS, Job
from organizations.languages import language_choices
from organizations.tenancy.constraints import OwnRow, tenant_rules
from organizations.tenancy.scope import TenantForeignKey, TenantModel, uuid7


def new_salt() -> bytes:
    return secrets.token_bytes(32)


class Role(models.TextChoices):
    """A member's role; `access.ABILITIES` lists what each may do."""

    OWNER = "owner", _("Owner")
    LEADER = "leader", _("Leader")
    ADMIN = "admin", _("Administrator")
    ANALYST = "analyst", _("Analyst")
    MEMBER = "member", _("Member")


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None) -> User:
        user = self.model(email=email.strip().lower())
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser):
    """A sign-in and nothing else. Who someone is in an organization is their Membership."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("email"), unique=True)
    is_active = models.BooleanField(default=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    def __str__(self) -> str:
        return self.email


class Session(AbstractBaseSession):
    """Django's session, with the columns that its owner is shown. `user` is empty until someone signs in."""

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    signed_in_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)  # written at most once an hour
    browser = models.CharField(max_length=30)
    system = models.CharField(max_length=30)


class AccountLetter(models.Model):
    """An e-mail about signing in that is due. It belongs to no organization and is deleted once sent."""

    kind = models.CharField(max_length=60)  # SIGN_UP, RESET, CHANGE, or a notice's templates
    email = models.EmailField()
    language = models.CharField(max_length=10, choices=language_choices)
    detail = models.JSONField(default=dict)
    asked_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Installation(models.Model):
    """The one row about this installation: a fingerprint of the LINK_SECRET with which this database was
    begun, and when the last sweep and the last daily run took place."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    link_secret = models.CharField(max_length=32)
    swept_at = models.DateTimeField(null=True)
    day_began_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_installation")]

    def __str__(self) -> str:
        return "installation"


SLUG_VALIDATOR = RegexValidator(
    r"^[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?$",
    _("Use lowercase letters, digits and hyphens. Start and end with a letter or digit."),
)


class Organization(models.Model):
    """The tenant: it owns all rows of its people, teams, cycles and reports."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.CharField(_("address"), max_length=60, unique=True, validators=[SLUG_VALIDATOR])
    name = models.CharField(_("name"), max_length=120)
    language = models.CharField(
        max_length=10, choices=language_choices, default=settings.LANGUAGE_CODE
    )
    time_zone = models.CharField(max_length=60, default="UTC")
    threshold = models.PositiveSmallIntegerField(default=5)
    # What everyone who was asked sees after the close: whether their personal link opens the result of
    # their team, and whether members see the levels of its single capabilities.
    results_by_link = models.BooleanField(default=True, db_default=True)
    members_see_capabilities = models.BooleanField(default=True, db_default=True)
    # The rubric that the results pages show first, once it was measured.
    main_rubric = models.CharField(max_length=60, db_default="marketing-value", editable=False)
    salt = models.BinaryField(default=new_salt, null=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    # Set where open sign-up founded the organization: until then it may send few letters a day. The
    # two columns below count them (`organizations/email_limits.py`).
    few_letters_until = models.DateTimeField(null=True, editable=False)
    letters_on = models.DateField(null=True, editable=False)
    letters_sent = models.PositiveIntegerField(db_default=0, editable=False)

    class Meta:
        constraints = [
            OwnRow(name="organization_own_row"),
            models.CheckConstraint(
                condition=Q(threshold__range=(5, 20)), name="organization_threshold_range"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Team(TenantModel):
    """A node of the organization's one tree. The root is the organization itself."""

    name = models.CharField(_("name"), max_length=120)
    parent = TenantForeignKey("self", null=True, blank=True, related_name="children")
    parent_since = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            *tenant_rules(parent="NO ACTION"),
            models.UniqueConstraint(
                fields=["organization", "parent", "name"],
                name="team_name_once",
                nulls_distinct=False,
            ),
            models.UniqueConstraint(
                fields=["organization"], condition=Q(parent=None), name="team_one_root"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(TenantModel):
    """A person of the organization, with or without a sign-in."""

    name = models.CharField(pgettext_lazy("of a person", "name"), max_length=120)
    email = models.EmailField(_("email"))
    language = models.CharField(
        _("language"),
        max_length=10,
        choices=language_choices,
        default=settings.LANGUAGE_CODE,
    )
    team = TenantForeignKey(Team, related_name="members", verbose_name=_("team"))
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.MEMBER)
    leads = models.BooleanField(_("leads this team"), default=False)
    # An owner or a leader has confirmed team and lead; until then results of cycles in which
    # someone was asked elsewhere, or not at all, are not shown to them.
    team_confirmed = models.BooleanField(db_default=False, editable=False)
    # When this person last came to the team or to its lead, or got another e-mail.
    team_since = models.DateTimeField(db_default=Now(), editable=False)
    user = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    suspended_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [
            *tenant_rules(team="NO ACTION"),
            models.UniqueConstraint(fields=["organization", "email"], name="membership_email_once"),
            models.UniqueConstraint(fields=["organization", "user"], name="membership_user_once"),
        ]
        indexes = [models.Index(fields=["organization", "team"], name="membership_team")]

    def __str__(self) -> str:
        return self.name


class Invitation(TenantModel, Job):
    """An invitation to sign in. An invitation to answer is a Participation."""

    FUNCTION, WAITS = "organizations.invitations.send", SLOW_RETRY_DELAYS

    membership = TenantForeignKey(Membership, related_name="invitations")
    token_hash = models.BinaryField(max_length=32, editable=False)
    invited_by = models.CharField(max_length=120)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, default="waiting", db_default="waiting", editable=False)

    class Meta:
        constraints = [
            *tenant_rules(membership="CASCADE"),
            models.UniqueConstraint(
                fields=["organization", "membership"],
                condition=Q(accepted_at=None),
                name="invitation_open_once",
            ),
        ]
        indexes = [
            models.Index(fields=["token_hash"], name="invitation_token"),
            models.Index(
                fields=["due_at"], name="invitation_due", condition=Q(due_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership_id}"


class AddressChange(TenantModel, Job):
    """A change of a person's e-mail: both addresses, and the mail that tells the old one.

    `id` is that of the AuditEvent. Audit events stay for good and hold no address; these rows are
    deleted with the person.
    """

    FUNCTION, WAITS = "organizations.address_changes.send", SLOW_RETRY_DELAYS

    membership = TenantForeignKey(Membership, related_name="address_changes")
    at = models.DateTimeField(db_default=Now())
    by_other = models.BooleanField()  # not by the person themselves
    before = models.EmailField()
    after = models.EmailField()
    state = models.CharField(max_length=10, default="waiting")  # as in email_delivery

    class Meta:
        constraints = tenant_rules(membership="CASCADE")
        indexes = [
            models.Index(fields=["organization", "membership"], name="address_change_person"),
            models.Index(
                fields=["due_at"], name="address_change_due", condition=Q(due_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership_id}"


class ApiKey(TenantModel):
    """A key with which one of the organization's programs reads the API. Only its hash is stored."""

    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12)
    key_hash = models.BinaryField(max_length=32, editable=False)
    scopes = ArrayField(models.CharField(max_length=20))
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = tenant_rules()
        indexes = [models.Index(fields=["key_hash"], name="api_key_hash")]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"

    def usable_at(self, moment: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > moment)


class ColumnChoice(TenantModel):
    """What a column of the organization's files was said to mean, for the next file with this column."""

    kind = models.CharField(max_length=60)  # people, headcounts, ratings and the rubric's slug
    header = models.CharField(max_length=250)  # the name of the column, folded
    field = models.CharField(max_length=121)  # what it fills; "-" if it is left out

    class Meta:
        constraints = [
            *tenant_rules(),
            models.UniqueConstraint(
                fields=["organization", "kind", "header"], name="column_choice_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.header} {self.field}"


class Principle(TenantModel):
    """One of the three principles by which specialist teams work together, in the organization's own
    words, with its methods. A new organization begins with the words of the collaboration rubric."""

    number = models.PositiveSmallIntegerField()  # 1 to 3, the order of the rubric's dimensions
    wording = models.JSONField()  # language code -> text
    methods = models.JSONField()  # the same; one method a line
    owner = TenantForeignKey(Membership, null=True, blank=True, related_name="+")
    review_on = models.DateField(null=True, blank=True)
    # Compared on saving, so that two open forms do not overwrite each other.
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            *tenant_rules(owner="NO ACTION"),
            models.UniqueConstraint(fields=["organization", "number"], name="principle_once"),
            models.CheckConstraint(
                condition=Q(number__range=(1, 3)), name="principle_is_one_of_three"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}"


class AuditEvent(TenantModel):
    """One change, written in the same transaction as the change itself."""

    at = models.DateTimeField(db_default=Now())
    # The id of a membership, without a foreign key: erasure replaces it.
    actor = models.UUIDField(null=True)
    event = models.CharField(max_length=60)
    subject = models.UUIDField(null=True)
    detail = models.JSONField(default=dict)

    class Meta:
        constraints = tenant_rules(grants="SELECT, INSERT")
        indexes = [models.Index(fields=["organization", "-at"], name="audit_latest")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.event}"


class AccessEvent(TenantModel):
    """One read of a page of results, a report, an export or the API: one line a reader, subject and day."""

    at = models.DateTimeField(db_default=Now())  # the first read of that day
    day = models.DateField()
    # The id of a membership or a key, without a foreign key: erasure takes its name.
    reader = models.UUIDField()
    page = models.CharField(max_length=60)  # the name of the view
    subject = models.CharField(max_length=200)  # the other URL arguments, joined by “/”

    class Meta:
        constraints = [
            *tenant_rules(grants="SELECT, INSERT"),
            models.UniqueConstraint(
                fields=["organization", "day", "reader", "page", "subject"],
                name="access_once_a_day",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "-at"], name="access_latest"),
            models.Index(fields=["day"], name="access_day"),
        ]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.page}"
