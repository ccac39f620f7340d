"""The address book: settings, the site's URLs, and the clock that wakes the workers."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
