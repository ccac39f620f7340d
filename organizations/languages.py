"""The languages of the installation: the rows of settings.LANGUAGES, each with a folder in locale/."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.conf import settings
from django.conf.locale import LANG_INFO
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext

from organizations.tables.mapping import fold


def language_choices() -> list[tuple[str, str]]:
    """Return (code, the language's own name). Model fields name this function, so that another language
    needs no migration."""
    return list(settings.LANGUAGES)


def language_codes() -> list[str]:
    return [code for code, _name in settings.LANGUAGES]


def own_name(language: str) -> str:
    """Return what the language calls itself."""
    return dict(settings.LANGUAGES).get(language, language)


def language_names() -> dict[str, str]:
    """Return code -> the language's name in the active language; its own name where Django knows no other."""
    known = {code: LANG_INFO.get(code, {}).get("name") for code in language_codes()}
    return {code: gettext(name) if name else own_name(code) for code, name in known.items()}


def current_language() -> str:
    """Return the active language."""
    return translation.get_language() or settings.LANGUAGE_CODE


def each_language() -> Iterator[str]:
    """Yield every language while it is active."""
    for language in language_codes():
        with translation.override(language):
            yield language


def words_by_meaning(words: Mapping[str, Promise | str]) -> dict[str, str]:
    """Return every word, folded and in every language -> what it means. `words` are meaning -> the words for
    it, divided by commas."""
    return {
        fold(word): meaning
        for _language in each_language()
        for meaning, text in words.items()
        for word in str(text).split(",")
    }
