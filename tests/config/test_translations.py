"""What is translated is what is shown: the compiled file is that of the written one."""

from __future__ import annotations

import ast
import gettext
import io
import re
import shutil
from pathlib import Path
from typing import Any

import polib
import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils.translation.template import templatize

from config.management.commands.compilemessages import compile_catalog
from devstack.servers import PROJECT_ROOT

WRITTEN = sorted((PROJECT_ROOT / "locale").rglob("*.po"))
PACKAGES = ("config", "organizations", "assessments", "reports")
STRING = r"""(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
IN_TEMPLATE = re.compile(rf"\b(?:n?gettext|_)\(u?({STRING})|\bn?pgettext\(u?{STRING}, u?({STRING})")
PLACE = re.compile(r"%\(\w+\)[sd]|%[sd]")


def meanings(content: bytes) -> dict[Any, str]:
    """Text (with context and number) -> translation, as Django reads them."""
    found: dict[Any, str] = vars(gettext.GNUTranslations(io.BytesIO(content)))["_catalog"]
    return found


def test_every_language_but_english_is_written_down() -> None:
    assert [path.relative_to(PROJECT_ROOT).as_posix() for path in WRITTEN] == sorted(
        f"locale/{code}/LC_MESSAGES/django.po"
        for code, _name in settings.LANGUAGES
        if code != settings.LANGUAGE_CODE
    )


@pytest.mark.parametrize("written", WRITTEN, ids=str)
def test_the_compiled_translations_are_those_that_are_written(written: Path) -> None:
    """If not: `python3 run.py compilemessages`."""
    shown = written.with_suffix(".mo").read_bytes()
    assert meanings(shown) == meanings(compile_catalog(written))


def test_translations_are_compiled_without_gettext(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    settings.LOCALE_PATHS = [tmp_path]
    folder = tmp_path / "ko" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    shutil.copy(WRITTEN[0], folder)
    call_command("compilemessages", locale="en")
    assert not (folder / "django.mo").exists()
    call_command("compilemessages")
    found = meanings((folder / "django.mo").read_bytes())
    assert found == meanings(WRITTEN[0].with_suffix(".mo").read_bytes())
    assert len(found) > 500


@pytest.mark.parametrize("written", WRITTEN, ids=str)
def test_a_translation_keeps_every_place_where_a_value_is_put(written: Path) -> None:
    """What `msgfmt --check-format` would say."""
    for entry in polib.pofile(str(written)).translated_entries():
        wanted = set(PLACE.findall(entry.msgid_plural or entry.msgid))
        for text in [entry.msgstr, *entry.msgstr_plural.values()]:
            if text and "python-format" in entry.flags:
                assert set(PLACE.findall(text)) == wanted, entry.msgid


@pytest.mark.parametrize("written", WRITTEN, ids=str)
def test_every_text_is_translated_and_none_is_a_guess(written: Path) -> None:
    catalogue = polib.pofile(str(written))
    assert [entry.msgid for entry in catalogue.untranslated_entries()] == []
    assert [entry.msgid for entry in catalogue.fuzzy_entries()] == []


def texts_of_code() -> set[str]:
    """What the modules of the product mark for translation."""
    found = set()
    for path in (path for package in PACKAGES for path in (PROJECT_ROOT / package).rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
                name = call.func.id.removesuffix("_lazy").removesuffix("_noop")
                place = {"_": 0, "gettext": 0, "ngettext": 0, "pgettext": 1, "npgettext": 1}.get(
                    name
                )
                if place is not None and isinstance(text := call.args[place], ast.Constant):
                    found.add(str(text.value))
    return found


def texts_of_templates() -> set[str]:
    return {
        ast.literal_eval(plain or with_context)
        for path in (PROJECT_ROOT / "templates").rglob("*.*")
        for plain, with_context in IN_TEMPLATE.findall(templatize(path.read_text()))
    }


@pytest.mark.parametrize("written", WRITTEN, ids=str)
def test_every_text_of_code_and_templates_is_in_the_catalogue(written: Path) -> None:
    """If not: `python3 run.py makemessages`, and translate it."""
    texts = texts_of_code() | texts_of_templates()
    assert len(texts) > 1000
    assert texts - {entry.msgid for entry in polib.pofile(str(written))} == set()
