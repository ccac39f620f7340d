"""Comments on a capability, each under the name of a group that is large enough. Their order does not
reveal who wrote them or when, and two comments of one person never stand together."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from assessments.results.comments import PublishedComment
from assessments.results.team_history import TeamComment
from assessments.rubrics import Rubric
from reports import caveats

LINK_SCHEMES = ("https", "http")


@dataclass(frozen=True, slots=True)
class ShownComment:
    text: str
    group: str  # or, on the page of a team, the capability
    link: str  # to an example; empty where there is none with an allowed scheme
    host: str  # host name of the link


@dataclass(frozen=True, slots=True)
class CommentList:
    entries: tuple[ShownComment, ...]
    note: str


def comment_list(
    comments: Collection[PublishedComment], threshold: int, *, allowed: bool
) -> CommentList:
    """Return the comments on a capability, each with its group, and a note on the rules or on why there
    are none.

    `allowed` is whether any group that the reader may see is large enough for its comments.
    """
    shown = [_shown_comment(each.text, each.evidence, each.node.name) for each in comments]
    return _comment_list(shown, threshold, allowed=allowed)


def team_comment_list(
    comments: Collection[TeamComment],
    rubric: Rubric,
    threshold: int,
    language: str,
    *,
    allowed: bool,
) -> CommentList:
    """Return the comments of one team, each with its capability. `allowed`: whether it is large enough."""
    names = {item.slug: item.name.in_(language) for item in rubric.capabilities}
    shown = [
        _shown_comment(each.text, each.evidence, names.get(each.capability, ""))
        for each in comments
    ]
    return _comment_list(shown, threshold, allowed=allowed)


def _comment_list(shown: list[ShownComment], threshold: int, *, allowed: bool) -> CommentList:
    if not allowed:
        return CommentList((), caveats.too_few_for_comments(threshold))
    if not shown:
        parameters = {"threshold": threshold}
        note = (
            _("Comments appear once at least %(threshold)s people in a group have answered.")
            % parameters
        )
        return CommentList((), note)
    return CommentList(tuple(shown), caveats.comment_rules(threshold))


def _shown_comment(text: str, evidence: str, source: str) -> ShownComment:
    url = urlsplit(evidence)
    link = evidence if url.scheme in LINK_SCHEMES and url.hostname else ""
    return ShownComment(text, source, link, url.hostname or "" if link else "")
