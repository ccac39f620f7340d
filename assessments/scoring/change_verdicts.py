"""The verdict of a change (method 2.3, 2.4 and 9): tests of one family are adjusted together, an arrow
needs the same people to agree, and "few" says that too few answered to tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import stats

from assessments.scoring.cell import Verdict
from assessments.scoring.intervals import UPPER_QUANTILE
from assessments.scoring.matched_change import MatchedChange
from assessments.scoring.survey import Bools, Floats, Ints, Survey

VERDICTS: tuple[Verdict, ...] = ("none", "up", "down", "few", "other_people", "untested")
NONE, UP, DOWN, FEW, OTHER_PEOPLE, UNTESTED = range(6)
FALSE_DISCOVERY_RATE, MATCHED_LEVEL, MAX_MDC, POWER = 0.10, 0.05, 1.0, 0.80
MIN_CHANGE, MIN_COMPOSITE_CHANGE = 0.2, 0.1  # points


@dataclass(frozen=True, eq=False)
class TestedChange:
    """Arrays (nodes, capabilities + values + 1); NaN where there is nothing to compare."""

    size: Floats  # D: after - before, in points
    se: Floats
    df: Floats
    p: Floats  # two-sided
    mdc: Floats  # half-width of the interval of the change
    matched: MatchedChange


@dataclass(frozen=True, eq=False)
class JudgedChange:
    """Arrays (nodes, capabilities + values + 1)."""

    adjusted: Floats  # p after Benjamini and Hochberg within its family
    detectable: Floats  # the change that would have been found in 8 of 10 cases, in points
    verdict: Ints  # index in VERDICTS


def p_values(size: Floats, se: Floats, df: Floats) -> Floats:
    """Return two-sided p values. Without any noise: 1 for no change, NaN for any."""
    noisy = 2 * stats.t.sf(np.abs(size) / _divisor(se), _divisor(df))
    still = np.where(np.abs(size) < 1e-12, 1.0, np.nan)
    p = np.where(se > 0, noisy, still)
    return np.where(np.isnan(size), np.nan, p)


def judge(tested: TestedChange, survey: Survey) -> JudgedChange:
    """Judge every change. At the root capabilities, values and the whole are a family each; below it
    values and the whole are one, and the capabilities of a value another if the value itself moved."""
    count = len(survey.capabilities)
    shape = tested.size.shape
    adjusted, detectable = np.full((2, *shape), np.nan)
    verdict = np.full(shape, UNTESTED, dtype=np.int64)
    floor = np.where(np.arange(shape[1]) < count, MIN_CHANGE, MIN_COMPOSITE_CHANGE)

    def judge_family(node: int, columns: Ints) -> None:
        at = np.full(columns.shape, node), columns
        adjusted[at] = adjust_family(tested.p[at])
        tests = max(1, int((~np.isnan(tested.p[at])).sum()))
        detectable[at] = _detectable(tested, at, floor[columns], tests)
        verdict[at] = _verdicts(tested, at, adjusted[at], floor[columns])

    for node in range(shape[0]):
        if np.isnan(tested.size[node]).all():
            continue
        for columns in _first_families(count, shape[1], is_root=node == 0):
            judge_family(node, columns)
        if node:
            for value, columns in enumerate(_parts(survey)):
                if verdict[node, count + value] in (UP, DOWN):
                    judge_family(node, columns)
    unknown = np.isnan(tested.size)
    return JudgedChange(
        adjusted,
        np.where(unknown, np.nan, detectable),
        np.where(unknown, UNTESTED, verdict),
    )


def judge_map(tested: TestedChange, values: slice) -> Ints:
    """Return the verdicts (nodes, values) with all nodes and values as one family."""
    at = np.indices(tested.size.shape)[:, :, values]
    index = at[0], at[1]
    return _verdicts(tested, index, adjust_family(tested.p[index]), np.array(MIN_COMPOSITE_CHANGE))


def adjust_family(p: Floats) -> Floats:
    """Adjust p values of one family (Benjamini and Hochberg); NaN was not tested and stays."""
    adjusted, known = np.full(p.shape, np.nan), ~np.isnan(p)
    if known.any():
        adjusted[known] = stats.false_discovery_control(p[known])
    return adjusted


def _first_families(count: int, width: int, *, is_root: bool) -> Iterator[Ints]:
    composites = np.arange(count, width)
    if not is_root:
        yield composites
        return
    yield np.arange(count)
    yield composites[:-1]
    yield composites[-1:]


def _parts(survey: Survey) -> Iterator[Ints]:
    """Yield the columns of the capabilities of each value."""
    names = np.array([capability.dimension for capability in survey.capabilities])
    for value in survey.dimensions:
        yield np.flatnonzero(names == value.id)


def _detectable(tested: TestedChange, at: tuple[Ints, Ints], floor: Floats, tests: int) -> Floats:
    """Return the least true change that both tests would find in 8 of 10 cases."""
    df, matched = _divisor(tested.df[at]), tested.matched
    seen = stats.t.ppf(1 - FALSE_DISCOVERY_RATE / 2 / tests, df) * tested.se[at]
    group = np.maximum(floor, seen) + stats.t.ppf(POWER, df) * tested.se[at]
    quantiles = stats.t.ppf(UPPER_QUANTILE, matched.df[at]) + stats.t.ppf(POWER, matched.df[at])
    same_people = np.nan_to_num(quantiles * matched.se[at])
    return np.maximum(group, same_people)


def _verdicts(tested: TestedChange, at: tuple[Ints, Ints], adjusted: Floats, floor: Floats) -> Ints:
    """Return indices in VERDICTS."""
    size, matched = tested.size[at], tested.matched
    sure = (adjusted <= FALSE_DISCOVERY_RATE) & (np.abs(size) >= floor - 1e-9)
    verdict: Ints = np.where(sure, np.where(size > 0, UP, DOWN), NONE)
    known = ~np.isnan(matched.p[at])
    agree: Bools = (matched.p[at] <= MATCHED_LEVEL) & (np.sign(matched.change[at]) == np.sign(size))
    verdict = np.where(sure & known & ~agree, OTHER_PEOPLE, verdict)
    return np.where(tested.mdc[at] > MAX_MDC, FEW, verdict)


def _divisor(values: Floats) -> Floats:
    """Return the values with 1 in place of what cannot be divided by."""
    return np.where(values > 0, values, 1)
