"""The three principles by which capable CMOs make specialist teams work together: the organization's own
wording of each, and its methods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from organizations import audit
from organizations.models import Language, Membership, Principle, Role

MAX_WORDING_LENGTH, MAX_METHODS_LENGTH = 300, 2000


@dataclass(frozen=True, slots=True)
class PrincipleText:
    """The wording and the methods of a principle by language code; one method a line."""

    wording: Mapping[str, str]
    methods: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PrincipleChange:
    """Everything that can be changed about a principle."""

    text: PrincipleText
    owner: UUID | None
    review_on: date | None


# What every organization begins with: the words of the built-in collaboration rubric.
DEFAULT_TEXTS = (
    PrincipleText(
        wording={
            "en": "Leaders set clear principles and methods for marketing.",
            "ko": "리더가 마케팅의 판단 기준과 일하는 방법을 명확히 정하는 원칙",
        },
        methods={
            "en": (
                "Writing down the principles behind marketing choices.\n"
                "Planning marketing work with one shared method.\n"
                "Making clear who decides what.\n"
                "Judging success by the same measures across teams."
            ),
            "ko": (
                "마케팅 판단의 기준이 되는 원칙을 글로 정하는 실천\n"
                "하나의 공유된 방법으로 마케팅 업무를 기획하는 실천\n"
                "누가 무엇을 결정하는지 분명히 하는 실천\n"
                "여러 팀이 같은 지표로 성과를 판단하는 실천"
            ),
        },
    ),
    PrincipleText(
        wording={
            "en": "Specialist teams interact flexibly around what customers need.",
            "ko": "전문 부서들이 고객 니즈를 중심으로 유연하게 상호작용하는 원칙",
        },
        methods={
            "en": (
                "Bringing specialists together around a customer need.\n"
                "Exchanging know-how with other specialist teams.\n"
                "Voicing disagreement openly for the customer's sake.\n"
                "Holding several teams to one customer goal."
            ),
            "ko": (
                "고객 니즈를 중심으로 전문 인력을 모으는 실천\n"
                "다른 전문 부서의 노하우를 주고받는 실천\n"
                "고객을 위해 이견을 터놓고 말하는 실천\n"
                "여러 팀이 하나의 고객 목표를 함께 책임지는 실천"
            ),
        },
    ),
    PrincipleText(
        wording={
            "en": "Technology cuts coordination cost to raise efficiency, transparency and trust.",
            "ko": "기술로 조율 비용을 줄여 효율성·투명성·신뢰를 높이는 원칙",
        },
        methods={
            "en": (
                "Using technology to cut the time teams spend coordinating.\n"
                "Passing work between teams with little manual handling.\n"
                "Letting other teams see the status of work.\n"
                "Letting teams rely on the same data when they decide."
            ),
            "ko": (
                "기술로 팀 간 조율에 드는 시간을 줄이는 실천\n"
                "수작업을 줄여 팀 간 업무를 넘기는 실천\n"
                "다른 팀이 업무 현황을 볼 수 있게 하는 실천\n"
                "여러 팀이 같은 데이터를 믿고 결정하게 하는 실천"
            ),
        },
    ),
)


def create_defaults() -> None:
    """Create the three principles of a new organization, inside the transaction that founds it."""
    Principle.objects.bulk_create(
        Principle(number=number, wording=text.wording, methods=text.methods)
        for number, text in enumerate(DEFAULT_TEXTS, start=1)
    )


def list_principles() -> list[Principle]:
    """Return the three, with the person who answers for each. 1 statement."""
    return list(Principle.objects.select_related("owner").order_by("number"))


def owner_candidates(row: Principle) -> list[tuple[UUID, str]]:
    """Return (membership, name) of those who could answer for it: leads, everyone who is more than a
    member, and whoever does now. 1 statement."""
    eligible = Q(suspended_at=None) & (Q(leads=True) | ~Q(role=Role.MEMBER))
    people = Membership.objects.filter(eligible | Q(pk=row.owner_id)).order_by("name", "pk")
    return list(people.values_list("pk", "name"))


@transaction.atomic
def change_principle(
    number: int, wanted: PrincipleChange, *, version: int, today: date, by: UUID | None
) -> Principle:
    """Change a principle's wording, methods, owner or review date. `version` is the one that was read before.

    Raises ValidationError if someone else changed it meanwhile.
    """
    row = Principle.objects.select_for_update().get(number=number)
    if row.version != version:
        raise ValidationError(
            _("Someone has changed this principle meanwhile. Compare both, then save again.")
        )
    _validate_change(row, wanted, today)
    before = (row.wording, row.methods, row.owner_id, row.review_on)
    row.wording, row.methods = dict(wanted.text.wording), dict(wanted.text.methods)
    row.owner_id, row.review_on = wanted.owner, wanted.review_on
    after = (row.wording, row.methods, row.owner_id, row.review_on)
    changed = [
        name
        for name, old, new in zip(
            ("wording", "methods", "owner", "review"), before, after, strict=True
        )
        if old != new
    ]
    if changed:
        row.version += 1
        row.save()
        audit.record("principle.changed", by=by, on=row, number=number, changed=changed)
    return row


def _validate_change(row: Principle, wanted: PrincipleChange, today: date) -> None:
    for language in Language:
        if not wanted.text.wording.get(language, "").strip():
            raise ValidationError({f"wording_{language}": _("Say it in both languages.")})
    if wanted.owner is not None and wanted.owner != row.owner_id:
        active = Membership.objects.filter(pk=wanted.owner, suspended_at=None)
        if not active.exists():
            text = _("This person is no longer there. Choose another one.")
            raise ValidationError({"owner": text})
    is_past = wanted.review_on is not None and wanted.review_on < today
    if is_past and wanted.review_on != row.review_on:
        raise ValidationError({"review_on": _("This day is over. Choose a later one.")})
