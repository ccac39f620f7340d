"""Cells of value by stage of the customer: level and need of a value's capabilities at one stage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from assessments.scoring.cell import MIN_PARTS_FOR_TENTHS, Cell
from assessments.scoring.composites import stage_composites, suppression_reason
from assessments.scoring.cycle_scores import count_raters
from assessments.scoring.publish.cell_inputs import CellInputs
from assessments.scoring.publish.needs import composite_need
from assessments.scoring.rounding import print_values
from assessments.scoring.visibility import DETAIL_THRESHOLD


def stage_cells(inputs: CellInputs) -> Iterator[Cell]:
    """Yield the cells of every node, hidden and printed as values are. Limits, change and how many rated are
    not published: nobody reads a decision from them."""
    blocks, asked = inputs.scores.performance.blocks, inputs.survey.asked("performance")
    everywhere = np.broadcast_to(asked, blocks.score.shape)
    coarse_parts = inputs.published["performance"].coarse[:, : inputs.count]
    parts = np.where(coarse_parts, inputs.basis["performance"], blocks.score)
    composites = stage_composites(inputs.survey, everywhere, blocks.shown, parts)
    score = np.clip(composites.score, 1, 5)
    few = count_raters(blocks, composites.weights) < DETAIL_THRESHOLD
    coarse = few & (composites.based_on < MIN_PARTS_FOR_TENTHS)
    printed = print_values(score, coarse)
    for node_index, node in enumerate(inputs.survey.tree.nodes):
        for stage, (subject, columns) in enumerate(inputs.survey.stage_parts.items()):
            at = node_index, stage
            asked_parts = [column for column in columns if asked[column]]
            cell = Cell(
                node.id, "stage", subject, "performance", asked_capabilities=len(asked_parts)
            )
            reason = suppression_reason(float(score[at]), asked_parts, blocks.shown[node_index])
            if reason:
                yield replace(cell, suppressed=reason)
                continue
            level = float(printed[at])
            weights = composites.weights[node_index, :, stage]
            yield replace(
                cell,
                score=level,
                coarse=bool(coarse[at]),
                based_on=int(composites.based_on[at]),
                **composite_need(inputs.fit, node_index, weights, level, coarse=bool(coarse[at])),
            )
