"""Ten metrics for Prometheus: how the site answers, and the state of its jobs.

Nothing here names an organization, a person or an address. Answering is not counted at all: whoever
watches a counter closely could tell from it when somebody answers.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from hmac import compare_digest

from django.conf import settings
from django.db import DatabaseError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from config import health
from organizations import jobs
from organizations.access import public

REQUESTS = Counter("naite_requests", "Requests answered", ["route", "method", "status"])
REQUEST_SECONDS = Histogram("naite_request_seconds", "Time to answer a request", ["route"])
RESPONSE_BYTES = Histogram(
    "naite_response_bytes",
    "Size of an answer",
    ["route"],
    buckets=[10**3, 10**4, 10**5, 10**6, 10**7],
)
METHODS = ("GET", "HEAD", "POST", "OPTIONS")  # any other method gets the label “other”
UNCOUNTED_ROUTES = ("assessments:survey", "link")


class MetricsMiddleware:
    """Middleware: count each request by route, except those of a survey."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        route = request.resolver_match.view_name if request.resolver_match else ""
        if not route.startswith(UNCOUNTED_ROUTES):
            method = request.method if request.method in METHODS else "other"
            REQUESTS.labels(route, method, response.status_code).inc()
            REQUEST_SECONDS.labels(route).observe(time.perf_counter() - started)
            if not response.streaming:
                RESPONSE_BYTES.labels(route).observe(len(response.content))
        return response


class StateCollector:
    """Metrics that are read when Prometheus asks: the state of database, Valkey, beat and jobs."""

    def collect(self) -> Iterator[Metric]:
        yield _gauge("naite_valkey_up", "Whether Valkey answers", _is_good(health.check_cache()))
        up = _is_good(health.check_database())
        yield _gauge("naite_database_up", "Whether the database answers", up)
        if up:
            yield from _database_metrics()


def _is_good(check: dict[str, object]) -> float:
    return float(check["state"] == health.GOOD)


def _database_metrics() -> Iterator[Metric]:
    missing = len(health.missing_migrations())
    yield _gauge("naite_migrations_missing", "Migrations that are not applied", missing)
    sweep_age = jobs.seconds_since_sweep()
    yield _gauge(
        "naite_sweep_age_seconds",
        "Since the last sweep; -1: never",
        -1 if sweep_age is None else sweep_age,
    )
    with suppress(DatabaseError):  # the work of all organizations, of whom one may be out of reach
        yield from _work_metrics(jobs.queue_states())


def _work_metrics(queues: Sequence[jobs.QueueState]) -> Iterator[Metric]:
    for name, about, values in (
        ("naite_work_waiting", "Rows that are due", [queue.waiting for queue in queues]),
        (
            "naite_work_oldest_seconds",
            "How long the oldest waits",
            [queue.oldest for queue in queues],
        ),
        ("naite_work_given_up", "Rows that were given up", [queue.given_up for queue in queues]),
    ):
        family = GaugeMetricFamily(name, about, labels=["kind"])
        for queue, value in zip(queues, values, strict=True):
            family.add_metric([queue.kind], value)
        yield family


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(name, about, value=value)


@public
@transaction.non_atomic_requests
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Return the metrics to whoever has the token; 404 to everyone else."""
    header = request.headers.get("Authorization", "")
    expected = f"Bearer {settings.METRICS_TOKEN}"
    if not settings.METRICS_TOKEN or not compare_digest(header.encode(), expected.encode()):
        raise Http404
    try:
        text = generate_latest(_request_registry()) + generate_latest(_state_registry())
    except DatabaseError:
        return HttpResponse(status=503)
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


def _request_registry() -> CollectorRegistry:
    """Return the registry of all web processes where they share a folder, else of this one."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def _state_registry() -> CollectorRegistry:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(StateCollector())
    return registry
