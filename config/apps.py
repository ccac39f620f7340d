"""The project's app: registers the system checks of the whole installation."""

from importlib import import_module

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        import_module("config.checks")  # needs the models, which are loaded only now
