"""The verdict of a change (method 2.3, 2.4 and 9): tests of one family are adjusted together, an arrow
needs the same people to agree, and "few" says that too few answered to tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from assessments.scoring.cell import Verdict
from assessments.scoring.intervals import UPPER_QUANTILE, t_quantile, two_sided_p
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
    noisy = two_sided_p(np.abs(size) / _divisor(se), _divisor(df))
    still = np.where(np.abs(size) < 1e-12, 1.0, np.nan)
    p = np.where(se > 0, noisy, still)
    return np.where(np.isnan(size), np.nan, p)


def judge(tested: TestedChange, survey: Survey) -> JudgedChange:
    """Judge every change. At the root capabilities, values and the whole are a family each; below it
    values and the whole are one, and the capabilities of a value another if the value itself moved."""
    count, shape = len(survey.capabilities), tested.size.shape
    adjusted, detectable = np.full((2, *shape), np.nan)
    verdict = np.full(shape, UNTESTED, dtype=np.int64)
    floor = np.where(np.arange(shape[1]) < count, MIN_CHANGE, MIN_COMPOSITE_CHANGE)

    def judge_families(nodes: Ints, columns: Ints) -> None:
        """Judge these columns of each of the nodes as one family."""
        at = nodes[:, None], columns[None]
        adjusted[at] = adjust_families(tested.p[at])
        detectable[at] = _detectable(tested, at, floor[columns])
        verdict[at] = _verdicts(tested, at, adjusted[at], floor[columns])

    root, below = np.split(np.arange(shape[0]), [1])
    capabilities, composites = np.split(np.arange(shape[1]), [count])
    for columns in (capabilities, composites[:-1], composites[-1:]):
        judge_families(root, columns)
    judge_families(below, composites)
    for value, columns in zip(composites, _parts(survey), strict=False):
        judge_families(below[np.isin(verdict[below, value], (UP, DOWN))], columns)
    unknown = np.isnan(tested.size)
    return JudgedChange(
        adjusted,
        np.where(unknown, np.nan, detectable),
        np.where(unknown, UNTESTED, verdict),
    )


def judge_map(tested: TestedChange, values: slice) -> Ints:
    """Return the verdicts (nodes, values) with all nodes and values as one family."""
    at = np.indices(tested.size.shape)[:, :, values]
    index, p = (at[0], at[1]), tested.p[:, values]
    adjusted = adjust_families(p.reshape(1, -1)).reshape(p.shape)
    return _verdicts(tested, index, adjusted, np.array(MIN_COMPOSITE_CHANGE))


def adjust_families(p: Floats) -> Floats:
    """Adjust p values (families, tests) within each family (Benjamini and Hochberg); NaN was not tested and
    stays."""
    order = np.argsort(p, axis=1)  # NaN come last
    tests = (~np.isnan(p)).sum(axis=1, keepdims=True)
    grown = np.take_along_axis(p, order, axis=1) * (tests / np.arange(1, p.shape[1] + 1))
    lowest = np.fmin.accumulate(grown[:, ::-1], axis=1)[:, ::-1]
    adjusted = np.empty(p.shape)
    np.put_along_axis(adjusted, order, np.clip(lowest, 0, 1), axis=1)
    return np.where(np.isnan(p), np.nan, adjusted)


def _parts(survey: Survey) -> Iterator[Ints]:
    """Yield the columns of the capabilities of each value."""
    names = np.array([capability.dimension for capability in survey.capabilities])
    for value in survey.dimensions:
        yield np.flatnonzero(names == value.id)


def _detectable(tested: TestedChange, at: tuple[Ints, Ints], floor: Floats) -> Floats:
    """Return the least true change that both tests would find in 8 of 10 cases: (families, tests)."""
    df, matched = _divisor(tested.df[at]), tested.matched
    tests = np.maximum(1, (~np.isnan(tested.p[at])).sum(axis=1, keepdims=True))
    seen = t_quantile(1 - FALSE_DISCOVERY_RATE / 2 / tests, df) * tested.se[at]
    group = np.maximum(floor, seen) + t_quantile(POWER, df) * tested.se[at]
    quantiles = t_quantile(UPPER_QUANTILE, matched.df[at]) + t_quantile(POWER, matched.df[at])
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
