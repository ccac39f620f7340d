"""Reads the forms of a page, so that the walk can send them back with someone else's ids."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    action: str = ""
    method: str = "get"
    fields: dict[str, str] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.form: Form | None = None
        self.choosing = ""
        self.writing = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.form = Form(named.get("action", ""), named.get("method", "get").lower())
            self.forms.append(self.form)
        elif self.form is not None:
            self._field(tag, named)

    def _field(self, tag: str, named: dict[str, str]) -> None:
        assert self.form is not None
        name = named.get("name", "")
        if tag == "select":
            self.choosing = name
        elif tag == "option" and self.choosing:
            if "selected" in named or self.choosing not in self.form.fields:
                self.form.fields[self.choosing] = named.get("value", "")
        elif tag == "textarea":
            self.writing = name
            self.form.fields[name] = ""
        elif tag == "input" and named.get("type") == "file":
            self.form.files.add(name)
        elif tag in ("input", "button") and name:
            self._value(named, name)

    def _value(self, named: dict[str, str], name: str) -> None:
        assert self.form is not None
        chosen = named.get("type") not in ("radio", "checkbox") or "checked" in named
        if chosen or name not in self.form.fields:
            self.form.fields[name] = named.get("value", "on")

    def handle_data(self, data: str) -> None:
        if self.form is not None and self.writing:
            self.form.fields[self.writing] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        elif tag == "select":
            self.choosing = ""
        elif tag == "textarea":
            self.writing = ""


def forms_in(page: bytes) -> list[Form]:
    reader = _Reader()
    reader.feed(page.decode(errors="replace"))
    return reader.forms
