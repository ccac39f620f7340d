"""What every template and style sheet keeps to: no inline code, no unescaped text, colours by name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template.loader import get_template
from django.test import Client
from django.utils import translation

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
STYLES = sorted((ROOT / "static" / "css").glob("*.css"))
NAMES = [path.relative_to(ROOT / "templates").as_posix() for path in TEMPLATES]
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)|<style\b|\s(?:style|on[a-z]+)=[\"']|javascript:", re.IGNORECASE
)
COLOUR = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgba?|hsla?|oklch|oklab)\(", re.IGNORECASE)


@pytest.mark.parametrize("name", NAMES)
def test_a_template_can_be_read_and_holds_no_code_of_its_own(name: str) -> None:
    get_template(name)
    source = (ROOT / "templates" / name).read_text()
    assert not INLINE.search(source)
    assert not re.search(r"\|\s*safe\b|autoescape off", source) or name.endswith(".txt")


@pytest.mark.parametrize("name", NAMES)
def test_no_line_of_a_template_is_longer_than_160_characters(name: str) -> None:
    lines = (ROOT / "templates" / name).read_text().splitlines()
    assert [line for line in lines if len(line) > 160] == []


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_only_the_tokens_name_a_colour(path: Path) -> None:
    source = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    if path.name != "tokens.css":
        assert COLOUR.findall(source) == []


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_every_token_that_is_used_is_there(path: Path) -> None:
    known = set(re.findall(r"(--[\w-]+)\s*:", "".join(each.read_text() for each in STYLES)))
    assert set(re.findall(r"var\((--[\w-]+)", path.read_text())) <= known


@pytest.mark.parametrize("name", ["500.html", "unavailable.html"])
def test_the_page_for_a_broken_server_needs_no_server(name: str) -> None:
    source = (ROOT / "templates" / name).read_text()
    assert "{{" not in source and "{%" not in source
    for place in re.findall(r'(?:href|src)="(/static/[^"]+)"', source):
        assert (ROOT / place[1:]).is_file()
    assert 'lang="ko"' in source


def test_a_request_that_cannot_be_read_gets_a_page_without_a_request() -> None:
    for language, word in (("en", "Nothing was saved"), ("ko", "저장된 내용은 없어요")):
        with translation.override(language):
            html = get_template("400.html").render()
        assert word in html
        assert "<form" not in html


@pytest.mark.parametrize("language", ["en", "ko"])
def test_language_and_theme_are_remembered_without_a_script(db: None, language: str) -> None:
    client = Client()
    back = client.post("/language/", {"language": language, "next": "/sign-in/"})
    assert back.headers["Location"] == "/sign-in/"
    client.post("/theme/", {"theme": "dark", "next": "/sign-in/"})
    html = client.get("/sign-in/").content.decode()
    assert f'<html lang="{language}" data-theme="dark">' in html
    assert 'value="dark" aria-pressed="true"' in html


def test_a_wrong_field_is_named_on_top_and_tied_to_its_reason(db: None) -> None:
    html = Client().post("/sign-up/", {"email": "no address"}).content.decode()
    assert '<a href="#id_email">' in html
    described = re.search(r'<input[^>]*name="email"[^>]*aria-describedby="([^"]+)"', html)
    assert described
    assert all(f'id="{ident}"' in html for ident in described[1].split())
    assert 'value="no address"' in html
