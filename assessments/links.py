"""The address of a personal link."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
