"""Every door by which a file comes in is watched: one by one, many at once, and out of a chooser."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection, UploadedFile

from cms.services import editor_group_ensure
from tests.factories import uploads as made

pytestmark = pytest.mark.anywhere

SCRIPT = made.svg("<script>alert(1)</script>")
BROKEN_CAPTIONS = b"WEBVTT\n\n00:00:01,000 --> 00:00:04,000\nx"
PICTURE_DOORS = ["wagtailimages:add", "wagtailimages:add_multiple", "wagtailimages_chooser:create"]
FILE_DOORS = ["wagtaildocs:add", "wagtaildocs:add_multiple", "wagtaildocs_chooser:create"]


@pytest.fixture
def editing(client, editor):
    editor_group_ensure()
    client.force_login(editor)
    return client


def _send(client, door, name, content, title="Tệp"):
    """The answer of a door, as text."""
    upload = SimpleUploadedFile(name, content)
    collection = Collection.get_first_root_node().pk
    if door.endswith("multiple"):
        data = {"files[]": upload, "title": title, "collection": collection}
        answer = client.post(reverse(door), data, headers={"X-Requested-With": "XMLHttpRequest"})
        return json.dumps(answer.json(), ensure_ascii=False)
    prefix = f"{'image' if 'images' in door else 'document'}-chooser-upload-" if "chooser" in door else ""
    named = {"file": upload, "title": title, "collection": collection}
    answer = client.post(reverse(door), {f"{prefix}{field}": value for field, value in named.items()})
    return answer.content.decode()


@pytest.mark.parametrize("door", PICTURE_DOORS)
def test_a_drawing_with_a_script_is_refused_at_every_door(editing, door):
    answer = _send(editing, door, "hinh.svg", SCRIPT)
    assert "script" in answer
    assert not get_image_model().objects.exists()
    assert not UploadedFile.objects.exists()


@pytest.mark.parametrize("door", FILE_DOORS)
def test_broken_captions_are_refused_at_every_door(editing, door):
    _send(editing, door, "loi.vtt", BROKEN_CAPTIONS)
    assert not get_document_model().objects.exists()
    assert not UploadedFile.objects.exists()


def test_a_refusal_says_what_and_how_to_mend_it(editing):
    answer = _send(editing, "wagtaildocs:add_multiple", "loi.vtt", BROKEN_CAPTIONS)
    assert "Dòng 3: thời gian" in answer
    assert "đổi dấu phẩy thành dấu chấm" in answer
    answer = _send(editing, "wagtailimages:add", "hinh.svg", SCRIPT)
    assert "Hình vẽ SVG có phần tử ‹script›" in answer
    assert "lưu thành PNG" in answer


@pytest.mark.parametrize("door", PICTURE_DOORS)
def test_a_photograph_is_kept_without_what_its_camera_says(editing, door):
    _send(editing, door, "anh.jpg", made.jpeg_from_a_phone())
    kept = get_image_model().objects.get()
    with kept.file.open() as file:
        content = file.read()
    assert b"Xuan Luong" not in content
    assert kept.file_size in (None, len(content))


def test_what_waits_for_a_title_is_clean_too(editing):
    """A title too long sends the file to wait for another: what waits is the cleaned picture."""
    _send(editing, "wagtailimages:add_multiple", "anh.jpg", made.jpeg_from_a_phone(), title="x" * 300)
    waiting = UploadedFile.objects.get()
    with waiting.file.open() as file:
        assert b"Xuan Luong" not in file.read()


@pytest.mark.parametrize("door", FILE_DOORS)
@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a.mp4", "a.mp3", "a.zip"])
def test_sound_files_come_in_at_every_door(editing, door, name):
    kind = name.rpartition(".")[2]
    content = {"pdf": made.pdf, "mp4": made.mp4, "mp3": made.mp3}.get(kind)
    whole = content() if content else made.office("docx") if kind == "docx" else made.archive({"a.txt": b"x"})
    _send(editing, door, name, whole)
    document = get_document_model().objects.get()
    with document.file.open() as file:
        assert file.read() == whole


def test_another_file_for_the_same_picture_is_watched_too(editing):
    _send(editing, "wagtailimages:add", "hinh.svg", made.svg("<circle r='3'/>"))
    picture = get_image_model().objects.get()
    data = {"file": SimpleUploadedFile("hinh.svg", SCRIPT), "title": "H", "collection": picture.collection_id}
    answer = editing.post(reverse("wagtailimages:edit", args=[picture.pk]), data)
    assert "phần tử ‹script›" in answer.content.decode()
    data = {"title": "Tên mới", "collection": picture.collection_id}
    editing.post(reverse("wagtailimages:edit", args=[picture.pk]), data)
    assert get_image_model().objects.get().title == "Tên mới"


def test_a_document_is_saved_never_opened(editing, client):
    _send(editing, "wagtaildocs:add", "a.pdf", made.pdf())
    answer = client.get(get_document_model().objects.get().url)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
