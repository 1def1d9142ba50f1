"""Blocks: what they show and what they insist on."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.template import Context, Template

from cms.blocks import BodyBlock, kinds_of, pictures_of, read_together, readable_text
from cms.models import GlossaryTerm, LessonPage, ReusableContent
from tests.factories.media import SVG, document, every_block, image, png, stream

pytestmark = pytest.mark.anywhere

KINDS = list(BodyBlock().child_blocks)


def _stream(kind, value):
    return BodyBlock().to_python([{"type": kind, "value": value}])


def _render(kind, value, **context):
    page = Template("{% load cms_body %}{% body stream %}")
    return page.render(Context({"stream": stream((kind, value)), **context}))


SHOWN = {
    "text": ["<p", "<b>bạn</b>"],
    "image": ['alt="Ba ô &lt;&quot;"', 'width="640"', 'height="360"', 'loading="lazy"', "<figcaption>Chú thích &lt;i"],
    "gallery": ["<ol>", 'alt="Màn 2"', "Bước 2 &lt;x&gt;", "Dãy &lt;hình"],
    "callout": ['class="callout danger"', "Dấu hiệu &lt;x", "Giục"],
    "accordion": ["<details>", "<summary>Quên &lt;mật khẩu&gt;?", "Đặt lại."],
    "comparison": [
        "<caption>So &lt;sánh",
        'scope="col">Mức &lt;1',
        'scope="row">Nộp &lt;hồ sơ',
        "Không &lt;b",
        "<table",
    ],
    "steps": ["<ol>", "<h3>Mở</h3>", 'alt="Máy"', "Gõ &lt;x"],
    "scenario": ['name="khoi" value="block-0"', 'name="chon" value="2"', "Đọc &lt;mã", "<fieldset>", "Điện thoại"],
    "try_it": ["a=1&amp;b=2", "<svg", "Mở dichvucong.gov.vn", "Cổng &lt;DVC", 'rel="noopener noreferrer"'],
    "video": ['preload="none"', 'kind="captions"', "Lời nói.", "2,0", 'data-media="block-0"', "Phim &lt;x"],
    "embed": ["https://www.youtube.com/watch?v=aqz-KE-bpKQ", "YouTube", "Lời phim ngoài.", "Phim &lt;ngoài"],
    "audio": ['preload="none"', "Lời nghe.", 'data-media="block-0"', "Nghe &lt;x"],
    "document": ["Mẫu &lt;đơn", "PDF", "2,0"],
    "glossary": ["<dt>mã OTP", "Mã dùng một lần &lt;b&gt;.", "Từ &lt;khó"],
    "reusable": ["Viết một lần.", 'class="callout tip"'],
}
FOUND = {
    "text": "bạn", "image": "Chú thích", "gallery": "Bước 2", "callout": "Giục", "accordion": "Đặt lại.",
    "comparison": "Không", "steps": "Gõ", "scenario": "Mất tiền", "try_it": "Tìm thủ tục.", "video": "Lời nói.",
    "embed": "Lời phim ngoài.", "audio": "Lời nghe.", "document": "Mẫu", "glossary": "Mã dùng một lần",
    "reusable": "Viết một lần.",
}  # fmt: skip


@pytest.mark.django_db
def test_every_block_renders_escapes_and_is_found():
    values = every_block()
    assert set(values) == set(SHOWN) == set(FOUND) == set(KINDS)
    for kind, value in values.items():
        html = _render(kind, value)
        for part in SHOWN[kind]:
            assert part in html, (kind, part, html)
        for loose in (
            "<x>",
            "<mã>",
            "<hình>",
            "<bước>",
            "<gọi>",
            "<DVC>",
            "<khó>",
            "<ngoài>",
            "style=",
            "<script",
            "<iframe",
        ):
            assert loose not in html, (kind, loose)
        assert FOUND[kind] in readable_text(stream((kind, value))), kind


@pytest.mark.django_db
def test_search_knows_every_word_of_a_scenario_but_no_code_of_a_service():
    values = every_block()
    words = readable_text(stream(*((kind, values[kind]) for kind in ("scenario", "glossary", "comparison", "try_it"))))
    for part in ("Cuộc <gọi>", "Có người hỏi mã", "Tắt máy", "Điện thoại", "mã OTP", "Mức <1>", "Cổng <DVC>"):
        assert part in words
    assert "https://" not in words
    assert "True" not in words


@pytest.mark.django_db
def test_the_kinds_of_a_body_count_what_shared_pieces_hold():
    assert kinds_of(stream(("reusable", every_block()["reusable"]))) == {"text", "callout", "image", "document"}


@pytest.mark.django_db
def test_bodies_read_together_hold_the_same_as_read_alone_for_one_query_of_each_library(django_assert_num_queries):
    raw = [{"type": kind, "value": value, "id": kind} for kind, value in every_block().items()]
    gone = image()
    raw.append({"type": "image", "value": {"image": gone.pk, "alt": "Hình đã xoá", "caption": ""}, "id": "gone"})
    gone.delete()
    alone, together = BodyBlock().to_python(raw), [BodyBlock().to_python(raw) for _ in range(2)]
    with django_assert_num_queries(4):  # pictures, files, words, pieces
        read_together(together)
    flat = ("image", "video", "audio", "document", "embed", "reusable")
    expected = [child.get_prep_value()["value"] for child in alone if child.block_type in flat]
    with django_assert_num_queries(0):
        for body in together:
            assert [child.get_prep_value()["value"] for child in body if child.block_type in flat] == expected
    assert readable_text(together[0]) == readable_text(alone)
    assert list(pictures_of(together[0])) == list(pictures_of(alone))
    # Each place has a picture of its own: what is said of one (its alternative text) says nothing of the others.
    shown = list(pictures_of(together[0]))
    assert len({id(picture) for picture in shown}) == len(shown) > 5
    with django_assert_num_queries(1):  # outside, a chooser asks for itself
        assert BodyBlock().to_python(raw[1:2])[0].value["image"] == shown[0]


@pytest.mark.django_db
def test_what_was_deleted_from_the_library_leaves_no_broken_page():
    values = every_block()
    for model in (GlossaryTerm, ReusableContent):
        model.objects.all().delete()
    assert "<dt>" not in _render("glossary", values["glossary"])
    assert not _render("reusable", values["reusable"]).strip()


@pytest.mark.django_db
def test_a_photograph_is_offered_in_two_widths():
    html = _render("image", {"image": image("anh.png", png()).pk, "alt": "Ảnh", "caption": ""})
    assert "srcset=" in html
    assert "width=" in html
    assert "figcaption" not in html


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "content", "opens"), [("hinh.svg", SVG, ".svg"), ("anh.png", png(), "width-1600")])
def test_a_picture_opens_by_itself_at_full_size(name, content, opens):
    html = _render("image", {"image": image(name, content).pk, "alt": "Hình", "caption": ""})
    address = html.split('<a class="zoom" href="')[1].split('"')[0]
    assert address.startswith("/media/")
    assert opens in address
    assert "Xem hình to" in html


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "make_value", "told"),
    [
        ("image", lambda: {"image": image().pk, "alt": "", "caption": ""}, "alt"),
        ("steps", lambda: {"title": "T", "steps": [{"title": "a", "text": "b", "image": image().pk}]}, "alt"),
        (
            "video",
            lambda: {"title": "T", "file": document("a.mp4").pk, "captions": None, "transcript": "<p>x</p>"},
            "captions",
        ),
        (
            "video",
            lambda: {
                "title": "T", "file": document("a.mp4").pk, "captions": document("b.vtt").pk, "transcript": ""
            },
            "transcript",
        ),
        (
            "video",
            lambda: {
                "title": "T", "file": document("a.pdf").pk, "captions": document("b.txt").pk, "transcript": "<p>x</p>"
            },
            "file",
        ),
        ("audio", lambda: {"title": "T", "file": document("a.mp4").pk, "transcript": "<p>x</p>"}, "file"),
        ("callout", lambda: {"style": "khac", "title": "T", "text": "<p>x</p>"}, "style"),
        ("gallery", lambda: {"title": "T", "items": [{"image": image().pk, "alt": "a", "caption": "b"}]}, "items"),
        (
            "gallery",
            lambda: {"title": "T", "items": [{"image": image().pk, "alt": "", "caption": "b"}] * 2},
            "alt",
        ),
        ("comparison", lambda: _table(["A", "B"], ["1", "2", "3"]), "rows"),
        ("comparison", lambda: _table(["A"], ["1"]), "columns"),
        ("scenario", lambda: _scenario([False, False]), "choices"),
        ("scenario", lambda: _scenario([True]), "choices"),
        ("scenario", lambda: _scenario([True] * 6), "choices"),
        ("scenario", lambda: {**_scenario([True, False]), "image": image().pk}, "alt"),
        ("try_it", lambda: {"label": "T", "url": "http://a.vn/", "text": "<p>x</p>"}, "url"),
        ("try_it", lambda: {"label": "T", "url": "https://a@b.vn/", "text": "<p>x</p>"}, "url"),
        ("embed", lambda: {"url": "https://evil.example/x", "title": "T", "transcript": "<p>x</p>"}, "url"),
        ("embed", lambda: {"url": "https://youtu.be/aqz-KE-bpKQ", "title": "T", "transcript": ""}, "transcript"),
        ("accordion", lambda: {"title": "", "items": []}, "items"),
        ("glossary", lambda: {"title": "T", "terms": [_term().pk] * 2}, "terms"),
        ("glossary", lambda: {"title": "T", "terms": []}, "terms"),
    ],
)  # fmt: skip
def test_blocks_insist_on_what_people_need(kind, make_value, told):
    stream = _stream(kind, make_value())
    with pytest.raises(ValidationError) as caught:
        BodyBlock().clean(stream)
    assert told in repr(_flat(caught.value))


def _term():
    return GlossaryTerm.objects.get_or_create(term="từ", defaults={"meaning": "nghĩa"})[0]


def _table(columns, cells):
    return {"title": "T", "columns": columns, "rows": [{"label": "L", "cells": cells}]}


def _scenario(rights):
    choices = [{"text": f"Cách {n}", "is_right": right, "feedback": "Vì."} for n, right in enumerate(rights)]
    return {"title": "T", "situation": "<p>x</p>", "image": None, "alt": "", "choices": choices}


@pytest.mark.django_db
def test_sound_blocks_are_accepted():
    values = every_block()
    for kind in KINDS:
        BodyBlock().clean(stream((kind, values[kind])))


@pytest.mark.django_db
def test_a_lesson_has_one_list_of_words():
    glossary = {"title": "T", "terms": [_term().pk]}
    with pytest.raises(ValidationError):
        BodyBlock().clean(stream(("glossary", glossary), ("glossary", glossary)))


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
@pytest.mark.parametrize("library", ["empty", "full"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_block_has_a_preview_and_says_what_it_is_for(kind, library):
    if library == "full":
        every_block()
    block = BodyBlock().child_blocks[kind]
    value = block.get_preview_value()
    html = block.render(value)
    assert block.get_description()
    assert block.is_previewable
    assert block.meta.icon
    assert html.strip() or (kind, library) in {("image", "empty"), ("reusable", "empty"), ("document", "empty")}


def test_an_editor_sees_a_preview_in_the_admin(client, editor):
    image()
    client.force_login(editor)
    block = LessonPage._meta.get_field("body").stream_block.child_blocks["scenario"]
    page = client.get(f"/cms/block-preview/?id={block.definition_prefix}").content.decode()
    assert "Cuộc gọi từ" in page
    assert "Số in sau thẻ là số thật" in page


def test_block_lists_stay_out_of_migrations():
    _name, path, args, kwargs = LessonPage._meta.get_field("body").deconstruct()
    assert path == "cms.fields.BodyField"
    assert not args
    assert "block_lookup" not in kwargs
