"""The project: settings, URLs, middleware, logs, metrics, and Celery's tasks."""
