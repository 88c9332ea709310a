"""What the operator decides: flags and `EDGE_RANK_*` environment variables, checked once at start."""

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

ASSETS = Path(__file__).parent / "assets"
BUNDLED_MODEL = ASSETS / "model"
DEMO_CATALOGUE = ASSETS / "demo_catalogue.jsonl"
PLAYGROUND = ASSETS / "playground"

LogLevel = Literal["debug", "info", "warning", "error"]
Count = Annotated[int, Field(gt=0)]
_OWN_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})
_DEFAULT_PORT = 8000
_LEAST_BODIES = 8
_kubernetes_address = re.compile(r"tcp://[^/]+:\d+").fullmatch


def _not_of_kubernetes(port: object) -> object:
    """The default in place of an address: beside a Service called `edge-rank`, Kubernetes sets `EDGE_RANK_PORT` to one.

    https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
    """
    return _DEFAULT_PORT if isinstance(port, str) and _kubernetes_address(port) else port


Port = Annotated[int, BeforeValidator(_not_of_kubernetes), Field(ge=1, le=65535)]
Milliseconds = Annotated[int, Field(ge=1, le=60_000)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


def _default_threads() -> int:
    # Of the cores that this process may use, which in a container are seldom all that the machine has.
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(4, usable or 1)


class Settings(BaseSettings):
    """The service's settings. Units are in the names; nonsense is refused at start, not while serving."""

    model_config = SettingsConfigDict(env_prefix="EDGE_RANK_", frozen=True, extra="forbid", hide_input_in_errors=True)

    environment: Literal["development", "production"] = Field(
        default="development", description="in production, what would leave the service open is refused"
    )
    anonymous: bool = Field(default=False, description="in production, let everybody ask: a gateway checks who it is")
    host: str = Field(default="127.0.0.1", min_length=1, description="address to listen on")
    port: Port = Field(default=_DEFAULT_PORT, description="port to listen on")
    probe_port: Port | None = Field(
        default=None, description="another port, for /livez, /readyz and /metrics alone; the last is then only there"
    )
    workers: int = Field(default=1, ge=1, le=256, description="serving processes")
    drain_s: float = Field(
        default=0, ge=0, le=300, allow_inf_nan=False, description="from SIGTERM on, still answering but not ready"
    )
    log_level: LogLevel = Field(default="info", description="least level of the log's lines; debug only in development")
    log_format: Literal["text", "json"] = Field(default="text", description="text, or json: one object a line")
    access_log_share: float = Field(
        default=0, ge=0, le=1, description="of the answers, how many get a line in the log; failed ones (5xx) all do"
    )
    traces: bool = Field(default=False, description="OpenTelemetry spans, sent where OTEL_EXPORTER_OTLP_ENDPOINT says")

    model: Path = Field(default=BUNDLED_MODEL, description="the artifact's folder")
    models: Path | None = Field(default=None, description="folder of artifacts that an admin may have served by name")
    rollout: Path | None = Field(
        default=None, description="TOML file of what is released to devices beside the model that serves"
    )
    public_model: bool = Field(default=False, description="let devices load the model without an API key")
    heads: Path | None = Field(default=None, description="folder of heads, each a folder; none: nothing is classified")
    catalogue: Path | None = Field(default=None, description="JSON lines of items that are embedded at start")
    experiment: Path | None = Field(
        default=None, description="TOML file of an experiment; none: the same for all users"
    )
    encode_threads: int = Field(default_factory=_default_threads, ge=1, le=32, description="ONNX runs at the same time")
    run_tokens: int = Field(default=256, ge=128, le=65536, description="most tokens of one ONNX run, padding included")
    most_windows: int = Field(
        default=MOST_WINDOWS, ge=1, le=64, description="parts of a long text that are read; what follows them is not"
    )
    batch_tokens: int = Field(
        default=1024, ge=128, le=65536, description="most tokens that a thread takes at once, in one run or several"
    )
    recent_queries: Count = Field(default=10_000, description="queries whose vectors are remembered, in process")
    deadline_ms: Milliseconds = Field(default=5000, description="for requests that say no shorter one")

    api_keys_file: Path | None = Field(default=None, description="TOML file of those who may ask; none: everybody may")
    playground: bool | None = Field(
        default=None, description="the page at / on which rankings are tried; by default not in production"
    )
    max_requests: Count = Field(
        default=1024,
        description="requests in work at the same time, those that wait included; more are refused with 429",
    )
    max_body_bytes: int = Field(default=2 * 1024 * 1024, ge=1024, description="of one body, inflated; else 413")
    max_header_bytes: int = Field(default=64 * 1024, ge=4096, le=1024 * 1024, description="of one request; else 431")
    bodies_max_bytes: int = Field(
        default=256 * 1024 * 1024, ge=1024, description="of all bodies in memory; at least eight times max_body_bytes"
    )
    max_connections: int = Field(default=4096, ge=16, le=1_000_000, description="open at the same time, of a process")
    keep_alive_s: Seconds = Field(
        default=75, le=3600, description="a connection without a request is closed then; longer than a balancer waits"
    )
    header_timeout_s: Seconds = Field(default=10, le=600, description="from a request's first byte to its headers' end")
    body_timeout_s: Seconds = Field(default=30, le=600, description="from there to the end of its body; else 408")
    send_timeout_s: Seconds = Field(default=60, le=600, description="without a byte of an answer being taken")
    max_candidates: Count = Field(default=1000, le=2000, description="of one request; diversity compares them in pairs")
    max_items: Count = Field(default=1000, le=10_000, description="items of one PUT /v1/items")
    max_history: Count = Field(default=200, le=10_000, description="events of one request")

    impressions: Path | None = Field(default=None, description="folder of the impression log; none: nothing is logged")
    impressions_max_bytes: int = Field(
        default=64 * 1024 * 1024, ge=1024, description="size past which a file of the log is put aside; 10 are kept"
    )
    remembered_impressions: int = Field(
        default=10_000, ge=0, description="answers of which feedback is known to be, in process"
    )

    redis_url: SecretStr | None = Field(default=None, description="redis://, rediss:// or unix://; none: no Redis")
    redis_cluster: bool = Field(default=False, description="whether redis_url names a node of a cluster")
    redis_timeout_ms: float = Field(
        default=50, ge=1, le=5000, description="most that one command may take, connecting included"
    )
    redis_connections: int = Field(default=32, ge=1, le=1024, description="most connections to Redis of a process")
    redis_cooldown_s: Seconds = Field(default=2, description="how long a Redis that fails often is left alone")

    store: str | None = Field(
        default=None,
        description="where items live that clients put: redis (the default with redis_url), a folder of this machine "
        "(the default without), or memory: nothing outlives the process",
    )
    store_bytes: int = Field(
        default=4 * 1024**3, ge=1024**2, description="most that the items of this machine take on the disk"
    )
    prefix: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{0,32}$")] = Field(
        default="", description="keeps the keys of several apps in one Redis apart, and their items on one machine"
    )
    memory_items: Count = Field(
        default=50_000, description="items and texts in the in-process tier; the catalogue is not counted"
    )
    memory_ttl_s: Seconds = Field(default=300, description="lifetime in the in-process tier when Redis is below it")
    feature_ttl_s: Seconds = Field(
        default=7 * 86_400, description="lifetime of rankings' texts in Redis; without Redis, in process"
    )
    ttl_jitter: float = Field(default=0.1, ge=0, le=0.5, description="fraction by which a lifetime may be shortened")

    @property
    def serves_playground(self) -> bool:
        """Whether the playground is served: as the operator said, else everywhere but in production."""
        return self.environment == "development" if self.playground is None else self.playground

    @property
    def item_store(self) -> Literal["memory", "redis", "embedded"]:
        """Where items live that clients put."""
        if self.store in ("memory", "redis"):
            return "memory" if self.store == "memory" else "redis"
        return "redis" if self.store is None and self.redis_url is not None else "embedded"

    @property
    def store_folder(self) -> Path:
        """Where they live if that is a folder: the one that is named, or one of this user's."""
        if self.store is not None:
            return Path(self.store)
        said = os.environ.get("XDG_STATE_HOME", "")  # https://specifications.freedesktop.org/basedir-spec/latest/
        state = Path(said) if said.startswith("/") else Path(os.path.expanduser("~")) / ".local" / "state"  # noqa: PTH111
        return state / "edge-rank" / (self.prefix or "default")

    @field_validator("store")
    @classmethod
    def _check_store(cls, store: str | None) -> str | None:
        if store is not None and store not in ("memory", "redis") and "/" not in store:
            raise ValueError("must be memory, redis, or the path of a folder, with a slash in it")
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
    def _check_redis_cluster(self) -> Self:
        if self.redis_cluster and self.redis_url is not None:
            options = _redis_options(self.redis_url.get_secret_value())
            if "path" in options:
                raise ValueError("a cluster (redis_cluster) is reached by redis:// or rediss://, not by unix://")
            if options.get("db"):
                raise ValueError("a cluster (redis_cluster) has only the database 0: end redis_url with /0")
        return self

    @model_validator(mode="after")
    def _check_production(self) -> Self:
        if self.environment == "development":
            return self
        if self.api_keys_file is None and not self.anonymous:
            raise ValueError("in production, name an api_keys_file, or say anonymous=true if a gateway checks who asks")
        if self.log_level == "debug":
            raise ValueError("in production, log_level must not be debug: libraries may log what clients sent")
        if self.redis_url is not None:
            _check_redis_is_closed(self.redis_url.get_secret_value())
        return self

    @model_validator(mode="after")
    def _check_item_store(self) -> Self:
        if self.store == "redis" and self.redis_url is None:
            raise ValueError("store is redis: name it with redis_url (EDGE_RANK_REDIS_URL)")
        if self.store == "memory" and self.workers > 1:
            raise ValueError("store is memory, which several workers do not share: name a folder, or redis")
        return self

    @model_validator(mode="after")
    def _check_rollout(self) -> Self:
        if self.rollout is not None and self.models is None:
            raise ValueError("rollout names models, which lie in a folder: set models (EDGE_RANK_MODELS), too")
        return self

    @model_validator(mode="after")
    def _check_ports(self) -> Self:
        if self.probe_port == self.port:
            raise ValueError("probe_port must be another port than port")
        return self

    @model_validator(mode="after")
    def _check_bodies(self) -> Self:
        if self.bodies_max_bytes < _LEAST_BODIES * self.max_body_bytes:
            raise ValueError(f"bodies_max_bytes must be at least {_LEAST_BODIES} times max_body_bytes")
        return self

    @model_validator(mode="after")
    def _check_lifetimes(self) -> Self:
        if self.memory_ttl_s > self.feature_ttl_s:
            raise ValueError("memory_ttl_s must not exceed feature_ttl_s")
        return self


