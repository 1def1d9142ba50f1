"""Situations to decide: answered by the server, for guests by address, for the enrolled by what was kept."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from django.template import Context, Template
from django.test import RequestFactory

from tests.factories import cms as make
from tests.factories.media import stream

LESSON = "/khoa-hoc/khoa-thu/bai-1/"
BLOCK = "6f1f6a1e-6d0d-4a53-9a45-0c6f2d1f9b11"
SCENARIO = {
    "title": "Cuộc gọi",
    "situation": "<p>Có người hỏi mã.</p>",
    "image": None,
    "alt": "",
    "choices": [
        {"text": "Đọc mã", "is_right": False, "feedback": "Mất tiền."},
        {"text": "Tắt máy", "is_right": True, "feedback": "Đã giữ được tiền."},
    ],
}


@pytest.fixture
def lesson(province):
    course = make.course_draft()
    made = make.lesson(course, "bai-1", body=json.dumps([{"type": "scenario", "value": SCENARIO, "id": BLOCK}]))
    make.publish(course)
    return made


def _render(**context):
    return Template("{% load cms_body %}{% body b %}").render(Context({"b": stream(("scenario", SCENARIO)), **context}))


def test_a_guest_chooses_and_reads_what_comes_of_it(client, lesson):
    page = client.get(LESSON).content.decode()
    assert 'method="get"' in page
    assert f'name="khoi" value="{BLOCK}"' in page
    assert "csrfmiddlewaretoken" not in page
    assert "Mất tiền." not in page
    wrong = client.get(LESSON, {"khoi": BLOCK, "chon": "1"}).content.decode()
    assert "✗ Chưa đúng." in wrong
    assert "Mất tiền." in wrong
    assert "Đã giữ được tiền." not in wrong
    assert "Chọn lại" in wrong
    right = client.get(LESSON, {"khoi": BLOCK, "chon": "2"}).content.decode()
    assert "✓ Đúng rồi." in right
    assert "Đã giữ được tiền." in right


@pytest.mark.parametrize("asked", [
    {"khoi": BLOCK, "chon": "3"}, {"khoi": BLOCK, "chon": "0"}, {"khoi": BLOCK, "chon": "-1"},
    {"khoi": BLOCK, "chon": "<script>"}, {"khoi": "khác", "chon": "1"}, {"khoi": BLOCK}, {"chon": "1"},
])  # fmt: skip
def test_what_was_not_offered_chooses_nothing(client, lesson, asked):
    page = client.get(LESSON, asked).content.decode()
    assert "Mất tiền." not in page
    assert "Chưa đúng" not in page
    assert "<script>" not in page.split("<main", 1)[1]


def test_a_choice_is_not_kept_for_the_next_guest(client, lesson):
    client.get(LESSON, {"khoi": BLOCK, "chon": "1"})
    assert "Mất tiền." not in client.get(LESSON).content.decode()


def test_answers_that_were_kept_count_more_than_the_address():
    request = RequestFactory().get("/", {"khoi": "block-0", "chon": "1"})
    html = _render(request=request, scenario_answers={"block-0": 2})
    assert "Đã giữ được tiền." in html
    assert "Mất tiền." not in html
    assert "Mất tiền." in _render(request=request)
    assert "Chọn lại" not in _render(request=request, scenario_answers={})


def test_the_enrolled_send_their_choice_once_somebody_keeps_it(settings):
    reading = SimpleNamespace(is_draft=False, enrolment=object(), current=SimpleNamespace(uuid=BLOCK))
    html = _render(reading=reading)
    assert ('method="post"' in html) == ("viec-hoc" in html)
    assert 'name="chon" value="1"' in html


def test_an_editor_reads_all_feedback_in_a_preview():
    html = _render(reading=SimpleNamespace(is_draft=True, enrolment=None, current=None))
    assert "<form" not in html
    assert "Mất tiền." in html
    assert "Đã giữ được tiền." in html
