"""The pictures: every point where its number says, every word escaped, nothing drawn that is not known."""

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.charts import (
    Axis,
    MatrixLabels,
    MatrixPoint,
    Ring,
    Svg,
    TeamDot,
    bar,
    dot_plot,
    dumbbell,
    priority_matrix,
    rings,
    sparkline,
)
from reports.charts.rings import curve, degrees, point

SIX = (3.2, 3.3, 3.6, 2.9, 2.6, 2.6)
NEED = (3.4, 3.6, 3.2, 3.0, 3.6, 3.6)
ABOUT = MatrixLabels(3.7, 3.5, "Importance vs. level", "Level", "Importance", ("a", "b", "c", "d"))


def axes(count: int, name: str = "Axis") -> list[Axis]:
    return [Axis(f"{name} {n}", "3.0", "need 3.4", "0.4 short", "below") for n in range(count)]


def drawn(svg: Svg) -> ET.Element:
    """The picture, read by a strict parser."""
    return ET.fromstring(svg)


def one(picture: ET.Element, kind: str) -> ET.Element:
    (found,) = all_of(picture, kind)
    return found


def all_of(picture: ET.Element, kind: str) -> list[ET.Element]:
    return [node for node in picture.iter() if kind in (node.get("class") or "").split()]


def places(path: str) -> list[tuple[float, float]]:
    numbers = [float(number) for number in re.findall(r"-?\d+\.\d", path)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def near(path: str, place: tuple[float, float]) -> bool:
    return any(abs(x - place[0]) < 0.06 and abs(y - place[1]) < 0.06 for x, y in places(path))


@given(
    st.integers(3, 8).flatmap(
        lambda n: st.lists(
            st.floats(1, 5).map(lambda level: round(level, 1)), min_size=n, max_size=n
        )
    )
)
def test_a_ring_passes_exactly_through_its_levels(levels: list[float]) -> None:
    count = len(levels)
    svg = rings([Ring("now", tuple(levels))], [3.0] * count, axes(count), title="Rings")
    path = one(drawn(svg), "ring-now").get("d") or ""
    assert path.endswith("Z")
    for place, level in enumerate(levels):
        assert near(path, point(level, degrees(place, count)))


def test_a_level_of_one_lies_near_the_pith_and_five_at_the_end_of_the_axis() -> None:
    picture = drawn(rings([Ring("now", SIX)], NEED, axes(6), title="Rings"))
    first = all_of(picture, "axis")[0]
    start, end = point(1, 30), point(5, 30)
    assert (first.get("x1"), first.get("y1")) == (f"{start[0]:.1f}", f"{start[1]:.1f}")
    assert (first.get("x2"), first.get("y2")) == (f"{end[0]:.1f}", f"{end[1]:.1f}")


def test_where_a_level_is_missing_the_ring_is_broken_and_carries_no_dot() -> None:
    levels = (3.2, None, *SIX[2:])
    picture = drawn(rings([Ring("now", levels)], NEED, axes(6), title="Rings"))
    path = one(picture, "ring-now").get("d") or ""
    assert path.count("M") == 1
    assert not path.endswith("Z")
    assert places(path)[0] == pytest.approx(point(3.6, 150), abs=0.06)
    assert places(path)[-1] == pytest.approx(point(3.2, 390), abs=0.06)
    assert len(all_of(picture, "dot")) == 5
    assert len(all_of(picture, "missing")) == 1


def test_a_level_between_two_missing_ones_is_a_dot_without_a_ring() -> None:
    picture = drawn(rings([Ring("now", (3, None, 4, None, 2, None))], NEED, axes(6), title="R"))
    assert one(picture, "ring-now").get("d") == ""
    assert len(all_of(picture, "dot")) == 3


def test_nothing_is_filled_beside_a_missing_level() -> None:
    levels = (3.2, None, *SIX[2:])
    whole = drawn(rings([Ring("now", SIX)], NEED, axes(6), title="Rings"))
    broken = drawn(rings([Ring("now", levels)], NEED, axes(6), title="Rings"))

    def pieces(picture: ET.Element) -> int:
        return sum((one(picture, kind).get("d") or "").count("M") for kind in ("short", "over"))

    assert pieces(broken) < pieces(whole)
    right = point(1, 90)[0]
    assert not any(
        x > right and abs(y - 234) < 8 for x, y in places(one(broken, "short").get("d") or "")
    )


def test_orange_is_where_the_need_lies_outside_and_blue_where_the_ring_does() -> None:
    short = drawn(rings([Ring("now", (2,) * 6)], [4] * 6, axes(6), title="Rings"))
    assert not all_of(short, "over")
    filled = places(one(short, "short").get("d") or "")
    reaches = {round(((x - 320) ** 2 + (y - 234) ** 2) ** 0.5) for x, y in filled}
    assert reaches == {74, 182}
    over = drawn(rings([Ring("now", (4,) * 6)], [2] * 6, axes(6), title="Rings"))
    assert not all_of(over, "short")
    assert len(all_of(over, "over")) == 1


def test_ring_and_need_that_are_equal_leave_nothing_to_fill() -> None:
    picture = drawn(rings([Ring("now", SIX)], SIX, axes(6), title="Rings"))
    assert not all_of(picture, "short")
    assert not all_of(picture, "over")


def test_the_newest_ring_is_drawn_last_of_the_cycles_and_older_ones_grow_paler() -> None:
    cycles = [Ring(str(n), tuple(level - n / 5 for level in SIX)) for n in range(5)]
    picture = drawn(rings(cycles, NEED, axes(6), title="Rings"))
    kinds = [(node.get("class") or "").split()[1] for node in all_of(picture, "ring")]
    assert kinds == ["ring-3", "ring-3", "ring-2", "ring-1", "ring-now", "ring-need"]


def test_before_the_first_cycle_there_are_axes_and_no_ring() -> None:
    picture = drawn(rings([], [None] * 6, axes(6), title="Rings"))
    assert len(all_of(picture, "missing")) == 6
    assert not all_of(picture, "ring-now")


def test_the_interval_lies_on_its_axis_from_low_to_high() -> None:
    about = [Axis("Axis", "3.0", low=2.8, high=3.2), *axes(2)]
    interval = one(drawn(rings([Ring("n", (3, 3, 3))], [3, 3, 3], about, title="R")), "interval")
    low, high = point(2.8, 60), point(3.2, 60)
    assert (interval.get("x1"), interval.get("y2")) == (f"{low[0]:.1f}", f"{high[1]:.1f}")


def test_the_description_says_every_number() -> None:
    svg = rings([Ring("now", (3, 3, 3))], [3, 3, 3], axes(3), title="Rings", ident="big")
    picture = drawn(svg)
    assert picture.get("aria-labelledby") == "big-title"
    assert picture.get("aria-describedby") == "big-desc"
    texts = {node.get("id"): node.text for node in picture}
    assert texts["big-title"] == "Rings"
    assert (texts["big-desc"] or "").count("3.0, need 3.4, 0.4 short") == 3


@pytest.mark.parametrize("count", range(3, 9))
def test_words_lie_inside_the_frame_and_clear_of_the_largest_ring(count: int) -> None:
    svg = rings([Ring("now", (5,) * count)], [5] * count, axes(count), title="Rings")
    picture = drawn(svg)
    left, top, width, height = (float(n) for n in (picture.get("viewBox") or "").split())
    for text in picture.iter("text"):
        x, y = float(text.get("x") or 0), float(text.get("y") or 0)
        assert left <= x <= left + width
        assert top + 8 <= y <= top + height
    for name in all_of(picture, "axis-num"):
        x, y = float(name.get("x") or 0), float(name.get("y") or 0)
        assert (x - 320) ** 2 + (y - 234) ** 2 > 236**2


def test_rings_need_three_axes_and_a_level_for_each() -> None:
    with pytest.raises(ValueError, match="three axes"):
        rings([], [None, None], axes(2), title="Rings")
    with pytest.raises(ValueError, match="each of them"):
        rings([Ring("now", (1, 2))], [3, 3, 3], axes(3), title="Rings")


def test_a_curve_never_leaves_the_scale_by_more_than_a_little() -> None:
    (piece,) = curve((1, 5, 1, 5, 1, 5))
    assert all(0.75 <= level <= 5.25 for level, _ in piece)


def test_a_dumbbell_shows_level_need_leader_and_interval_where_their_numbers_are() -> None:
    picture = drawn(dumbbell(2.0, 4.0, 1.5, 2.5, leader=5.0, side="below", width=216))
    assert one(picture, "level").get("cx") == "58.0"
    assert one(picture, "need").get("cx") == "158.0"
    assert (one(picture, "gap").get("x1"), one(picture, "gap").get("x2")) == ("58.0", "158.0")
    assert (one(picture, "interval").get("x1"), one(picture, "interval").get("x2")) == (
        "33.0",
        "83.0",
    )
    assert (one(picture, "leader").get("d") or "").startswith("M208.0 ")
    assert "below" in (picture.get("class") or "")


def test_a_dumbbell_without_a_level_shows_the_need_alone() -> None:
    picture = drawn(dumbbell(None, 3.0))
    assert [(node.get("class")) for node in picture if node.tag == "circle"] == ["need"]
    assert not all_of(picture, "gap")


def test_when_everyone_answered_no_interval_is_drawn() -> None:
    assert not all_of(drawn(dumbbell(3.0, 4.0, 3.0, 3.0)), "interval")


def test_a_need_behind_a_level_is_drawn_large_enough_to_be_seen() -> None:
    assert float(one(drawn(dumbbell(3.0, 3.1)), "need").get("r") or 0) > 6


def test_a_spark_breaks_where_a_cycle_is_missing() -> None:
    picture = drawn(sparkline((2.0, 2.4, None, 3.0, 3.4), "up"))
    assert len(all_of(picture, "past")) == 2
    assert len(all_of(picture, "mid")) == 3
    end = one(picture, "end")
    assert (end.get("cx"), "up" in (end.get("class") or "")) == ("83.0", True)


def test_a_higher_level_stands_higher_in_a_spark() -> None:
    dots = [float(node.get("cy") or 0) for node in drawn(sparkline((2.0, 3.0, 2.5))).iter("circle")]
    assert dots[1] < dots[2] < dots[0]


def test_small_differences_stay_small_in_a_spark() -> None:
    dots = [float(node.get("cy") or 0) for node in drawn(sparkline((3.0, 3.1))).iter("circle")]
    assert abs(dots[0] - dots[1]) < 2


@pytest.mark.parametrize("values", [(), (None,), (3.0,)])
def test_a_spark_of_nothing_or_one_is_no_error(values: tuple[float | None, ...]) -> None:
    assert not all_of(drawn(sparkline(values)), "last")


def test_bars_are_measured_against_the_longest() -> None:
    lengths = [drawn(bar(count, 27))[0].get("width") for count in (27, 9, 0)]
    assert lengths == ["120.0", "40.0", "0.0"]
    assert drawn(bar(0, 0))[0].get("width") == "0.0"


def crowd() -> list[MatrixPoint]:
    """Thirty-six capabilities, several of them on the very same spot."""
    return [
        MatrixPoint(
            f"Capability number {n}",
            2 + n % 7 / 4,
            3 + n % 5 / 4,
            n + 1 if n < 5 else None,
            "above" if n > 30 else "below",
            summary=f"at least {2 + n % 7 / 4:.1f}",
        )
        for n in range(36)
    ]


def test_no_name_on_the_board_meets_another_name_or_a_numbered_dot() -> None:
    picture = drawn(priority_matrix(crowd(), ABOUT))
    boxes = []
    for label in all_of(picture, "label"):
        x, y = float(label.get("x") or 0), float(label.get("y") or 0)
        long = 0.5 * 12.5 * len(label.text or "")
        left = {"start": x, "middle": x - long / 2, "end": x - long}[label.get("text-anchor") or ""]
        boxes.append((left, y - 8, left + long, y))
    assert boxes
    for place, (left, top, right, bottom) in enumerate(boxes):
        for other in boxes[place + 1 :]:
            assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top
        for dot in all_of(picture, "point"):
            x, y = float(dot.get("cx") or 0), float(dot.get("cy") or 0)
            assert not (left < x < right and top < y < bottom)


def test_every_capability_has_a_dot_with_its_name_and_the_first_five_their_place() -> None:
    picture = drawn(priority_matrix(crowd(), ABOUT))
    assert len(all_of(picture, "point")) == 36
    assert {dot[0].text for dot in all_of(picture, "point")} == {
        f"{one.name} {one.summary}" for one in crowd()
    }
    assert sorted(node.text or "" for node in all_of(picture, "rank-in")) == list("12345")


def test_more_important_stands_higher_and_a_higher_level_further_right() -> None:
    one_point, other = MatrixPoint("low", 2, 3, 9), MatrixPoint("high", 4, 4.5, 10)
    dots = {
        dot[0].text: dot
        for dot in all_of(drawn(priority_matrix([one_point, other], ABOUT)), "point")
    }
    low, high = dots["low"], dots["high"]
    assert float(low.get("cx") or 0) < float(high.get("cx") or 0)
    assert float(low.get("cy") or 0) > float(high.get("cy") or 0)


def test_every_dot_lies_within_the_board() -> None:
    ends = [MatrixPoint("a", 1, 1, 1), MatrixPoint("b", 5, 5, 2)]
    for dot in all_of(drawn(priority_matrix(ends, ABOUT)), "point"):
        assert 44 <= float(dot.get("cx") or 0) <= 546
        assert 26 <= float(dot.get("cy") or 0) <= 554


def test_an_empty_board_shows_its_lines() -> None:
    assert len(all_of(drawn(priority_matrix([], ABOUT)), "cut")) == 2


def test_the_way_of_a_team_leads_from_its_level_before() -> None:
    moved = drawn(dumbbell(4.0, 3.0, before=2.0, side="up"))
    assert (one(moved, "before").get("cx"), one(moved, "gap").get("x2")) == ("69.0", "69.0")
    assert not all_of(drawn(dumbbell(4.0, 3.0)), "before")


def test_the_organization_is_a_dotted_ring_and_a_stroke_above_the_track() -> None:
    whole = rings([Ring("n", (3, 3, 3))], [3, 3, 3], axes(3), title="R", organization=(2, 2, 2))
    assert whole.count('class="ring ring-org"') == 1
    assert "ring-org" not in rings([Ring("n", (3, 3, 3))], [3, 3, 3], axes(3), title="R")
    assert 'class="orgmark" d="M130.0 4v8"' in dumbbell(4.0, None, organization=3.0)


def test_equal_levels_of_teams_are_stacked_beside_the_line_and_never_under_the_whole() -> None:
    def heights(whole: float, *levels: float) -> list[float]:
        picture = drawn(dot_plot(whole, [TeamDot(level, "t") for level in levels]))
        return [float(dot.get("cy") or 0) for dot in all_of(picture, "team")]

    assert heights(3.0, 2.0, 2.5) == [17.0, 17.0]
    assert heights(3.0, 2.0, 2.0, 2.0) == [17.0, 6.0, 28.0]
    assert heights(3.0, 3.0, 3.0) == [6.0, 28.0]
    many = heights(3.0, *[2.0] * 9)
    assert len(set(many)) == 9 and min(many) == 6.0 and max(many) == 28.0


def test_a_highlighted_team_is_drawn_over_the_others() -> None:
    dots = [TeamDot(2.0, "a", highlighted=True), TeamDot(2.0, "b")]
    drawing = all_of(drawn(dot_plot(None, dots)), "team")
    assert [dot.get("class") for dot in drawing] == ["team", "team on"]
