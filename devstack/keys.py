"""The installation's secrets: made at the first start, kept beside the data, the same ever after."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

SECRET_FILES = {"SECRET_KEY": "secret-key", "LINK_SECRET": "link-secret"}


def read_or_create_secret(path: Path) -> str:
    """The secret in this file, which only its owner may read."""
    if not path.exists():
        half_made = path.with_suffix(".new")
        half_made.unlink(missing_ok=True)
        handle = os.open(half_made, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
        half_made.rename(path)
    return path.read_text().strip()


def missing_secrets(data: Path) -> dict[str, str]:
    """Those that the environment does not name itself."""
    return {
        name: read_or_create_secret(data / file)
        for name, file in SECRET_FILES.items()
        if name not in os.environ and f"{name}_FILE" not in os.environ
    }
