"""API keys, kept as digests in a TOML file that may change while the service runs.

    [keys.checkout]
    sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    requests_per_s = 500
    burst = 1000

    [keys.nightly-job]
    sha256 = "…"
    rights = ["items"]

    [keys.operations]
    sha256 = "…"
    rights = ["admin"]

A key without rights has `rank` and `items`, as all keys had before there were rights. `admin = true`, the older form,
still adds `admin` to these.

To rotate a key, add the new one under a name of its own, move the clients, and remove the old one.
"""

import hashlib
import hmac
import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from service.files.printable import first_reason
from service.files.toml import read_toml
from service.files.watched import WatchedFile
from service.security.rights import DEFAULT_RIGHTS, Right
from service.user_error import UserError

_log = logging.getLogger(__name__)
_KEY_BYTES = 32

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class KeysError(UserError):
    """The file of keys is invalid; the message says in one line where and why, and never repeats a digest."""


class ApiKey(BaseModel):
    """The entry of a key; without a rate it is unlimited, and a burst is twice the rate by default."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    sha256: Digest
    requests_per_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    burst: Annotated[int, Field(ge=1)] | None = None
    rights: frozenset[Right] = Field(default=DEFAULT_RIGHTS, min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _take_old_form(cls, said: object) -> object:
        if not isinstance(said, dict) or "admin" not in said:
            return said
        if "rights" in said or not isinstance(said["admin"], bool):
            raise ValueError('replace admin by rights, such as rights = ["rank", "items", "admin"]')
        rest = {name: value for name, value in said.items() if name != "admin"}
        return {**rest, "rights": [*DEFAULT_RIGHTS, "admin"]} if said["admin"] else rest


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    keys: dict[Name, ApiKey] = Field(min_length=1)


@dataclass(frozen=True)
class Principal:
    """The holder of a key: the key's name in the file, and its entry."""

    name: str
    key: ApiKey


class ApiKeys:
    """The keys of a file. A change of the file is noticed within a second; an invalid one is not applied."""

    def __init__(self, path: Path, clock: Callable[[], float] = monotonic) -> None:
        """Read the file.

        Raises:
            KeysError: it is invalid.
        """
        self._path, self._file = path, WatchedFile(path, clock)
        self._holders = read_keys(path)

    def authenticate(self, presented: str) -> Principal | None:
        """Find the holder of a key; None if there is none. Takes the same time for all keys, valid or not."""
        self._reload_if_changed()
        digest = hashlib.sha256(presented.encode("utf-8", "surrogatepass")).hexdigest()
        found = None
        for principal in self._holders:
            if hmac.compare_digest(principal.key.sha256, digest):
                found = principal
        return found

    def _reload_if_changed(self) -> None:
        if not self._file.changed():
            return
        try:
            self._holders = read_keys(self._path)
        except KeysError as error:
            _log.error("the API keys were not reloaded, the previous ones stay: %s", error)
        else:
            _log.info("the API keys were reloaded: %s", ", ".join(principal.name for principal in self._holders))


def read_keys(path: Path) -> tuple[Principal, ...]:
    """Read a file of keys.

    Raises:
        KeysError: it can't be read, is invalid, or has the same key under two names.
    """
    try:
        document = _Document.model_validate(read_toml(path, KeysError))
    except ValidationError as error:
        raise KeysError(f"{path}: {first_reason(error)}") from None
    by_digest: dict[str, str] = {}
    for name, key in document.keys.items():
        if (other := by_digest.setdefault(key.sha256, name)) != name:
            raise KeysError(f"{path}: {name} and {other} are the same key")
    return tuple(Principal(name, key) for name, key in document.keys.items())


def key_entry(name: str, digest: str, rights: Sequence[str]) -> str:
    """The entry of a key as TOML.

    Raises:
        KeysError: the entry would be invalid.
    """
    try:
        _Document.model_validate({"keys": {name: {"sha256": digest, "rights": rights}}})
    except ValidationError as error:
        raise KeysError(first_reason(error)) from None
    named = ", ".join(f'"{one}"' for one in rights)
    return f'[keys.{name}]\nsha256 = "{digest}"\nrights = [{named}]'


def new_key() -> tuple[str, str]:
    """Generate a key; returns it and its digest."""
    key = secrets.token_urlsafe(_KEY_BYTES)
    return key, hashlib.sha256(key.encode()).hexdigest()
