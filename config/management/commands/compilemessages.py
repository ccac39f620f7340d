"""Compile the translations with polib, in place of Django's command, which needs GNU gettext."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management.base import BaseCommand


def compile_catalog(source: Path) -> bytes:
    """Return what msgfmt makes of the file, without the moment at which the texts were gathered."""
    catalog = polib.pofile(str(source))
    catalog.metadata.pop("POT-Creation-Date", None)
    binary: bytes = catalog.to_binary()
    return binary


class Command(BaseCommand):
    help = "Compiles every locale/*/LC_MESSAGES/django.po to the .mo beside it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("-l", "--locale", default="*", help="one language alone, such as ko")

    def handle(self, *args: Any, **options: Any) -> None:
        for folder in map(Path, settings.LOCALE_PATHS):
            for source in sorted(folder.glob(f"{options['locale']}/LC_MESSAGES/*.po")):
                source.with_suffix(".mo").write_bytes(compile_catalog(source))
