"""Takes pictures of the demo's pages: every language, two themes, two widths, into docs/screens/."""

from __future__ import annotations

import shutil
import threading
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from assessments.models import Cycle
from assessments.results import queries
from organizations.access import organizations_of
from organizations.languages import language_codes
from organizations.models import User
from organizations.tenancy.scope import working_for
from reports.models import Report

CMO, ADMIN, MEMBER = "cmo@demo.example", "admin@demo.example", "member@demo.example"
# picture -> (who is signed in, path); demo_ids() replaces <open>, <closed>, <report> and <result>
PAGES: dict[str, tuple[str, str]] = {
    "sign-in": ("", "/sign-in/"),
    "sign-up": ("", "/sign-up/"),
    "home": (CMO, "/o/demo/"),
    "teams": (CMO, "/o/demo/teams/"),
    "capabilities": (CMO, "/o/demo/capabilities/"),
    "capability": (CMO, "/o/demo/capabilities/marketing-value/growth-agenda/"),
    "explanation": (CMO, "/o/demo/results/<result>/explain/"),
    "targets": (CMO, "/o/demo/targets/marketing-value/"),
    "trend": (CMO, "/o/demo/trend/"),
    "principles": (CMO, "/o/demo/principles/"),
    "reports": (CMO, "/o/demo/reports/"),
    "report": (CMO, "/o/demo/reports/<report>/"),
    "survey": (MEMBER, "/o/demo/surveys/<open>/"),
    "mine": (MEMBER, "/o/demo/me/"),
    "cycles": (ADMIN, "/o/demo/cycles/"),
    "cycle-open": (ADMIN, "/o/demo/cycles/<open>/"),
    "cycle-closed": (ADMIN, "/o/demo/cycles/<closed>/"),
    "plan": (ADMIN, "/o/demo/cycles/plan/"),
    "import": (ADMIN, "/o/demo/cycles/import/"),
    "people": (ADMIN, "/o/demo/people/"),
    "rubrics": (ADMIN, "/o/demo/rubrics/"),
}
THEMES = ("light", "dark")
WIDTHS = {"wide": 1440, "narrow": 360}
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


class QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the parent's name
        """Log nothing: pictures are the only output."""


@contextmanager
def serve_site() -> Iterator[str]:
    """Serve the site on a free port of this machine, for as long as the screenshots take."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietHandler)
    server.set_app(get_wsgi_application())
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def session_of(email: str) -> str:
    """Return a session key with which this person is signed in."""
    client = Client()
    client.force_login(User.objects.get(email=email))
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def demo_ids() -> dict[str, str]:
    """Return the ids that replace <open>, <closed>, <report> and <result> in a URL."""
    (organization, *_), *_others = organizations_of(User.objects.get(email=CMO))
    with working_for(organization):
        stages = Cycle.objects.order_by("closed_at").values_list("stage", "pk")
        ids: dict[str, Any] = {f"<{stage}>": number for stage, number in stages}
        ids["<report>"] = Report.objects.filter(made_at__isnull=False).latest("made_at").pk
        cycle = queries.latest(queries.main_rubric(queries.closed_cycles()))
        if cycle:
            overall = queries.cells(cycle).get(cycle.root, "overall")
            ids["<result>"] = queries.cells(cycle).result(overall)
    return {mark: str(number) for mark, number in ids.items()}


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("pages", nargs="*", help=f"of {', '.join(PAGES)}; all when left out")
        parser.add_argument("--into", type=Path, default=settings.BASE_DIR / "docs" / "screens")

    def handle(self, *_: Any, **options: Any) -> None:
        chromium = next(filter(None, map(shutil.which, CHROMIUM)), None)
        if chromium is None:
            raise CommandError("No Chromium found. Install it (Debian: apt-get install chromium).")
        numbers = demo_ids()
        sessions = {email: session_of(email) for email in (CMO, ADMIN, MEMBER)}
        options["into"].mkdir(parents=True, exist_ok=True)
        with serve_site() as site, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            for name in options["pages"] or PAGES:
                email, address = PAGES[name]
                for mark, number in numbers.items():
                    address = address.replace(mark, number)
                self._take_screenshots(
                    browser, site, address, sessions.get(email), options["into"] / name
                )
            browser.close()

    def _take_screenshots(
        self, browser: Browser, site: str, address: str, session: str | None, path: Path
    ) -> None:
        for language, theme, (name, width) in product(language_codes(), THEMES, WIDTHS.items()):
            context = browser.new_context(
                viewport={"width": width, "height": 900}, reduced_motion="reduce"
            )
            _add_cookies(context, site, {"session": session, "language": language, "theme": theme})
            page = context.new_page()
            page.goto(site + address)
            page.evaluate("document.fonts.ready")
            page.screenshot(path=f"{path}-{language}-{theme}-{name}.png", full_page=True)
            context.close()


def _add_cookies(context: BrowserContext, site: str, cookies: dict[str, str | None]) -> None:
    context.add_cookies(
        [{"name": name, "value": value, "url": site} for name, value in cookies.items() if value]
    )
