"""Operation settings: where things are and how to reach them (TOML, environment, `BEFFROI_…`).

Owns: `Settings`.
Promises: everything has a safe default for one machine; a wrong value is refused at start with its name.
Never does: hold charter settings; those are rows with a version, a person and a reason (`parties.charter`).
"""

import os
import re
import tomllib
from ipaddress import ip_network
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from beffroi.ground.kernel.limits import (
    DISK_FREE_SHARE_MIN,
    HEARTBEAT_S_DEFAULT,
    HEARTBEAT_S_MAX,
    HEARTBEAT_S_MIN,
)


class Settings(BaseSettings):
    """One node's operation settings."""

    model_config = SettingsConfigDict(env_prefix="BEFFROI_", env_nested_delimiter="__", extra="forbid", frozen=True)

    data: Path = Field(default=Path("beffroi-data"), description="folder of database, blobs, keys")
    database: str = Field(default="", description="SQLAlchemy URL; empty: SQLite in `data`")
    spool: Path | None = Field(default=None, description="emergency spool, on another disk; empty: spool in `data`")
    blobs: str = Field(default="", description="s3://bucket or s3://bucket/prefix; empty: the folder blobs in `data`")
    s3_endpoint: str = Field(default="", description="address of the S3 server, https://…")
    s3_region: str = Field(default="us-east-1", description="its region; most servers of one's own take any")
    s3_access_key: SecretStr = Field(default=SecretStr(""), description="access key of the bucket")
    s3_secret_key: SecretStr = Field(default=SecretStr(""), description="its secret")
    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: int = Field(default=8100, ge=1, le=65535, description="port to listen on")
    base_url: str = Field(default="", description="how the world reaches this node; empty: http://host:port")
    trusted_proxies: tuple[str, ...] = Field(
        default=(), description="addresses or networks of the TLS proxy, whose word on visitors' addresses counts"
    )
    log_origin: str = Field(default="", description="name of the ledger; empty: host of base_url + /ledger")
    hook_url: str = Field(default="", description="where the platform takes webhooks; empty: no platform")
    hook_secret: SecretStr = Field(default=SecretStr(""), description="Standard Webhooks secret, whsec_…")
    platform: Literal["", "webhook", "matrix"] = Field(
        default="", description="how the platform is reached; empty: by webhook where hook_url is set"
    )
    matrix_url: str = Field(default="", description="client address of the Matrix homeserver (Synapse)")
    matrix_token: SecretStr = Field(default=SecretStr(""), description="access token of a server administrator there")
    matrix_visitor_token: SecretStr = Field(
        default=SecretStr(""), description="of an account without rights there; empty: look as a guest"
    )
    matrix_suspend_by: Literal["suspend", "lock"] = Field(default="suspend", description="what a suspension means")
    outbound_allow: tuple[str, ...] = Field(default=(), description="host:port pairs reachable although private")
    heartbeat_url: SecretStr = Field(
        default=SecretStr(""), description="monitor that is told the node lives; its secret"
    )
    heartbeat_s: int = Field(
        default=HEARTBEAT_S_DEFAULT, ge=HEARTBEAT_S_MIN, le=HEARTBEAT_S_MAX, description="seconds between two beats"
    )
    mail_host: str = Field(default="", description="the organisation's own mail server; empty: no e-mail is sent")
    mail_port: int = Field(default=465, ge=1, le=65535, description="its port: 465 for tls, 587 for starttls")
    mail_security: Literal["tls", "starttls", "none"] = Field(default="tls", description="none: on this machine alone")
    mail_user: str = Field(default="", description="name to sign in with there; empty: without")
    mail_password: SecretStr = Field(default=SecretStr(""), description="its secret")
    mail_from: str = Field(default="", description="address that letters of this node come from")
    decoders: int = Field(default=2, ge=1, le=32, description="confined child processes that decode pictures")
    screeners: int = Field(default=8, ge=1, le=64, description="uploads examined at the same time")
    disk_free_share_min: float = Field(
        default=DISK_FREE_SHARE_MIN, ge=0, le=1, description="a node warns when less of its disk is free"
    )
    zone: str = Field(default="UTC", description="IANA time zone in which pages write times")
    oidc_issuer: str = Field(default="", description="identity provider for single sign-on, exactly; empty: none")
    oidc_client_id: str = Field(default="", description="what the provider calls this node")
    oidc_client_secret: SecretStr = Field(default=SecretStr(""), description="empty: a public client, PKCE alone")
    oidc_algorithm: Literal["RS256", "PS256", "ES256"] = Field(default="RS256", description="of its ID tokens")
    oidc_acr: str = Field(default="", description="authentication level (acr) it must vouch for; empty: any")
    oidc_name: str = Field(default="", description="what the button calls the provider; empty: its host")
    local_sign_in: Literal["everybody", "administrators"] = Field(
        default="everybody", description="who may use password or passkey beside single sign-on"
    )
    demo: bool = Field(default=False, description="sample data and sample people; refused off loopback")
    test_clock: bool = Field(default=False, description="a clock that tests can move; refused off loopback")
    argon2: Literal["standard", "cheap"] = Field(default="standard", description="cheap: tests only, loopback only")

    @field_validator("blobs")
    @classmethod
    def _is_bucket(cls, value: str) -> str:
        if value and not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._/-]*)?", value, re.ASCII):
            message = "must read s3://bucket or s3://bucket/prefix"
            raise ValueError(message)
        return value

    @field_validator("base_url", "hook_url", "matrix_url", "s3_endpoint")
    @classmethod
    def _is_url(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            message = "must begin with http:// or https://"
            raise ValueError(message)
        return value.rstrip("/")

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            ip_network(each)  # its message names the value
        return value

    @field_validator("heartbeat_url")
    @classmethod
    def _is_secret_url(cls, value: SecretStr) -> SecretStr:
        cls._is_url(value.get_secret_value())
        return value

    @field_validator("zone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        try:
            return ZoneInfo(value).key
        except (KeyError, ValueError, OSError):
            message = "must be an IANA time zone, such as Europe/Vienna"
            raise ValueError(message) from None

    @field_validator("oidc_issuer")
    @classmethod
    def _is_issuer(cls, value: str) -> str:
        """Kept as it is written: an issuer is compared letter by letter (OpenID Connect Discovery 1.0, section 4.3)."""
        host = urlsplit(value).hostname or ""
        if value and not (value.startswith("https://") or host in {"127.0.0.1", "localhost", "::1"}):
            message = "must begin with https://"
            raise ValueError(message)
        if value and (not host or "?" in value or "#" in value):
            message = "must be an address without a query"
            raise ValueError(message)
        return value

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.mail_host and not re.fullmatch(r"[^@\s<>]+@[A-Za-z0-9.-]+", self.mail_from, re.ASCII):
            message = "mail_from must be an address beside mail_host"
            raise ValueError(message)
        if self.mail_host and self.mail_security == "none" and self.mail_host not in {"127.0.0.1", "localhost", "::1"}:
            message = "mail_security = none is for a mail server on this machine"
            raise ValueError(message)
        if self.oidc_issuer and not self.oidc_client_id:
            message = "oidc_client_id is missing beside oidc_issuer"
            raise ValueError(message)
        if self.local_sign_in == "administrators" and not self.oidc_issuer:
            message = "local_sign_in = administrators needs oidc_issuer, or nobody else could sign in"
            raise ValueError(message)
        return self

    @property
    def public_url(self) -> str:
        """Base URL without a slash at its end."""
        return self.base_url or f"http://{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine reaches the node."""
        host = self.public_url.split("//", 1)[1].split("/", 1)[0].rsplit(":", 1)[0]
        return host in {"127.0.0.1", "localhost", "[::1]"} and self.host in {"127.0.0.1", "localhost", "::1"}

    @property
    def spool_folder(self) -> Path:
        """Where the emergency spool lies."""
        return self.spool or self.data / "spool"

    @property
    def database_url(self) -> str:
        """The database's URL."""
        return self.database or f"sqlite:///{self.data / 'beffroi.db'}"

    @property
    def origin(self) -> str:
        """The ledger's name (C2SP tlog-checkpoint)."""
        return self.log_origin or self.public_url.split("//", 1)[1] + "/ledger"

    @classmethod
    def with_file(cls, config: Path | None, **given: object) -> "Settings":
        """Arguments, then environment, then the TOML file `config` (or `beffroi.toml` in the working folder)."""
        path = config or Path("beffroi.toml")
        told = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
        set_by_environment = {name for name in cls.model_fields if f"BEFFROI_{name.upper()}" in os.environ}
        return cls(**({k: v for k, v in told.items() if k not in set_by_environment} | given))
