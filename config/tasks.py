"""The hands: the only two tasks. What is due is written in the database; a message is only a hint
that a worker may look now."""

from uuid import UUID

from django.apps import apps
from django.utils.module_loading import import_string

from config.celery import app
from organizations import work as rows

# kind -> the row that is worked on and the verb that does it. Loaded when the work comes, so that
# a web process starts without what only workers need.
KINDS: dict[str, tuple[str, str]] = {
    "invitation": ("organizations.Invitation", "organizations.inviting.send"),
    "address_change": ("organizations.AddressChange", "organizations.address_changes.send"),
    "close": ("assessments.Cycle", "assessments.closing.close"),
    "count": ("assessments.NightlyCount", "assessments.nightly_counts.run"),
    "notice": ("assessments.Notice", "assessments.notices.send"),
    "schedule": ("reports.ReportSchedule", "reports.schedules.run"),
    "report": ("reports.Report", "reports.building.build"),
    "delivery": ("reports.Delivery", "reports.delivering.send"),
}
PER_ORGANIZATION, AT_ONCE = 20, 100


@app.task(name="sweep")
def sweep() -> None:
    """Find what is due, in turns between organizations, and hint at it."""
    for organization, kind, row in rows.due(PER_ORGANIZATION, AT_ONCE):
        work.delay(str(organization), kind, str(row))
    rows.swept()


@app.task(name="work")
def work(organization: str, kind: str, row: str) -> None:
    """Do one row's work. A kind that this release does not know yet is left for a newer worker."""
    if kind in KINDS:
        model, verb = KINDS[kind]
        rows.perform(apps.get_model(model), UUID(organization), UUID(row), import_string(verb))
