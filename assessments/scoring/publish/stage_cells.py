"""Cells of value by stage of the customer: level and need of a value's capabilities at one stage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from assessments.scoring.cell import Cell
from assessments.scoring.composites import stage_composites, suppression_reason
from assessments.scoring.cycle_scores import count_raters
from assessments.scoring.publish.cell_inputs import CellInputs
from assessments.scoring.publish.needs import composite_need
from assessments.scoring.rounding import BOUNDS, printed_scores


def stage_cells(inputs: CellInputs) -> Iterator[Cell]:
    """Yield the cells of every node, hidden and printed as values are. Limits, change and how many rated are
    not published: nobody reads a decision from them."""
    blocks, asked = inputs.scores.performance.blocks, inputs.survey.asked("performance")
    everywhere = np.broadcast_to(asked, blocks.score.shape)
    composites = stage_composites(inputs.survey, everywhere, blocks.shown, blocks.score)
    score = np.clip(composites.score, 1, 5)
    printed = printed_scores(score, score, score, count_raters(blocks, composites.weights))
    for node_index, node in enumerate(inputs.survey.tree.nodes):
        for stage, (subject, parts) in enumerate(inputs.survey.stage_parts.items()):
            at = node_index, stage
            asked_parts = [part for part in parts if asked[part]]
            cell = Cell(
                node.id, "stage", subject, "performance", asked_capabilities=len(asked_parts)
            )
            reason = suppression_reason(float(score[at]), asked_parts, blocks.shown[node_index])
            if reason:
                yield replace(cell, suppressed=reason)
                continue
            level, bound = float(printed.score[at]), int(printed.bound[at])
            weights = composites.weights[node_index, :, stage]
            yield replace(
                cell,
                score=level,
                bound=BOUNDS[bound],
                based_on=int(composites.based_on[at]),
                **composite_need(inputs.fit, node_index, weights, level, bound),
            )
