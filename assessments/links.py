"""The address of a personal link."""

from django.urls import URLPattern, path

from assessments.views import survey

urlpatterns: list[URLPattern] = [path("", survey.link, name="link")]
