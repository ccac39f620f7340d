"""The WSGI application. Garbage collection takes half of the start and finds nothing, so it waits until
everything is loaded; what is loaded then is never searched."""

import gc
import multiprocessing
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from config.middleware import with_plain_kind
from organizations.apps import check_before_serving

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
gc.disable()
application = with_plain_kind(get_wsgi_application())
get_resolver().url_patterns  # noqa: B018  # loads all pages now, not at the first request
gc.freeze()
gc.enable()
_server = multiprocessing.parent_process()  # granian, which starts its workers again
check_before_serving(_server.pid if _server else None)
