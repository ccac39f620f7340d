"""Comments as they are shown: their words, their group, a link only where it can be followed safely."""

from __future__ import annotations

import pytest
from django.utils import translation

from assessments.results.comments import PublishedComment
from reports.presenters.comments import CommentList, comment_list
from tests.reports.published_cells import node

BRAND = node("Brand", 0)


def shown(*found: PublishedComment, heard: bool = True) -> CommentList:
    with translation.override("en"):
        return comment_list(found, 10, allowed=heard)


def test_a_comment_stands_under_its_group_in_the_order_it_came_in() -> None:
    page = shown(PublishedComment("Second", "", BRAND), PublishedComment("First", "", BRAND))
    assert [(one.text, one.group) for one in page.entries] == [
        ("Second", "Brand"),
        ("First", "Brand"),
    ]


@pytest.mark.parametrize(
    ("evidence", "link", "host"),
    [
        ("https://wiki.example/a?b=1", "https://wiki.example/a?b=1", "wiki.example"),
        ("javascript:alert(1)", "", ""),
        ("https://", "", ""),
        ("", "", ""),
    ],
)
def test_only_a_link_to_a_page_can_be_followed(evidence: str, link: str, host: str) -> None:
    (one,) = shown(PublishedComment("Seen", evidence, BRAND)).entries
    assert (one.link, one.host) == (link, host)


def test_the_threshold_is_said_whether_or_not_there_is_a_comment() -> None:
    assert all("10" in shown(heard=heard).note for heard in (True, False))
    assert shown().note != shown(heard=False).note
