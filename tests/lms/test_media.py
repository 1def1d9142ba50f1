"""What editors uploaded, as browsers get it: shown or saved, never run, and wound to any place."""

from __future__ import annotations

import pytest


@pytest.fixture
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    for name in ("a.mp4", "a.pdf", "a.txt", "a.docx", "a.avif", "a.vtt"):
        (tmp_path / name).write_bytes(b"0123456789")
    return tmp_path


@pytest.mark.parametrize(("name", "saved"), [
    ("a.mp4", False), ("a.avif", False), ("a.vtt", False), ("a.pdf", True), ("a.txt", True), ("a.docx", True),
])  # fmt: skip
def test_only_what_a_page_shows_is_shown(client, files, name, saved):
    answer = client.get(f"/media/{name}")
    assert answer.headers.get("Content-Disposition", "").startswith("attachment") is saved
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("asked", "status", "content", "told"),
    [
        ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=0-99", 206, b"0123456789", "bytes 0-9/10"),
        ("bytes=-99", 206, b"0123456789", "bytes 0-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=5-2", 416, b"", "bytes */10"),
        ("bytes=-", 200, b"0123456789", None),
        ("bytes=1-2,4-5", 200, b"0123456789", None),
        ("lines=1-2", 200, b"0123456789", None),
    ],
)
def test_a_film_can_be_wound(client, files, asked, status, content, told):
    answer = client.get("/media/a.mp4", headers={"Range": asked})
    assert (answer.status_code, answer.headers.get("Content-Range")) == (status, told)
    assert (b"".join(answer) if answer.streaming else answer.content) == content
    assert answer.headers.get("Content-Length", str(len(content))) == str(len(content))
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    if status == 206:
        assert answer.headers["Content-Type"] == "video/mp4"


def test_every_answer_says_that_it_can_be_wound(client, files):
    assert client.get("/media/a.mp4").headers["Accept-Ranges"] == "bytes"
