"""The Celery app: web processes send messages with it, and workers find the tasks by it."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("naite", include=["config.tasks"])
app.config_from_object("django.conf:settings", namespace="CELERY")
