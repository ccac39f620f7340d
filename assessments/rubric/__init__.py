"""What is measured: rubrics as files, read strictly, frozen, recognised by their content. No Django."""

from assessments.rubric.keeping import (
    BUILT_IN,
    MAIN,
    Comparison,
    built_in,
    canonical,
    compare,
    digest,
    from_document,
    to_document,
    to_yaml,
)
from assessments.rubric.marks import Problem, RubricProblems
from assessments.rubric.model import (
    Capability,
    Dimension,
    Exposure,
    LevelText,
    Question,
    Rubric,
    Text,
)
from assessments.rubric.reading import read

__all__ = [
    "BUILT_IN",
    "MAIN",
    "Capability",
    "Comparison",
    "Dimension",
    "Exposure",
    "LevelText",
    "Problem",
    "Question",
    "Rubric",
    "RubricProblems",
    "Text",
    "built_in",
    "canonical",
    "compare",
    "digest",
    "from_document",
    "read",
    "to_document",
    "to_yaml",
]
