"""URLs of results, principles, targets and reports."""

from django.urls import URLPattern, path

from reports.views import own_result, principles, reports, results, targets, team

app_name = "reports"
urlpatterns: list[URLPattern] = [
    path("", results.home, name="home"),
    path("teams/", results.teams, name="teams"),
    path("teams/<uuid:team>/", team.team, name="team"),
    path("teams/<uuid:team>/<str:language>.pdf", team.team_pdf, name="team_file"),
    path("surveys/<uuid:cycle>/result/", own_result.own_result, name="own_result"),
    path("trend/", results.trend, name="trend"),
    path("capabilities/", results.capabilities, name="capabilities"),
    path("capabilities/quality/", results.quality, name="capabilities_quality"),
    path(
        "capabilities/<slug:rubric>/<slug:slug>/",
        results.capability,
        name="capability",
    ),
    path("results/<uuid:result>/explain/", results.explanation, name="explanation"),
    path("principles/", principles.principles, name="principles"),
    path("principles/<int:number>/", principles.edit_principle, name="principle"),
    path("reports/", reports.report_list, name="reports"),
    path("reports/schedule/", reports.edit_schedule, name="report_schedule"),
    path("reports/make/", reports.make_report, name="report_make"),
    path("reports/<uuid:report>/", reports.report, name="report"),
    path("reports/<uuid:report>/again/", reports.retry_report, name="report_again"),
    path("reports/<uuid:report>/mails/", reports.resend_emails, name="report_mails"),
    path("reports/<uuid:report>/<str:language>.pdf", reports.report_pdf, name="report_file"),
    path("targets/<slug:rubric>/", targets.edit_targets, name="targets"),
]
