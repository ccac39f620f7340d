"""What people said about a capability: their words under the name of a group that is large enough, in an
order that tells nothing about who or when, and never two of one person together."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from assessments.results.queries import PublishedComment
from reports import caveats

LINK_SCHEMES = ("https", "http")


@dataclass(frozen=True, slots=True)
class ShownComment:
    text: str
    group: str
    link: str  # to an example; empty where there is none that can be followed
    host: str  # where it leads


@dataclass(frozen=True, slots=True)
class CommentList:
    said: tuple[ShownComment, ...]
    note: str


def comment_list(
    found: Collection[PublishedComment], threshold: int, *, heard: bool
) -> CommentList:
    """`heard`: whether any group that the reader may see is large enough for its comments."""
    if not heard:
        return CommentList((), caveats.too_few_for_comments(threshold))
    if not found:
        least = {"threshold": threshold}
        note = _("No group of %(threshold)s people or more has commented on it.") % least
        return CommentList((), note)
    return CommentList(tuple(map(_said, found)), caveats.comment_rules(threshold))


def _said(one: PublishedComment) -> ShownComment:
    where = urlsplit(one.evidence)
    link = one.evidence if where.scheme in LINK_SCHEMES and where.hostname else ""
    return ShownComment(one.text, one.node.name, link, where.hostname or "" if link else "")
