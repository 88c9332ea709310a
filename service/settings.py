"""What the operator decides: flags and `EDGE_RANK_*` environment variables, checked once at start."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ASSETS = Path(__file__).parent / "assets"
BUNDLED_MODEL = ASSETS / "model"
DEMO_CATALOGUE = ASSETS / "demo_catalogue.jsonl"

LogLevel = Literal["debug", "info", "warning", "error"]
Count = Annotated[int, Field(gt=0)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


def _default_threads() -> int:
    return min(4, os.cpu_count() or 1)


class Settings(BaseSettings):
    """The service's settings. Units are in the names; nonsense is refused at start, not while serving."""

    model_config = SettingsConfigDict(env_prefix="EDGE_RANK_", frozen=True, extra="forbid", hide_input_in_errors=True)

    host: str = Field(default="127.0.0.1", min_length=1, description="address to listen on")
    port: int = Field(default=8000, ge=1, le=65535)
    log_level: LogLevel = "info"

    model: Path = Field(default=BUNDLED_MODEL, description="the artifact's folder")
    catalogue: Path | None = Field(default=None, description="JSON lines of items that are embedded at start")
    encode_threads: int = Field(default_factory=_default_threads, ge=1, le=32, description="ONNX runs at the same time")
    run_tokens: int = Field(default=4096, ge=512, le=65536, description="most tokens of one ONNX run, padding included")

    max_body_bytes: int = Field(default=2 * 1024 * 1024, ge=1024)
    max_candidates: Count = Field(default=1000, le=2000, description="of one request; diversity compares them in pairs")
    max_items: Count = Field(default=1000, le=10_000, description="items of one PUT /v1/items")
    max_history: Count = Field(default=200, le=10_000, description="events of one request")
    max_text_chars: Count = 8192

    redis_url: SecretStr | None = Field(default=None, description="redis://, rediss:// or unix://; none: no Redis")
    redis_timeout_ms: float = Field(
        default=50, ge=1, le=5000, description="most that one command may take, connecting included"
    )
    redis_connections: int = Field(default=32, ge=1, le=1024)
    redis_cooldown_s: Seconds = Field(default=2, description="how long a Redis that failed is left alone")

    memory_items: Count = Field(
        default=50_000, description="items in the in-process tier; the catalogue is not counted"
    )
    memory_ttl_s: Seconds = Field(default=300, description="lifetime in the in-process tier when Redis is below it")
    feature_ttl_s: Seconds = Field(default=7 * 86_400, description="lifetime in Redis; without Redis, in process")
    ttl_jitter: float = Field(default=0.1, ge=0, le=0.5, description="fraction by which a lifetime may be shortened")

    @field_validator("redis_url")
    @classmethod
    def _check_redis_url(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and not url.get_secret_value().startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must start with redis://, rediss:// or unix://")
        return url

    @model_validator(mode="after")
    def _check_lifetimes(self) -> Self:
        if self.memory_ttl_s > self.feature_ttl_s:
            raise ValueError("memory_ttl_s must not exceed feature_ttl_s")
        return self


class SettingsError(Exception):
    """A setting is wrong; the message says in one line which and why, and never repeats a secret."""


def load_settings(**overrides: object) -> Settings:
    """Settings from the environment, with those that are not None in place of what it says.

    Raises:
        SettingsError: a setting is wrong.
    """
    given: dict[str, Any] = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        where = f"setting {name} (EDGE_RANK_{name.upper()})" if name else "settings"
        raise SettingsError(f"{where}: {first['msg']}") from None
