"""Rubrics, which say what is measured: read strictly from files, immutable, compared by digest. No Django."""

from assessments.rubrics.parser import read_rubric
from assessments.rubrics.problems import RubricProblem, RubricProblems
from assessments.rubrics.schema import (
    Capability,
    Dimension,
    Exposure,
    ExposureQuestion,
    LevelText,
    Rubric,
    TranslatedText,
)
from assessments.rubrics.storage import (
    BUILT_IN,
    COLLABORATION_RUBRIC,
    MAIN_RUBRIC,
    Comparison,
    built_in,
    canonical,
    compare,
    digest,
    from_document,
    to_document,
    to_yaml,
)

__all__ = [
    "BUILT_IN",
    "COLLABORATION_RUBRIC",
    "MAIN_RUBRIC",
    "Capability",
    "Comparison",
    "Dimension",
    "Exposure",
    "ExposureQuestion",
    "LevelText",
    "Rubric",
    "RubricProblem",
    "RubricProblems",
    "TranslatedText",
    "built_in",
    "canonical",
    "compare",
    "digest",
    "from_document",
    "read_rubric",
    "to_document",
    "to_yaml",
]
