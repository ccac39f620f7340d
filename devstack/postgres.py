"""A real PostgreSQL 18 on a private socket: nothing to install, no port, no password."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql

from devstack.layout import Layout, server_user
from devstack.processes import stop, wait_until
from devstack.reaper import Reaper

DATABASE, OWNER, USER, ADMINISTRATOR = "naite", "app_owner", "app_user", "postgres"
ROLES = Path(__file__).resolve().parent.parent / "organizations" / "roles.sql"
SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "min_wal_size": "32MB",
    "max_wal_size": "256MB",
    "log_min_duration_statement": "500",
}
# For data that need not survive a power cut.
THROWAWAY = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
}
# Without ICU; the ctype lets trigram search read Korean.
LOCALE = (
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--lc-ctype=" + ("en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"),
)


class Postgres:
    def __init__(self, layout: Layout, *, throwaway: bool = False) -> None:
        self.layout, self.throwaway = layout, throwaway
        self.directory = layout.data / "pg18"
        self.process: subprocess.Popen[bytes] | None = None

    def url(self, user: str, database: str = DATABASE) -> str:
        return f"postgresql://{user}@/{database}?host={self.layout.sockets}"

    def _program(self, name: str) -> str:
        return str(self.layout.postgres / "bin" / name)

    def _run(self, *command: str, log: IO[bytes] | int = subprocess.DEVNULL) -> int:
        calm = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
        done = subprocess.run(
            command,
            check=False,
            cwd="/",
            env=calm,
            stdout=log,
            stderr=log,
            start_new_session=True,  # the terminal's Ctrl-C is not for it
            **server_user(),
        )
        return done.returncode

    def is_ready(self) -> bool:
        # Looks before it asks: pg_isready is a process of its own.
        if not (self.layout.sockets / ".s.PGSQL.5432").exists():
            return False
        return self._run(self._program("pg_isready"), "-q", "-h", str(self.layout.sockets)) == 0

    def _initialize(self, log: IO[bytes]) -> None:
        half_made = self.layout.data / "pg18.new"
        shutil.rmtree(half_made, ignore_errors=True)
        self.layout.private(half_made)
        told = ("-D", str(half_made), "-U", ADMINISTRATOR, "--auth=trust", "--no-sync", *LOCALE)
        if self._run(self._program("initdb"), *told, log=log):
            sys.exit("PostgreSQL could not be set up; its log says why.")
        half_made.rename(self.directory)

    def _stop_left_over(self, log: IO[bytes]) -> None:
        told = ("-D", str(self.directory), "-m", "fast", "-w", "stop")
        if self.is_ready() and self._run(self._program("pg_ctl"), *told, log=log):
            sys.exit(f"Another PostgreSQL is using {self.directory}.")

    def start(self, log: IO[bytes], reaper: Reaper) -> None:
        if not (self.directory / "PG_VERSION").exists():
            self._initialize(log)
        self._stop_left_over(log)
        settings = SETTINGS | (THROWAWAY if self.throwaway else {})
        settings["unix_socket_directories"] = str(self.layout.sockets)
        told = [f"-c{name}={value}" for name, value in settings.items()]
        self.process = subprocess.Popen(
            [self._program("postgres"), "-D", str(self.directory), *told],
            cwd="/",
            env={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
            stdout=log,
            stderr=log,
            start_new_session=True,
            **server_user(),
        )
        reaper.watch(self.process, signal.SIGINT)

    def prepare(self) -> None:
        """Waits for the server; then the database and its roles are there."""
        assert self.process is not None
        wait_until(self.is_ready, "PostgreSQL", self.process)
        name = sql.Identifier(DATABASE)
        with psycopg.connect(self.url(ADMINISTRATOR, "postgres"), autocommit=True) as door:
            there = "SELECT FROM pg_database WHERE datname = %s"
            if not door.execute(there, [DATABASE]).rowcount:
                door.execute(sql.SQL("CREATE DATABASE {}").format(name))
        with psycopg.connect(self.url(ADMINISTRATOR), autocommit=True) as door:
            door.execute(ROLES.read_bytes())
            owner = sql.Identifier(OWNER)
            door.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(name, owner))
            if self.throwaway:  # tests make their own databases
                door.execute(sql.SQL("ALTER ROLE {} CREATEDB").format(owner))

    def stop(self) -> None:
        if self.process is not None:
            stop(self.process, signal.SIGINT, 20)  # "fast": disconnect, write down, end
