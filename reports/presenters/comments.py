"""Comments on a capability, each under the name of a group that is large enough. Their order does not
reveal who wrote them or when, and two comments of one person never stand together."""

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
    link: str  # to an example; empty where there is none with an allowed scheme
    host: str  # host name of the link


@dataclass(frozen=True, slots=True)
class CommentList:
    entries: tuple[ShownComment, ...]
    note: str


def comment_list(
    comments: Collection[PublishedComment], threshold: int, *, allowed: bool
) -> CommentList:
    """Return the list, with a note on the rules or on why it is empty.

    `allowed` is whether any group that the reader may see is large enough for its comments.
    """
    if not allowed:
        return CommentList((), caveats.too_few_for_comments(threshold))
    if not comments:
        parameters = {"threshold": threshold}
        note = (
            _("Comments appear once at least %(threshold)s people in a group have answered.")
            % parameters
        )
        return CommentList((), note)
    return CommentList(tuple(map(_shown_comment, comments)), caveats.comment_rules(threshold))


def _shown_comment(comment: PublishedComment) -> ShownComment:
    url = urlsplit(comment.evidence)
    link = comment.evidence if url.scheme in LINK_SCHEMES and url.hostname else ""
    return ShownComment(comment.text, comment.node.name, link, url.hostname or "" if link else "")
