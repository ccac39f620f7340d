"""The address of a personal link."""

from django.urls import URLPattern, path

from assessments.views import personal_link

urlpatterns: list[URLPattern] = [path("", personal_link.open_link, name="link")]
