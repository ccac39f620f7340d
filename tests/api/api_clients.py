"""Programs of the cast: a key of an organization, and what it hears when it asks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.core.cache import cache
from django.test import Client

from organizations import api_keys
from organizations.access import Scope
from organizations.tenancy.scope import working_for
from tests.conftest import House

NOW = datetime(2026, 10, 1, 9, tzinfo=UTC)


def key_of(
    house: House, scopes: Iterable[Scope] = tuple(Scope), expires_at: datetime | None = None
) -> str:
    with working_for(house.id):
        _row, secret = api_keys.create_key(
            "BI", scopes=list(scopes), expires_at=expires_at, by=None, moment=NOW
        )
    return secret


class Program:
    """Asks with one key, at the addresses of one organization."""

    def __init__(self, house: House, key: str = "", **headers: str) -> None:
        self.house = house
        bearer = {"Authorization": f"Bearer {key or key_of(house)}"}
        self.client = Client(raise_request_exception=False, headers=bearer | headers)

    def address(self, path: str) -> str:
        return f"/api/v1/organizations/{self.house.slug}/{path}"

    def get(self, path: str, **headers: str) -> Any:
        whole = path if path.startswith(("/", "http")) else self.address(path)
        return self.client.get(whole, headers=headers)

    def read(self, path: str) -> Any:
        answer = self.get(path)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def walk(self, path: str) -> list[list[Any]]:
        """Page after page, as `next` says."""
        pages, here = [], path
        while here:
            told = self.read(here)
            pages.append(told["items"])
            here = told["next"]
        return pages


def forget_counters() -> None:
    cache.clear()