def _redis_options(url: str) -> Mapping[str, Any]:
    """What a URL says of a Redis.

    Raises:
        ValueError: it is not one that Redis clients read; the message does not repeat it, for it may hold a password.
    """
    from redis.connection import parse_url  # noqa: PLC0415 -- it takes a while, and only who has a Redis needs it

    try:
        options: Mapping[str, Any] = parse_url(url)  # type: ignore[no-untyped-call]
    except ValueError:
        raise ValueError("is not an address that Redis clients read") from None
    return options


def _check_redis_is_closed(url: str) -> None:
    """Refuse a Redis that whoever is on the network could read or replace.

    Raises:
        ValueError: it is elsewhere and has neither a password nor TLS, or its certificate is not looked at.
    """
    parts = urlsplit(url)
    if parts.scheme == "unix" or parts.hostname in _OWN_HOSTS:
        return
    if parse_qs(parts.query).get("ssl_cert_reqs", [""])[0].lower() in {"none", "optional"}:
        raise ValueError("in production, the certificate of redis_url must be checked: leave ssl_cert_reqs out")
    if parts.scheme == "redis" and not parts.password:
        raise ValueError("in production, a redis_url elsewhere needs a password, or rediss://")


RETIRED = {
    "latency_goal_ms": "requests are admitted by their own deadlines",
    "queue_tokens": "requests are admitted by their own deadlines",
}
"""Settings of before that decide nothing any more, and what stands in their place."""


def retired_settings() -> dict[str, str]:
    """Which of them the environment still says, by variable, and what stands in their place."""
    told = {f"EDGE_RANK_{name.upper()}": instead for name, instead in RETIRED.items()}
    return {name: instead for name, instead in told.items() if name in os.environ}


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
