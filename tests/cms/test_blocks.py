"""Blocks: what they show and what they insist on."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from PIL import Image as PILImage
from wagtail.documents import get_document_model
from wagtail.images import get_image_model

from cms.blocks import BodyBlock

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360" viewBox="0 0 640 360"><title>H</title></svg>'


def _png() -> bytes:
    """A real picture of 1200 by 800."""
    out = BytesIO()
    PILImage.new("RGB", (1200, 800), "#0a5f53").save(out, "PNG")
    return out.getvalue()


def _image(name="hinh.svg", content=SVG):
    return get_image_model().objects.create(title="Hình", file=ContentFile(content, name=name))


def _document(name):
    return get_document_model().objects.create(title=name, file=ContentFile(b"x" * 2048, name=name))


def _stream(kind, value):
    return BodyBlock().to_python([{"type": kind, "value": value}])


def _render(kind, value):
    return _stream(kind, value)[0].render()


@pytest.mark.django_db
def test_every_block_renders():
    picture = _image().pk
    video, captions, audio, document = (_document(n).pk for n in ("a.mp4", "a.vtt", "a.mp3", "a.pdf"))
    cases = {
        "text": ("<p>Chào <b>bạn</b>.</p>", ["<p", "<b>bạn</b>"]),
        "image": (
            {"image": picture, "alt": "Ba ô", "caption": "Chú thích"},
            ['alt="Ba ô"', 'width="640"', 'height="360"', 'loading="lazy"', "<figcaption>Chú thích"],
        ),
        "callout": (
            {"style": "danger", "title": "Dấu hiệu", "text": "<p>Giục</p>"},
            ['class="callout danger"', "Dấu hiệu", "Giục"],
        ),
        "steps": (
            {"title": "Các bước", "steps": [{"title": "Mở", "text": "Gõ.", "image": picture, "alt": "Màn hình"}]},
            ["<ol>", "<h3>Mở</h3>", 'alt="Màn hình"'],
        ),
        "video": (
            {"title": "Phim", "file": video, "captions": captions, "transcript": "<p>Lời nói.</p>", "poster": None},
            ['preload="none"', 'kind="captions"', "Lời nói.", "2,0"],
        ),
        "audio": ({"title": "Nghe", "file": audio, "transcript": "<p>Lời.</p>"}, ['preload="none"', "Lời."]),
        "document": ({"document": document, "title": "Mẫu đơn"}, ["Mẫu đơn", "PDF", "2,0"]),
    }  # fmt: skip
    assert set(cases) == set(BodyBlock().child_blocks)
    for kind, (value, expected) in cases.items():
        html = _render(kind, value)
        for part in expected:
            assert part in html, (kind, part, html)
        assert "style=" not in html
        assert "<script" not in html


@pytest.mark.django_db
def test_a_photograph_is_offered_in_two_widths():
    html = _render("image", {"image": _image("anh.png", _png()).pk, "alt": "Ảnh", "caption": ""})
    assert "srcset=" in html
    assert "width=" in html
    assert "figcaption" not in html


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "content", "opens"), [("hinh.svg", SVG, ".svg"), ("anh.png", _png(), "width-1600")])
def test_a_picture_opens_by_itself_at_full_size(name, content, opens):
    html = _render("image", {"image": _image(name, content).pk, "alt": "Hình", "caption": ""})
    address = html.split('<a class="zoom" href="')[1].split('"')[0]
    assert address.startswith("/media/")
    assert opens in address
    assert "Xem hình to" in html


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "make_value", "told"),
    [
        ("image", lambda: {"image": _image().pk, "alt": "", "caption": ""}, "alt"),
        ("steps", lambda: {"title": "T", "steps": [{"title": "a", "text": "b", "image": _image().pk}]}, "alt"),
        (
            "video",
            lambda: {"title": "T", "file": _document("a.mp4").pk, "captions": None, "transcript": "<p>x</p>"},
            "captions",
        ),
        (
            "video",
            lambda: {
                "title": "T", "file": _document("a.mp4").pk, "captions": _document("b.vtt").pk, "transcript": ""
            },
            "transcript",
        ),
        (
            "video",
            lambda: {
                "title": "T", "file": _document("a.pdf").pk, "captions": _document("b.txt").pk, "transcript": "<p>x</p>"
            },
            "file",
        ),
        ("audio", lambda: {"title": "T", "file": _document("a.mp4").pk, "transcript": "<p>x</p>"}, "file"),
        ("callout", lambda: {"style": "khac", "title": "T", "text": "<p>x</p>"}, "style"),
    ],
)  # fmt: skip
def test_blocks_insist_on_what_people_need(kind, make_value, told):
    stream = _stream(kind, make_value())
    with pytest.raises(ValidationError) as caught:
        BodyBlock().clean(stream)
    assert told in repr(_flat(caught.value))


def _flat(error):
    """Names of the fields in a nested error of blocks."""
    names = []
    for key, inner in (
        (getattr(error, "block_errors", None) or {}).items()
        if isinstance(getattr(error, "block_errors", None), dict)
        else enumerate(getattr(error, "block_errors", None) or [])
    ):
        names.append(key)
        if inner is not None:
            names += _flat(inner)
    return names


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["text", "callout", "steps", "image"])
def test_blocks_have_a_preview(kind):
    _image()
    block = BodyBlock().child_blocks[kind]
    assert block.get_description()
    assert block.render(block.get_preview_value())


def test_block_lists_stay_out_of_migrations():
    from cms.models import LessonPage

    _name, path, args, kwargs = LessonPage._meta.get_field("body").deconstruct()
    assert path == "cms.fields.BodyField"
    assert not args
    assert "block_lookup" not in kwargs
