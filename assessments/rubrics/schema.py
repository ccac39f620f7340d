"""What a rubric is: values, capabilities, five observable levels each, in every language it is written in."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from assessments.rubrics.problems import LANGUAGE_CODE
from organizations.text import FALLBACK_LANGUAGE, in_language

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=600)]
LanguageCode = Annotated[str, StringConstraints(pattern=LANGUAGE_CODE)]
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


def _number(value: object) -> object:
    """Return None for a text that is no plain number. Python would read 1_000 as one."""
    return None if isinstance(value, str) and not _NUMBER.fullmatch(value) else value


Weight = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False), BeforeValidator(_number)]


def _flag(value: object) -> object:
    """Return a flag. Only `true` and `false` are flags: NO is a word, and a country."""
    if value not in (True, False, "true", "false"):
        raise ValueError("true, false")
    return value in (True, "true")


Flag = Annotated[bool, BeforeValidator(_flag)]


class FrozenModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class TranslatedText(FrozenModel):
    """The same words by language code. The fallback is always there."""

    model_config = ConfigDict(extra="allow")

    __pydantic_extra__: dict[LanguageCode, Words] = Field(init=False)
    fallback: Annotated[Words, Field(alias=FALLBACK_LANGUAGE)]

    @property
    def texts(self) -> dict[str, str]:
        """Return language code -> words."""
        return {FALLBACK_LANGUAGE: self.fallback, **self.__pydantic_extra__}

    def in_(self, language: str) -> str:
        return in_language(self.texts, language)

    def differs_from(self, other: TranslatedText) -> bool:
        """Return whether the words changed in a language that both have: a translation is no change."""
        before, after = other.texts, self.texts
        return any(before[code] != after[code] for code in before.keys() & after.keys())


class NamedItem(FrozenModel):
    """Anything with a slug, a name and, where it needs one, a sentence that explains it."""

    slug: Slug
    name: TranslatedText
    meaning: TranslatedText | None = None


class ScaleLevel(FrozenModel):
    """One of the five levels, for the whole rubric."""

    level: Annotated[int, Field(ge=1, le=5)]
    slug: Slug
    name: TranslatedText
    meaning: TranslatedText
    evidence: TranslatedText | None = None


def _false_only(value: object) -> object:
    if value not in (False, "false"):
        raise ValueError("false")
    return False


Unscored = Annotated[bool, BeforeValidator(_false_only)]


class OptOut(FrozenModel):
    slug: Literal["not-observed", "not-applicable"]
    name: TranslatedText
    scored: Unscored = False


def _null_to_none(value: object) -> object:
    """Return None for the text `null`: the reader gives it as text, here it means no number."""
    return None if value == "null" else value


class AnswerOption(FrozenModel):
    value: Annotated[int | None, Field(ge=-2, le=5), BeforeValidator(_null_to_none)] = None
    slug: Slug | None = None
    name: TranslatedText


class Importance(FrozenModel):
    question: TranslatedText
    options: Annotated[tuple[AnswerOption, ...], Field(min_length=5, max_length=5)]


class LevelText(TranslatedText):
    """What can be observed at one level of one capability."""

    level: Annotated[int, Field(ge=1, le=5)]


class Capability(FrozenModel):
    slug: Slug
    name: TranslatedText
    short: TranslatedText | None = None
    description: TranslatedText
    weight: Weight = 1.0
    varies_on: TranslatedText | None = None
    lifecycle_stage: Slug | None = None
    item_type: Literal["customer-cost", "decoupling-risk"] | None = None
    cost_type: Slug | None = None
    # Unanswered counts as: it sets us apart, its steps do not repeat, no partner could do it well.
    differentiating: Flag = True
    routine: Flag = False
    market: Flag = False
    levels: Annotated[tuple[LevelText, ...], Field(min_length=5, max_length=5)]

    @property
    def label(self) -> TranslatedText:
        """The name for a chart's axis."""
        return self.short or self.name


class Dimension(FrozenModel):
    """A value type, a principle, or a stage of the customer's value chain."""

    slug: Slug
    order: int = 0
    side: Slug | None = None
    default_activity_type: Slug | None = None
    name: TranslatedText
    short: TranslatedText | None = None
    description: TranslatedText
    weight: Weight = 1.0
    capabilities: Annotated[tuple[Capability, ...], Field(min_length=1, max_length=60)]

    @property
    def label(self) -> TranslatedText:
        return self.short or self.name


class ExposureQuestion(TranslatedText):
    """An unscored comparison with what else the customer could do."""

    stage: Slug
    cost_type: Slug


class Exposure(FrozenModel):
    scored: Unscored = False
    note: TranslatedText | None = None
    options: tuple[AnswerOption, ...]
    questions: Annotated[tuple[ExposureQuestion, ...], Field(max_length=60)]


class StageLink(FrozenModel):
    """The step from one stage of the value chain to the next."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)

    start: Annotated[Slug, Field(alias="from")]
    end: Annotated[Slug, Field(alias="to")]
    name: TranslatedText


class Rubric(FrozenModel):
    slug: Slug
    version: Annotated[
        str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z.+_-]*$", max_length=40)
    ]
    name: TranslatedText
    description: TranslatedText
    unit_of_rating: TranslatedText
    higher_means: TranslatedText | None = None
    answer_rule: TranslatedText
    level_rule: Literal["held", "mean"] = "held"
    scale: Annotated[tuple[ScaleLevel, ...], Field(min_length=5, max_length=5)]
    opt_out_answers: Annotated[tuple[OptOut, ...], Field(min_length=2, max_length=2)]
    importance: Importance
    decisions: tuple[NamedItem, ...] = ()
    lifecycle_stages: tuple[NamedItem, ...] = ()
    sides: tuple[NamedItem, ...] = ()
    cost_types: tuple[NamedItem, ...] = ()
    activity_types: tuple[NamedItem, ...] = ()
    responses: tuple[NamedItem, ...] = ()
    links: tuple[StageLink, ...] = ()
    dimensions: Annotated[tuple[Dimension, ...], Field(min_length=1, max_length=12)]
    exposure: Exposure | None = None

    @cached_property
    def capabilities(self) -> tuple[Capability, ...]:
        """All capabilities, in the order in which ratings are stored."""
        return tuple(item for dimension in self.dimensions for item in dimension.capabilities)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {item.slug: index for index, item in enumerate(self.capabilities)}

    @cached_property
    def _homes(self) -> dict[str, Dimension]:
        return {item.slug: parent for parent in self.dimensions for item in parent.capabilities}

    def index_of(self, slug: str) -> int:
        return self._places[slug]

    def capability(self, slug: str) -> Capability | None:
        index = self._places.get(slug)
        return None if index is None else self.capabilities[index]

    def dimension_of(self, slug: str) -> Dimension:
        return self._homes[slug]
