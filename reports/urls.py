"""The addresses of the results pages."""

from django.urls import URLPattern, path

from reports.views import leading, papers, results

app_name = "reports"
urlpatterns: list[URLPattern] = [
    path("", results.home, name="home"),
    path("teams/", results.teams, name="teams"),
    path("trend/", results.trend, name="trend"),
    path("capabilities/", results.capabilities, name="capabilities"),
    path("capabilities/quality/", results.quality, name="capabilities_quality"),
    path(
        "capabilities/<slug:rubric>/<slug:slug>/",
        results.capability,
        name="capability",
    ),
    path("results/<uuid:result>/explain/", results.explanation, name="explanation"),
    path("principles/", leading.principles, name="principles"),
    path("principles/<int:number>/", leading.principle, name="principle"),
    path("reports/", papers.reports, name="reports"),
    path("reports/schedule/", papers.schedule, name="report_schedule"),
    path("reports/make/", papers.make, name="report_make"),
    path("reports/<uuid:report>/", papers.report, name="report"),
    path("reports/<uuid:report>/again/", papers.again, name="report_again"),
    path("reports/<uuid:report>/mails/", papers.mails, name="report_mails"),
    path("reports/<uuid:report>/<str:language>.pdf", papers.file, name="report_file"),
    path("targets/<slug:rubric>/", leading.aim, name="targets"),
]
