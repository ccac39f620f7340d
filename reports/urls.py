"""The addresses of the results pages."""

from django.urls import URLPattern, path

from reports.views import leading, results

app_name = "reports"
urlpatterns: list[URLPattern] = [
    path("", results.home, name="home"),
    path("teams/", results.teams, name="teams"),
    path("trend/", results.trend, name="trend"),
    path("capabilities/", results.capabilities, name="capabilities"),
    path(
        "capabilities/<slug:rubric>/<slug:slug>/",
        results.capability,
        name="capability",
    ),
    path("principles/", leading.principles, name="principles"),
    path("principles/<int:number>/", leading.principle, name="principle"),
    path("targets/<slug:rubric>/", leading.aim, name="targets"),
]
