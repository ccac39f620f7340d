"""The results of one team as a document, of the same sections as the report. Comments stay on the page."""

from __future__ import annotations

from django.utils.translation import gettext as _

from reports.documents import sections
from reports.documents.document import Document
from reports.presenters.evidence import TeamPageResults
from reports.presenters.team import TeamPage


def team_document(page: TeamPage, results: TeamPageResults, organization: str) -> Document:
    """Return the document of a team that is shown, in the active language."""
    assert page.home is not None
    team = results.as_organization()
    written = (
        sections.key_figures(page.home),
        sections.changes(page.home),
        sections.findings(team),
        sections.priorities(team),
        sections.values(page.home),
        sections.reading_guide(team),
    )
    return Document(
        language=results.language,
        organization=organization,
        made_on=results.closed_on,
        eyebrow=" · ".join([*(name for name, _url in page.path), page.title, page.cycle]),
        title=page.heading,
        lead=page.lead,
        late="",
        is_new=True,
        rings=page.home.rings,
        rings_legend=_rings_legend() if page.home.rings else "",
        sections=tuple(section for section in written if section.rows or section.note),
        colophon=page.colophon,
    )


def _rings_legend() -> str:
    return _(
        "Each ring is one survey, the newest in the strongest color; the dashed ring is the "
        "needed level, the dotted one the organization. Orange: below. Blue: above."
    )
