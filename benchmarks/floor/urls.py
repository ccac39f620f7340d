"""Five requests: signing in, nothing, one answer, seventy-two answers, a page of questions."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth import login
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import path

WIDE = 36
PARTS = [
    {
        "name": f"Part {part + 1}",
        "items": [
            {"id": part * 6 + item, "text": "How well, and how important?"} for item in range(6)
        ],
    }
    for part in range(6)
]
INSERT = """
INSERT INTO floor_response (survey, team, performance, importance) VALUES (1, 2, %s, %s)
RETURNING id
"""
UPSERT = """
INSERT INTO floor_response (id, survey, team, performance, importance) VALUES (%s, 1, 2, %s, %s)
    ON CONFLICT (id) DO UPDATE SET performance = excluded.performance
"""


def sign_in(request: HttpRequest) -> HttpResponse:
    user, _made = User.objects.get_or_create(username="bench")
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")  # type: ignore[arg-type]  # mypy knows the product's users
    get_token(request)
    return HttpResponse("in")


def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok" if request.user.is_authenticated else "no")


def parse_answers(request: HttpRequest) -> tuple[list[int], list[int]]:
    answers: dict[str, Any] = json.loads(request.body)
    performance, importance = answers["performance"], answers["importance"]
    if not all(type(one) is int and 1 <= one <= 5 for one in performance + importance):
        raise ValueError("no answers")
    return performance, importance


def submit(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return HttpResponse(status=403)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(INSERT, parse_answers(request))
        return JsonResponse({"id": cursor.fetchone()[0]}, status=201)


def save(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return HttpResponse(status=403)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(UPSERT, [1, *parse_answers(request)])
    return HttpResponse(status=204)


def page(request: HttpRequest) -> HttpResponse:
    return render(request, "page.html", {"parts": PARTS, "five": [1, 2, 3, 4, 5]})


urlpatterns = [
    path("enter/", sign_in),
    path("empty/", empty),
    path("submit/", submit),
    path("save/", save),
    path("page/", page),
]
