"""Settings that differ between machines, read once from the environment and typed.

Everything has a default that lets one machine run the whole platform from a clone: SQLite, a file-system queue
and files under ``var/``. The README lists every variable.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dj_database_url
from environs import Env, EnvError

ROOT = Path(__file__).resolve().parent.parent


class ConfigurationError(Exception):
    """The environment cannot be used: says which variable and how to mend it."""


@dataclass(frozen=True)
class Environment:
    """The typed settings of one running process."""

    data_dir: Path
    secret_key: str
    debug: bool
    demo: bool
    allowed_hosts: list[str]
    csrf_trusted_origins: list[str]
    base_url: str
    database: dict[str, Any]
    redis_url: str
    email_url: dict[str, Any]
    default_from_email: str
    sms_backend: str
    reminders_by_sms: bool
    review_before_publishing: bool
    check_links: bool
    behind_https: bool
    second_step_roles: list[str]
    oidc_server_url: str
    oidc_client_id: str
    oidc_client_secret: str
    oidc_name: str
    signing_backend: str
    signing_p12_file: str
    signing_p12_password: str
    signing_tsa_url: str
    signing_trust_dir: str
    support_name: str
    support_phone: str
    support_email: str


def _secret_key(env: Env, data_dir: Path) -> str:
    """The key from SECRET_KEY or SECRET_KEY_FILE; otherwise one made on first start and kept in the data folder."""
    if key := env.str("SECRET_KEY", "") or _from_file(env, "SECRET_KEY_FILE"):
        return str(key)
    file = data_dir / "secret_key"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(50), encoding="utf-8")
    return file.read_text(encoding="utf-8").strip()


def _from_file(env: Env, variable: str) -> str:
    """The secret in the file that ``variable`` names; empty when the variable is not set."""
    name = env.str(variable, "")
    if not name:
        return ""
    try:
        return Path(name).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigurationError(f"{variable} names {name}, which cannot be read: {error.strerror}.") from error


def _database(env: Env, data_dir: Path) -> dict[str, Any]:
    """The connection dictionary; the password may come from DATABASE_PASSWORD_FILE so that it stays out of the URL."""
    # An empty variable, as compose files and shells pass on what is not set, means the same as none.
    url = env.str("DATABASE_URL", "") or f"sqlite:///{data_dir / 'hocso.sqlite3'}"
    try:
        found: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True))
    except ValueError as error:
        raise ConfigurationError(f"DATABASE_URL cannot be read: {error}") from error
    if password := _from_file(env, "DATABASE_PASSWORD_FILE"):
        found["PASSWORD"] = password
    if found["ENGINE"].endswith("sqlite3"):
        # WAL lets readers go on while one writer works; IMMEDIATE takes the write lock at the start, so that two
        # transactions that both read and then write queue up instead of failing half-way.
        found["CONN_MAX_AGE"] = 0
        found["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-32000;",
        }
    else:
        # PostgreSQL compiles a query that it takes for costly: a quarter of a second for one that takes a tenth of it.
        # Of a cursor it believes that only the first tenth will be read, and plans for that; ours are read to the end.
        found.setdefault("OPTIONS", {}).setdefault("options", "-c jit=off -c cursor_tuple_fraction=1")
    return found


def _email(env: Env) -> dict[str, Any]:
    """Where mail goes out, in Django's words."""
    found: dict[str, Any] = env.dj_email_url("EMAIL_URL", "console://")
    if not found.get("EMAIL_BACKEND"):
        raise ConfigurationError(
            "EMAIL_URL begins with a scheme that is not known; use smtp://, submission:// or console://."
        )
    return found


def read_environment() -> Environment:
    """Read the typed settings from the process environment.

    Raises ConfigurationError naming the variable that cannot be used.
    """
    env = Env(expand_vars=False)
    data_dir = Path(env.str("LMS_DATA_DIR", "") or ROOT / "var").expanduser().resolve()
    try:
        return Environment(
            data_dir=data_dir,
            secret_key=_secret_key(env, data_dir),
            debug=env.bool("DEBUG", False),
            demo=env.bool("LMS_DEMO", False),
            allowed_hosts=env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"]),
            csrf_trusted_origins=env.list("CSRF_TRUSTED_ORIGINS", []),
            base_url=env.str("BASE_URL", "http://localhost:8000").rstrip("/"),
            database=_database(env, data_dir),
            redis_url=env.str("REDIS_URL", ""),
            email_url=_email(env),
            default_from_email=env.str("DEFAULT_FROM_EMAIL", "Học Số <khong-tra-loi@localhost>"),
            sms_backend=env.str("SMS_BACKEND", "people.sms.ConsoleBackend"),
            reminders_by_sms=env.bool("REMINDERS_BY_SMS", False),
            review_before_publishing=env.bool("REVIEW_BEFORE_PUBLISHING", False),
            check_links=env.bool("CHECK_LINKS", True),
            behind_https=env.bool("BEHIND_HTTPS", False),
            second_step_roles=env.list("SECOND_STEP_ROLES", []),
            oidc_server_url=env.str("OIDC_SERVER_URL", "").rstrip("/"),
            oidc_client_id=env.str("OIDC_CLIENT_ID", ""),
            oidc_client_secret=env.str("OIDC_CLIENT_SECRET", "") or _from_file(env, "OIDC_CLIENT_SECRET_FILE"),
            oidc_name=env.str("OIDC_NAME", "") or "VNeID",
            signing_backend=env.str("CERTIFICATE_SIGNING", "") or "none",
            signing_p12_file=env.str("SIGNING_P12_FILE", ""),
            signing_p12_password=env.str("SIGNING_P12_PASSWORD", "") or _from_file(env, "SIGNING_P12_PASSWORD_FILE"),
            signing_tsa_url=env.str("SIGNING_TSA_URL", ""),
            signing_trust_dir=env.str("SIGNING_TRUST_DIR", ""),
            support_name=env.str("SUPPORT_NAME", ""),
            support_phone=env.str("SUPPORT_PHONE", ""),
            support_email=env.str("SUPPORT_EMAIL", ""),
        )
    except EnvError as error:
        raise ConfigurationError(f"Environment: {error}") from error
