"""Addresses outside: which are asked, how, and what comes of it."""

from __future__ import annotations

import json
import socket
from io import StringIO

import pytest
import requests
from django.core.management import call_command

from cms.models import LinkCheck
from cms.services import links, links_check
from cms.tasks_pages import check_links
from tests.factories import cms as make


def _resolves_to(monkeypatch, *addresses):
    def lookup(host, port, **kwargs):
        return [(socket.AF_INET6 if ":" in each else socket.AF_INET, 1, 6, "", (each, port)) for each in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)


@pytest.fixture
def lesson(province):
    body = json.dumps(
        [
            {"type": "text", "value": '<p><a href="https://a.vn/x">A</a> <a href="mailto:a@b.vn">thư</a></p>'},
            {
                "type": "callout",
                "value": {"style": "tip", "title": "M", "text": '<p><a href="https://b.vn/">B</a></p>'},
            },
        ]
    )
    return make.lesson(make.course_draft(), "bai-1", body=body)


def test_every_address_of_published_pages_is_asked_once(lesson):
    asked = []
    report = links_check(look=lambda url: asked.append(url) or (200, ""), pause=0)
    ours = [url for url in asked if url in ("https://a.vn/x", "https://b.vn/")]
    assert ours == ["https://a.vn/x", "https://b.vn/"]
    assert len(asked) == len(set(asked)) == report.checked
    assert report.failed == 0


def test_failures_are_counted_in_a_row_and_what_is_gone_is_forgotten(lesson):
    for status in (404, 500):
        links_check(look=lambda url, status=status: (status, ""), pause=0)
    row = LinkCheck.objects.get(url="https://a.vn/x")
    assert (row.status, row.failures) == (500, 2)
    assert row.problem == "không mở được (máy chủ trả lời 500)."
    links_check(look=lambda url: (200, ""), pause=0)
    row.refresh_from_db()
    assert (row.failures, row.problem) == (0, "")
    lesson.unpublish()
    links_check(look=lambda url: (200, ""), pause=0)
    assert not LinkCheck.objects.filter(url="https://a.vn/x").exists()


def test_a_server_that_refuses_programs_is_no_failure(lesson):
    report = links_check(look=lambda url: (403, ""), pause=0)
    assert report.failed == 0


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.8", "192.168.1.1", "172.16.0.1", "169.254.169.254", "0.0.0.0", "224.0.0.1", "100.64.0.1",
     "::1", "fe80::1", "fc00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1"],
)  # fmt: skip
def test_a_name_that_points_inside_is_not_asked(monkeypatch, address):
    monkeypatch.setattr(links, "_ask", lambda *args: pytest.fail("asked"))
    _resolves_to(monkeypatch, address)
    assert links.look_at("https://x.vn/") == (0, "địa chỉ nội bộ")
    _resolves_to(monkeypatch, "8.8.8.8", address)  # one public address beside it changes nothing
    assert links.look_at("https://x.vn/") == (0, "địa chỉ nội bộ")


@pytest.mark.parametrize(
    "url",
    ["http://x.vn/", "https://x.vn:8443/", "https://a:b@x.vn/", "https:///x", "file:///etc/passwd", "ftp://x.vn/",
     "https://[::1", "https://x.vn:99999/"],
)  # fmt: skip
def test_only_plain_https_is_asked(monkeypatch, url):
    monkeypatch.setattr(links, "_ask", lambda *args: pytest.fail("asked"))
    _resolves_to(monkeypatch, "8.8.8.8")
    status, problem = links.look_at(url)
    assert status == 0
    assert problem


def _answer(status, location=""):
    answer = requests.Response()
    answer.status_code = status
    if location:
        answer.headers["location"] = location
    return answer


def test_redirections_are_followed_and_looked_at_each_time(monkeypatch):
    _resolves_to(monkeypatch, "8.8.8.8")
    answers = {"https://x.vn/a": _answer(301, "/b"), "https://x.vn/b": _answer(200)}
    monkeypatch.setattr(links, "_ask", lambda url, place: answers[url])
    assert links.look_at("https://x.vn/a") == (200, "")
    answers["https://x.vn/b"] = _answer(302, "http://169.254.169.254/latest")
    assert links.look_at("https://x.vn/a")[0] == 0
    answers["https://x.vn/b"] = _answer(302, "https://x.vn/a")
    assert links.look_at("https://x.vn/a") == (0, "chuyển hướng quá nhiều lần")


def test_the_address_that_was_looked_at_is_the_one_that_is_asked(monkeypatch):
    """A name may point elsewhere a moment later: the connection goes to the address, the certificate to the name."""
    _resolves_to(monkeypatch, "8.8.8.8")
    sent = []

    def send(self, request, **kwargs):
        sent.append((request.url, request.headers["Host"], self.host))
        return _answer(200)

    monkeypatch.setattr(links._Pinned, "send", send)
    assert links.look_at("https://x.vn/a?b=1#c") == (200, "")
    assert sent == [("https://8.8.8.8/a?b=1", "x.vn", "x.vn")]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (requests.exceptions.SSLError(), "chứng chỉ"),
        (requests.ConnectTimeout(), "quá lâu"),
        (requests.ConnectionError(), "không kết nối"),
    ],
)
def test_faults_are_told_in_words(monkeypatch, fault, words):
    _resolves_to(monkeypatch, "8.8.8.8")

    def ask(url, place):
        raise fault

    monkeypatch.setattr(links, "_ask", ask)
    status, problem = links.look_at("https://x.vn/")
    assert status == 0
    assert words in problem


def test_the_job_is_off_where_there_is_no_network(settings, lesson, monkeypatch):
    settings.CHECK_LINKS = False
    monkeypatch.setattr(links, "look_at", lambda url: pytest.fail("asked"))
    assert check_links() == 0


def test_a_dry_run_only_counts(lesson, monkeypatch):
    monkeypatch.setattr(links, "look_at", lambda url: pytest.fail("asked"))
    out = StringIO()
    call_command("check_links", "--dry-run", "--json", stdout=out)
    assert json.loads(out.getvalue())["checked"] >= 2
    assert not LinkCheck.objects.exists()
