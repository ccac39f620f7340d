"""Brings the checks that hold for the whole installation."""

from importlib import import_module

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        import_module("config.checks")  # needs the models, which are there only now
