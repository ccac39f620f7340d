"""The address of a personal link."""

from django.urls import URLPattern, path

from assessments.views import links

urlpatterns: list[URLPattern] = [path("", links.link, name="link")]
