"""The operator's settings: flags and `EDGE_RANK_*` environment variables, checked once at start."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import parse_qs, urlsplit

from pydantic import (
    BeforeValidator,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.text.windows import MOST_WINDOWS
from service.user_error import UserError

ASSETS = Path(__file__).parent / "assets"
BUNDLED_MODEL = ASSETS / "model"
DEMO_CATALOGUE = ASSETS / "demo_catalogue.jsonl"
PLAYGROUND = ASSETS / "playground"

LogLevel = Literal["debug", "info", "warning", "error"]
Count = Annotated[int, Field(gt=0)]
_OWN_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})
_DEFAULT_PORT = 8000
_MIN_BODIES = 8
_kubernetes_address = re.compile(r"tcp://[^/]+:\d+").fullmatch


def _ignore_kubernetes(port: object) -> object:
    """The default port in place of an address, to which Kubernetes sets `EDGE_RANK_PORT` for a Service `edge-rank`.

    https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
    """
    return _DEFAULT_PORT if isinstance(port, str) and _kubernetes_address(port) else port


Port = Annotated[int, BeforeValidator(_ignore_kubernetes), Field(ge=1, le=65535)]
Milliseconds = Annotated[int, Field(ge=1, le=60_000)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


def _default_threads() -> int:
    # Only the cores that this process may use, which in a container are seldom all of the machine's.
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(4, usable or 1)


class Settings(BaseSettings):
    """The service's settings. Units are in the names; invalid values are refused at start."""

    model_config = SettingsConfigDict(env_prefix="EDGE_RANK_", frozen=True, extra="forbid", hide_input_in_errors=True)

    environment: Literal["development", "production"] = Field(
        default="development", description="production refuses settings that would leave the service open"
    )
    allow_anonymous: bool = Field(
        default=False, description="in production, need no API keys: a gateway authenticates clients"
    )
    host: str = Field(default="127.0.0.1", min_length=1, description="address to listen on")
    port: Port = Field(default=_DEFAULT_PORT, description="port to listen on")
    probe_port: Port | None = Field(
        default=None, description="a separate port for /livez, /readyz and /metrics; the last is then only there"
    )
    workers: int = Field(default=1, ge=1, le=256, description="serving processes")
    drain_s: float = Field(
        default=0, ge=0, le=300, allow_inf_nan=False, description="after SIGTERM, keep answering but not be ready"
    )
    log_level: LogLevel = Field(default="info", description="lowest level that is logged; debug only in development")
    log_format: Literal["text", "json"] = Field(default="text", description="text, or json: one object per line")
    access_log_fraction: float = Field(
        default=0, ge=0, le=1, description="fraction of answers that are logged; server errors (5xx) always are"
    )
    traces: bool = Field(default=False, description="export OpenTelemetry spans to OTEL_EXPORTER_OTLP_ENDPOINT")

    model: Path = Field(default=BUNDLED_MODEL, description="the artifact's folder")
    models: Path | None = Field(default=None, description="folder of artifacts that an admin may switch to by name")
    rollout: Path | None = Field(
        default=None, description="TOML file of the revisions released to devices beside the model that serves"
    )
    public_model: bool = Field(
        default=False, description="let devices download the model, and released heads, without an API key"
    )
    heads: Path | None = Field(default=None, description="folder with a folder per head, pack or task model")
    released_heads: Path | None = Field(
        default=None,
        description="folder with a folder per head, pack or task model that devices may load beside the model; "
        "it may be that of heads",
    )
    catalogue: Path | None = Field(default=None, description="JSON lines of items to embed at start")
    experiment: Path | None = Field(
        default=None, description="TOML file of an experiment; none: all users get the same"
    )
    encode_threads: int = Field(default_factory=_default_threads, ge=1, le=32, description="concurrent ONNX runs")
    run_tokens: int = Field(default=256, ge=128, le=65536, description="most tokens of one ONNX run, padding included")
    max_windows: int = Field(
        default=MOST_WINDOWS, ge=1, le=64, description="windows of a long text that the model reads; the rest is cut"
    )
    batch_tokens: int = Field(
        default=1024, ge=128, le=65536, description="most tokens that a thread takes at a time, in one run or several"
    )
    query_cache_size: Count = Field(default=10_000, description="queries whose vectors are cached in the process")
    deadline_ms: Milliseconds = Field(default=5000, description="of requests that set no shorter one")

    api_keys_file: Path | None = Field(default=None, description="TOML file of API keys; none: everybody may ask")
    playground: bool | None = Field(
        default=None, description="serve the page at / for trying rankings; by default not in production"
    )
    max_requests: Count = Field(
        default=1024, description="concurrent requests, waiting ones included; more are refused with 429"
    )
    max_body_bytes: int = Field(default=2 * 1024 * 1024, ge=1024, description="of one body, inflated; else 413")
    max_header_bytes: int = Field(default=64 * 1024, ge=4096, le=1024 * 1024, description="of one request; else 431")
    max_total_body_bytes: int = Field(
        default=256 * 1024 * 1024, ge=1024, description="of all bodies in memory; at least eight times max_body_bytes"
    )
    max_connections: int = Field(default=4096, ge=16, le=1_000_000, description="open at the same time, per process")
    keep_alive_s: Seconds = Field(
        default=75, le=3600, description="an idle connection is closed after it; longer than a load balancer's timeout"
    )
    header_timeout_s: Seconds = Field(default=10, le=600, description="from a request's first byte to its headers' end")
    body_timeout_s: Seconds = Field(default=30, le=600, description="from there to the end of its body; else 408")
    send_timeout_s: Seconds = Field(default=60, le=600, description="without a client reading a byte of its answer")
    max_candidates: Count = Field(default=1000, le=2000, description="of one request; diversity compares them pairwise")
    max_items: Count = Field(default=1000, le=10_000, description="items of one PUT /v1/items")
    max_history: Count = Field(default=200, le=10_000, description="events of one request")

    impressions: Path | None = Field(default=None, description="folder of the impression log; none: nothing is logged")
    impressions_max_bytes: int = Field(
        default=64 * 1024 * 1024, ge=1024, description="size at which a file of the log is rotated; 10 are kept"
    )
    remembered_impressions: int = Field(
        default=10_000, ge=0, description="answers that feedback is matched with, in the process"
    )

    redis_url: SecretStr | None = Field(default=None, description="redis://, rediss:// or unix://; none: no Redis")
    redis_cluster: bool = Field(default=False, description="whether redis_url names a node of a cluster")
    redis_timeout_ms: float = Field(default=50, ge=1, le=5000, description="of one command, connecting included")
    redis_cooldown_s: Seconds = Field(default=2, description="how long the circuit breaker stays open")

    store: str | None = Field(
        default=None,
        description="where put items are stored: redis (the default with redis_url), a folder on this machine (the "
        "default without), or memory, which does not outlive the process",
    )
    store_bytes: int = Field(
        default=4 * 1024**3, ge=1024**2, description="most disk space of the items stored on this machine"
    )
    prefix: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{0,32}$")] = Field(
        default="", description="separates the keys of several apps in one Redis, and their items on one machine"
    )
    memory_items: Count = Field(
        default=50_000, description="items and texts in the in-process tier, the catalogue not counted"
    )
    memory_ttl_s: Seconds = Field(default=300, description="lifetime in the in-process tier when Redis is below it")
    feature_ttl_s: Seconds = Field(
        default=7 * 86_400, description="lifetime of rankings' texts in Redis; without Redis, in the process"
    )

    @property
    def serves_playground(self) -> bool:
        """True if the playground is served: by default everywhere but in production."""
        return self.environment == "development" if self.playground is None else self.playground

    @property
    def item_store(self) -> Literal["memory", "redis", "embedded"]:
        """The kind of store for put items."""
        if self.store in ("memory", "redis"):
            return "memory" if self.store == "memory" else "redis"
        return "redis" if self.store is None and self.redis_url is not None else "embedded"

    @property
    def store_folder(self) -> Path:
        """The folder of an embedded item store: the one in the settings, or one of this user's."""
        if self.store is not None:
            return Path(self.store)
        xdg = os.environ.get("XDG_STATE_HOME", "")  # https://specifications.freedesktop.org/basedir-spec/latest/
        state = Path(xdg) if xdg.startswith("/") else Path(os.path.expanduser("~")) / ".local" / "state"  # noqa: PTH111
        return state / "edge-rank" / (self.prefix or "default")

    @field_validator("store")
    @classmethod
    def _check_store(cls, store: str | None) -> str | None:
        if store is not None and store not in ("memory", "redis") and "/" not in store:
            raise ValueError("must be memory, redis, or the path of a folder (with a slash in it)")
        return store

    @field_validator("redis_url")
    @classmethod
    def _check_redis_url(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and not url.get_secret_value().startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must start with redis://, rediss:// or unix://")
        if url is not None:
            _redis_options(url.get_secret_value())
        return url

    @model_validator(mode="after")
    def _check(self) -> Self:
        redis = {} if self.redis_url is None else _redis_options(self.redis_url.get_secret_value())
        in_production = self.environment == "production"
        rules = {
            "a cluster (redis_cluster) needs redis:// or rediss://, not unix://": self.redis_cluster
            and "path" in redis,
            "a cluster (redis_cluster) has only the database 0: end redis_url with /0": (
                self.redis_cluster and redis.get("db")
            ),
            "in production, set api_keys_file, or allow_anonymous=true if a gateway authenticates": (
                in_production and self.api_keys_file is None and not self.allow_anonymous
            ),
            "in production, log_level must not be debug: libraries may log what clients sent": (
                in_production and self.log_level == "debug"
            ),
            "store is redis, so redis_url (EDGE_RANK_REDIS_URL) must be set": (
                self.store == "redis" and self.redis_url is None
            ),
            "store is memory, which several workers do not share: set a folder, or redis": (
                self.store == "memory" and self.workers > 1
            ),
            "rollout names models by folder: set models (EDGE_RANK_MODELS), too": (
                self.rollout is not None and self.models is None
            ),
            "probe_port must differ from port": self.probe_port == self.port,
            f"max_total_body_bytes must be at least {_MIN_BODIES} times max_body_bytes": (
                self.max_total_body_bytes < _MIN_BODIES * self.max_body_bytes
            ),
            "memory_ttl_s must not exceed feature_ttl_s": self.memory_ttl_s > self.feature_ttl_s,
        }
        for message, is_broken in rules.items():
            if is_broken:
                raise ValueError(message)
        if in_production and self.redis_url is not None:
            _check_redis_is_closed(self.redis_url.get_secret_value())
        return self


def _redis_options(url: str) -> Mapping[str, Any]:
    """Parse a Redis URL, or raise a `ValueError` that does not repeat it, since it may contain a password."""
    from redis.connection import parse_url  # noqa: PLC0415 -- slow, and not needed without Redis

    try:
        options: Mapping[str, Any] = parse_url(url)  # type: ignore[no-untyped-call]
    except ValueError:
        raise ValueError("is not a valid Redis URL") from None
    return options


def _check_redis_is_closed(url: str) -> None:
    """Refuse a Redis on another host that anybody on the network could read or replace."""
    parts = urlsplit(url)
    if parts.scheme == "unix" or parts.hostname in _OWN_HOSTS:
        return
    if parse_qs(parts.query).get("ssl_cert_reqs", [""])[0].lower() in {"none", "optional"}:
        raise ValueError("in production, the certificate of redis_url must be verified: leave ssl_cert_reqs out")
    if parts.scheme == "redis" and not parts.password:
        raise ValueError("in production, a redis_url on another host needs a password, or rediss://")


RENAMED = {
    "access_log_share": "access_log_fraction",
    "anonymous": "allow_anonymous",
    "bodies_max_bytes": "max_total_body_bytes",
    "most_windows": "max_windows",
    "recent_queries": "query_cache_size",
}
"""Former names of settings, which are refused, and their present names."""

RETIRED = {
    "latency_goal_ms": "requests are admitted by their own deadlines",
    "queue_tokens": "requests are admitted by their own deadlines",
    "redis_connections": "the pool has 32 connections",
    "ttl_jitter": "lifetimes are shortened by up to a tenth",
}
"""Former settings without effect, and what holds instead."""


def retired_settings() -> dict[str, str]:
    """The retired settings that the environment still has, by variable, and what holds instead."""
    variables = {variable(name): instead for name, instead in RETIRED.items()}
    return {name: instead for name, instead in variables.items() if name in os.environ}


class SettingsError(UserError):
    """A setting is invalid; the message says in one line which and why, and never repeats a secret."""


def load_settings(**overrides: object) -> Settings:
    """Read settings from the environment; overrides that are not None take precedence.

    Raises:
        SettingsError: a setting is invalid, or has its former name.
    """
    given: dict[str, Any] = {name: value for name, value in overrides.items() if value is not None}
    for old, new in RENAMED.items():
        if old in given or variable(old) in os.environ:
            raise SettingsError(f"setting {old} ({variable(old)}) is now called {new} ({variable(new)})")
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        where = f"setting {name} ({variable(name)})" if name else "settings"
        raise SettingsError(f"{where}: {first['msg']}") from None


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"EDGE_RANK_{name.upper()}"
