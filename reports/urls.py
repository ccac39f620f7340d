"""The addresses of the results pages."""

from django.urls import URLPattern, path

from reports import views

app_name = "reports"
urlpatterns: list[URLPattern] = [
    path("", views.home, name="home"),
    path("teams/", views.teams, name="teams"),
    path("trend/", views.trend, name="trend"),
    path("capabilities/", views.capabilities, name="capabilities"),
    path(
        "capabilities/<slug:rubric>/<slug:slug>/",
        views.capability,
        name="capability",
    ),
    path("targets/<slug:rubric>/", views.aim, name="targets"),
]
