"""The address of a slip holds a code that opens an account: no log on the way keeps it."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from people.slips_log import WithoutSlipCodes

ROOT = Path(settings.BASE_DIR)
CODE = "AB3K9XQ27M"


def text_of(name):
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["deploy/nginx/nginx.conf", "deploy/nginx/front.conf.example"])
def test_nginx_keeps_no_log_of_slips(name):
    text = text_of(name)
    pattern, block = re.search(r"location ~ (\S*phieu\S*) \{(.*?)\}", text, re.DOTALL).groups()
    assert re.search(pattern, reverse("account_slip_open", args=[CODE]))
    assert "access_log off;" in block
    assert re.search(r"error_log \S+ crit;", block), "a web process that does not answer is logged with the address"
    assert "proxy_set_header" not in block, "it would lose the headers that every location shares"
    passed_on = set(re.findall(r"proxy_pass \S+;", text))
    assert len(passed_on) == 1, "passed on as every other page"
    assert re.search(r"proxy_pass \S+;", block)[0] in passed_on


def test_nginx_keeps_no_address_of_a_slip_as_the_page_before():
    text = text_of("deploy/nginx/nginx.conf")
    assert "~/tai-khoan/phieu/" in re.search(r"map \$http_referer \$safe_referer \{(.*?)\}", text, re.DOTALL)[1]
    assert "$http_referer" not in re.search(r"log_format careful(.*?);", text, re.DOTALL)[1]
    assert re.findall(r"access_log /dev/stdout(.*?);", text) == [" careful"]


@pytest.mark.parametrize("name", ["deploy/entrypoint", "script/server", "tests/processes.py"])
def test_gunicorn_keeps_no_access_log(name):
    """It has none unless asked; nginx in front keeps one."""
    text = text_of(name)
    assert "gunicorn" in text
    assert "access-log" not in text


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (f"/tai-khoan/phieu/{CODE}/", "/tai-khoan/phieu/…/"),
        (f"/tai-khoan/phieu/{CODE}", "/tai-khoan/phieu/…"),
        (f"Conflict: https://h/tai-khoan/phieu/{CODE}/?a=b", "Conflict: https://h/tai-khoan/phieu/…/?a=b"),
        (f"/tai-khoan/logout/?next=/tai-khoan/phieu/{CODE}/&x=1", "/tai-khoan/logout/?next=/tai-khoan/phieu/…/&x=1"),
        ("/tai-khoan/phieu/", "/tai-khoan/phieu/"),
        ("/tai-khoan/phieu/nhan/", "/tai-khoan/phieu/nhan/"),
        ("/quan-ly/phieu/0b9b/", "/quan-ly/phieu/0b9b/"),
    ],
)
def test_our_own_log_hides_the_code(said, kept):
    for message, args in ((said, None), ("%s: %s", ("Conflict", said))):
        record = logging.LogRecord("django.request", logging.WARNING, __file__, 1, message, args, None)
        assert WithoutSlipCodes().filter(record)
        assert record.getMessage() == (f"Conflict: {kept}" if args else kept)


def test_whatever_is_logged_passes_the_filter():
    assert settings.LOGGING["root"]["handlers"] == ["console"]
    for name, handler in settings.LOGGING["handlers"].items():
        assert "slips" in handler["filters"], name
    assert settings.LOGGING["filters"]["slips"]["()"] == f"{WithoutSlipCodes.__module__}.{WithoutSlipCodes.__name__}"
