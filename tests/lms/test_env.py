"""The environment: what is understood, what is refused, and that a refusal names its variable."""

from __future__ import annotations

import pytest

from lms.env import ConfigurationError, read_environment

KNOWN = [
    "SECRET_KEY", "SECRET_KEY_FILE", "DEBUG", "LMS_DEMO", "LMS_DATA_DIR", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS",
    "BASE_URL", "DATABASE_URL", "DATABASE_PASSWORD_FILE", "REDIS_URL", "EMAIL_URL", "DEFAULT_FROM_EMAIL", "SMS_BACKEND",
    "BEHIND_HTTPS", "CERTIFICATE_SIGNING", "SIGNING_P12_FILE", "SIGNING_P12_PASSWORD", "SIGNING_P12_PASSWORD_FILE",
    "SIGNING_TSA_URL", "SIGNING_TRUST_DIR",
]  # fmt: skip


@pytest.fixture
def environment(monkeypatch, tmp_path):
    """Sets exactly the given variables, with a data folder of the test's own."""

    def set_and_read(**variables):
        for name in KNOWN:
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("LMS_DATA_DIR", str(tmp_path / "data"))
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return read_environment()

    return set_and_read


def test_nothing_set_runs_one_machine(environment, tmp_path):
    env = environment()
    assert env.database["ENGINE"] == "django.db.backends.sqlite3"
    assert env.database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert env.redis_url == ""
    assert (env.debug, env.demo, env.behind_https) == (False, False, False)
    assert env.data_dir == (tmp_path / "data").resolve()


def test_an_empty_database_url_is_none(environment):
    assert environment(DATABASE_URL="").database["ENGINE"] == "django.db.backends.sqlite3"


def test_secret_key_is_made_once_and_kept_private(environment, tmp_path):
    first, second = environment().secret_key, environment().secret_key
    assert first == second
    assert len(first) >= 50
    assert (tmp_path / "data" / "secret_key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("variables", "field", "expected"),
    [
        ({"DEBUG": "1"}, "debug", True),
        ({"DEBUG": "no"}, "debug", False),
        ({"LMS_DEMO": "true"}, "demo", True),
        ({"BEHIND_HTTPS": "on"}, "behind_https", True),
        ({"ALLOWED_HOSTS": "a.vn,b.vn"}, "allowed_hosts", ["a.vn", "b.vn"]),
        ({"CSRF_TRUSTED_ORIGINS": "https://a.vn"}, "csrf_trusted_origins", ["https://a.vn"]),
        ({"BASE_URL": "https://a.vn/"}, "base_url", "https://a.vn"),
        ({"REDIS_URL": "redis://r:6379/1"}, "redis_url", "redis://r:6379/1"),
        ({"SECRET_KEY": "k" * 50}, "secret_key", "k" * 50),
        ({"DEFAULT_FROM_EMAIL": "a@b.vn"}, "default_from_email", "a@b.vn"),
        ({"SMS_BACKEND": "x.Y"}, "sms_backend", "x.Y"),
        ({}, "signing_backend", "none"),
        ({"CERTIFICATE_SIGNING": ""}, "signing_backend", "none"),
        ({"CERTIFICATE_SIGNING": "local"}, "signing_backend", "local"),
        ({"SIGNING_P12_PASSWORD": "bí mật"}, "signing_p12_password", "bí mật"),
    ],
)
def test_good_values(environment, variables, field, expected):
    assert getattr(environment(**variables), field) == expected


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"DEBUG": "maybe"}, "DEBUG"),
        ({"LMS_DEMO": "2"}, "LMS_DEMO"),
        ({"BEHIND_HTTPS": "https"}, "BEHIND_HTTPS"),
        ({"DATABASE_URL": "oracle-ish://x"}, "DATABASE_URL"),
        ({"DATABASE_URL": "not an address"}, "DATABASE_URL"),
        ({"EMAIL_URL": "pigeon://x"}, "EMAIL_URL"),
        ({"SECRET_KEY_FILE": "/nowhere/secret"}, "SECRET_KEY_FILE"),
        ({"SIGNING_P12_PASSWORD_FILE": "/nowhere/secret"}, "SIGNING_P12_PASSWORD_FILE"),
        ({"DATABASE_URL": "postgres://u@h/d", "DATABASE_PASSWORD_FILE": "/nowhere/pw"}, "DATABASE_PASSWORD_FILE"),
    ],
)
def test_bad_values_are_refused_by_name(environment, variables, named):
    with pytest.raises(ConfigurationError, match=named):
        environment(**variables)


def test_secrets_come_from_files(environment, tmp_path):
    (tmp_path / "key").write_text("k" * 60 + "\n")
    (tmp_path / "password").write_text("p@ss/word\n")
    env = environment(
        SECRET_KEY_FILE=str(tmp_path / "key"),
        DATABASE_URL="postgres://hocso@database:5432/hocso",
        DATABASE_PASSWORD_FILE=str(tmp_path / "password"),
    )
    assert env.secret_key == "k" * 60
    assert env.database["PASSWORD"] == "p@ss/word"
    assert (env.database["USER"], env.database["HOST"], env.database["NAME"]) == ("hocso", "database", "hocso")
    assert env.database["ENGINE"] == "django.db.backends.postgresql"
