"""How a web process reaches the workers, and how workers find the tasks."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("naite", include=["config.tasks"])
app.config_from_object("django.conf:settings", namespace="CELERY")
