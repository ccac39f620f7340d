"""Read YAML from bytes into plain data, event by event, so that nothing refused is ever built."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from assessments.rubrics.problems import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_NAME_LENGTH,
    MAX_NODES,
    MAX_PROBLEMS,
    MarkedYaml,
    Path,
    RubricProblem,
    RubricProblems,
    dotted_path,
    gettext_noop,
)
from organizations.text import normalize_line

TOO_LARGE = gettext_noop("The file is larger than %(limit)s KB. Shorten it.")
NOT_UTF8 = gettext_noop("The file isn't in UTF-8. Save it as UTF-8 and try again.")
UNREADABLE = gettext_noop("Invalid character (%(code)s). Delete it.")
NOT_YAML = gettext_noop(
    "This isn't valid YAML. Check the indentation, colons and quotation marks here and above."
)
EMPTY = gettext_noop("The file is empty.")
TWO_DOCUMENTS = gettext_noop(
    "A file can contain one rubric. Delete everything from the second “---” on."
)
ALIAS = gettext_noop("References (*name) aren't allowed. Write the text out.")
ANCHOR = gettext_noop("Anchors (&name) aren't allowed. Write the text out.")
TAG = gettext_noop("Tags (!name) aren't allowed. Delete it.")
MERGE = gettext_noop("Merge keys (<<) aren't allowed. Write the fields out.")
NOT_A_NAME = gettext_noop("Field names must be plain text.")
DUPLICATE_FIELD = gettext_noop("“%(name)s” appears twice. Keep one.")
TOO_DEEP = gettext_noop("This is nested more than %(limit)s levels deep. Make it flatter.")
TOO_MUCH = gettext_noop("The file has more than %(limit)s items. Shorten it.")

# Control characters, halves of pairs and code points that are no characters.
_UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass
class _OpenCollection:
    """A list or a set of fields that is still being read."""

    path: Path
    data: Any
    name: str | None = None  # the field whose value comes next
    seen: set[str] = field(default_factory=set)


def read_yaml(raw: bytes) -> MarkedYaml:
    """Return plain lists, dicts and texts with their lines, and the problems that can be read past.
    Raises RubricProblems where the file cannot be read on."""
    return _YamlReader(decode(raw)).read()


def decode(raw: bytes) -> str:
    if len(raw) > MAX_BYTES:
        raise RubricProblems([RubricProblem(1, "", TOO_LARGE, {"limit": MAX_BYTES // 1024})])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise RubricProblems([RubricProblem(line, "", NOT_UTF8)]) from None
    if match := _UNREADABLE.search(text):
        line = text.count("\n", 0, match.start()) + 1
        raise RubricProblems([RubricProblem(line, "", UNREADABLE, _code_point(match[0]))])
    return text


def _code_point(character: str) -> dict[str, str]:
    return {"code": f"U+{ord(character):04X}"}


class _YamlReader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.stack: list[_OpenCollection] = []
        self.lines: dict[Path, int] = {}
        self.problems: list[RubricProblem] = []
        self.whole: Any = None
        self.documents = self.nodes = 0

    def read(self) -> MarkedYaml:
        try:
            for event in yaml.parse(self.text, Loader=yaml.CSafeLoader):
                self._take(event)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
            self._stop(mark.line + 1 if mark else 1, (), NOT_YAML)
        if self.whole is None:
            self._stop(1, (), EMPTY)
        return MarkedYaml(self.whole, self.lines, tuple(self.problems))

    def _say(self, line: int, path: Path, message: str, **values: Any) -> None:
        self.problems.append(RubricProblem(line, dotted_path(path), message, values))
        if len(self.problems) >= MAX_PROBLEMS:
            raise RubricProblems(self.problems)

    def _stop(self, line: int, path: Path, message: str, **values: Any) -> None:
        self._say(line, path, message, **values)
        raise RubricProblems(self.problems)

    def _take(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self._stop(line, (), TWO_DOCUMENTS)
        elif isinstance(event, yaml.NodeEvent):
            self._refuse_tricks(event, line)
            self._node(event, line)
        elif isinstance(event, yaml.CollectionEndEvent):
            self.stack.pop()

    def _refuse_tricks(self, event: yaml.NodeEvent, line: int) -> None:
        """Stop at anything that could expand, run code or be taken for something else."""
        path = self._path()
        if isinstance(event, yaml.AliasEvent):
            self._stop(line, path, ALIAS)
        if event.anchor is not None:
            self._stop(line, path, ANCHOR)
        if getattr(event, "tag", None) is not None:
            self._stop(line, path, TAG)
        if len(self.stack) > MAX_DEPTH:
            self._stop(line, path, TOO_DEEP, limit=MAX_DEPTH)
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self._stop(line, path, TOO_MUCH, limit=MAX_NODES)

    def _path(self) -> Path:
        if not self.stack:
            return ()
        top = self.stack[-1]
        if isinstance(top.data, list):
            return (*top.path, len(top.data))
        return (*top.path, top.name) if top.name is not None else top.path

    def _node(self, event: yaml.NodeEvent, line: int) -> None:
        if self.stack and isinstance(self.stack[-1].data, dict) and self.stack[-1].name is None:
            self._name(event, line)
            return
        path = self._path()
        self.lines.setdefault(path, line)
        if isinstance(event, yaml.ScalarEvent):
            self._put(self._text(event.value, line, path))
            return
        data: Any = [] if isinstance(event, yaml.SequenceStartEvent) else {}
        self._put(data)
        self.stack.append(_OpenCollection(path, data))

    def _text(self, text: str, line: int, path: Path) -> str:
        """Return the text as one normalized line. An escape like \\0 can hold what the file cannot."""
        if match := _UNREADABLE.search(text):
            self._say(line, path, UNREADABLE, **_code_point(match[0]))
        return normalize_line(text)

    def _name(self, event: yaml.NodeEvent, line: int) -> None:
        """Take the name of a field. One that comes twice is reported, and the first value is kept."""
        top = self.stack[-1]
        name = event.value if isinstance(event, yaml.ScalarEvent) else ""
        if not 0 < len(name) <= MAX_NAME_LENGTH or name != normalize_line(name):
            self._stop(line, top.path, NOT_A_NAME)
        if name == "<<":
            self._stop(line, top.path, MERGE)
        if name in top.seen:
            self._say(line, top.path, DUPLICATE_FIELD, name=name)
        top.seen.add(name)
        top.name = name
        self.lines.setdefault((*top.path, name), line)

    def _put(self, value: Any) -> None:
        if not self.stack:
            self.whole = value
        elif isinstance(self.stack[-1].data, list):
            self.stack[-1].data.append(value)
        else:
            top = self.stack[-1]
            top.data.setdefault(top.name, value)
            top.name = None
