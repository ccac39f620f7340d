"""A real Valkey on a private socket: what wakes the workers, and the cache."""

from __future__ import annotations

import signal
import subprocess
from typing import IO

import redis

from devstack.layout import Layout, server_user
from devstack.processes import stop, wait_until
from devstack.reaper import Reaper


class Valkey:
    def __init__(self, layout: Layout, *, name: str = "valkey", throwaway: bool = False) -> None:
        self.layout, self.name, self.throwaway = layout, name, throwaway
        self.socket = layout.sockets / f"{name}.sock"
        self.url = f"unix://{self.socket}"
        self.process: subprocess.Popen[bytes] | None = None

    def is_ready(self) -> bool:
        if not self.socket.exists():
            return False
        try:
            with redis.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def _stop_left_over(self) -> None:
        """One that a killed start left behind: two would write into one file."""
        if self.is_ready():
            with redis.Redis.from_url(self.url) as client:
                client.shutdown()
        self.socket.unlink(missing_ok=True)

    def start(self, log: IO[bytes], reaper: Reaper) -> None:
        self._stop_left_over()
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.layout.private(self.layout.data / self.name)),
            "appendonly": "no" if self.throwaway else "yes",
            "save": "",
            "maxmemory-policy": "noeviction",
            "loglevel": "warning",
        }
        told = [word for name, value in settings.items() for word in (f"--{name}", value)]
        self.process = subprocess.Popen(
            [str(self.layout.valkey), *told],
            cwd="/",
            stdout=log,
            stderr=log,
            start_new_session=True,
            **server_user(),
        )
        reaper.watch(self.process, signal.SIGTERM)

    def prepare(self) -> None:
        assert self.process is not None
        wait_until(self.is_ready, "Valkey", self.process)

    def stop(self) -> None:
        if self.process is not None:
            stop(self.process)
