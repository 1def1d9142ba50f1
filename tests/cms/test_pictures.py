"""Pictures: in the formats and sizes that phones want, cut around what matters, at a fixed cost, and not at all for
those who save data."""

from __future__ import annotations

import json
import re
from io import BytesIO
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.db import connection
from django.template import Context, Template
from django.test.utils import CaptureQueriesContext
from PIL import Image as PILImage
from wagtail.images import get_image_model

from cms import pictures, tasks
from cms.models import LessonPage, ReusableContent
from tests.factories import cms as make
from tests.factories.media import document, image, png, stream

pytestmark = pytest.mark.anywhere

LESSON = "/khoa-hoc/khoa-thu/bai-1/"
SAVER = {"display": SimpleNamespace(saver=True)}


def _body(*blocks, **context):
    return Template("{% load cms_body %}{% body stream %}").render(Context({"stream": stream(*blocks), **context}))


def _one(picture, **context):
    return _body(("image", {"image": picture.pk, "alt": "Ảnh", "caption": ""}), **context)


def _lesson(blocks):
    course = make.course_draft()
    lesson = make.lesson(course, "bai-1", body=json.dumps(blocks))
    make.publish(course)
    return lesson


def _image_block(picture):
    return {"type": "image", "value": {"image": picture.pk, "alt": "Ảnh", "caption": ""}}


@pytest.mark.django_db
def test_modern_formats_come_first_and_every_browser_gets_a_size():
    picture = image("anh.png", png())
    for spec in pictures.WHOLE.specs:
        picture.get_rendition(spec)
    html = _one(picture)
    assert re.findall(r'<source type="image/(\w+)"', html) == ["avif", "webp"]
    assert html.count(" 400w, ") == 3
    assert html.count(" 800w") == 3
    assert re.search(r'<img src="[^"]+\.png" srcset=', html)
    assert 'width="800" height="533"' in html
    for address in re.findall(r'/media/(images/[^" ,]+\.(?:avif|webp))', html):
        with picture.renditions.get(file=address).file.open() as file:
            assert PILImage.open(file).format.lower() in address


@pytest.mark.django_db
def test_a_page_without_the_modern_formats_shows_the_others_and_makes_none_itself():
    picture = image("anh.png", png())
    html = _one(picture)
    assert "<source" not in html
    assert "srcset=" in html
    assert not [spec for spec in picture.renditions.values_list("filter_spec", flat=True) if "format-" in spec]


@pytest.mark.django_db
def test_publishing_makes_what_readers_will_ask_for(province, django_capture_on_commit_callbacks):
    cut, still, shown = (image(name, png(96, 96)) for name in ("bia.png", "phim.png", "anh.png"))
    film = {"title": "P", "file": document("a.mp4").pk, "captions": document("a.vtt").pk, "transcript": "<p>x</p>"}
    with django_capture_on_commit_callbacks(execute=True):
        course = make.course_draft(illustration=cut)
        make.lesson(
            course,
            "bai-1",
            body=json.dumps([_image_block(shown), {"type": "video", "value": {**film, "poster": still.pk}}]),
        )
        make.publish(course)
    made = {p.pk: set(p.renditions.values_list("filter_spec", flat=True)) for p in (cut, still, shown)}
    assert made[shown.pk] == {*pictures.WHOLE.specs, pictures.LARGEST}
    assert made[still.pk] == {pictures.POSTER}
    assert made[cut.pk] == {*pictures.WHOLE.specs, *pictures.CARD.specs}
    before = get_image_model().get_rendition_model().objects.count()
    assert pictures.page_pictures_make(page=LessonPage.objects.get()) == 0
    assert get_image_model().get_rendition_model().objects.count() == before
    assert tasks.pictures_make(0) == 0


@pytest.mark.django_db
def test_a_page_that_lacks_formats_asks_for_them_once(client, province, django_capture_on_commit_callbacks):
    picture = image("anh.png", png(90, 60))
    _lesson([_image_block(picture)])
    cache.clear()
    with django_capture_on_commit_callbacks(execute=True) as asked:
        client.get(LESSON)
        client.get(f"{LESSON}?lai=1")
    assert len([call for call in asked if "enqueue" in repr(call)]) == 1
    assert "image/avif" in client.get(f"{LESSON}?lai=2").content.decode()


@pytest.mark.django_db
def test_the_focal_point_decides_what_a_card_shows():
    """A tall picture, red above and green below: the card of each focal point shows another colour."""
    tall = PILImage.new("RGB", (400, 1200), "#ff0000")
    tall.paste("#00ff00", (0, 600, 400, 1200))
    tall.save(out := BytesIO(), "PNG")
    seen = {}
    for name, y in (("tren", 100), ("duoi", 1100)):
        focal = {"focal_point_x": 200, "focal_point_y": y, "focal_point_width": 100, "focal_point_height": 100}
        picture = image(f"{name}.png", out.getvalue(), **focal)
        html = Template("{% load cms_pictures %}{% cropped p '' %}").render(Context({"p": picture}))
        assert 'width="400" height="225"' in html or 'width="800" height="450"' in html
        with picture.renditions.get(filter_spec="fill-800x450").file.open() as file:
            seen[name] = PILImage.open(file).convert("RGB").getpixel((10, 10))
    assert seen == {"tren": (255, 0, 0), "duoi": (0, 255, 0)}


@pytest.mark.parametrize(("words", "loading"), [("p ''", "lazy"), ("p '' True", "eager")])
def test_a_picture_that_is_seen_at_once_does_not_wait(db, words, loading):
    html = Template(f"{{% load cms_pictures %}}{{% cropped {words} %}}").render(Context({"p": image()}))
    assert f'loading="{loading}"' in html


@pytest.mark.django_db
def test_a_poster_is_cut_to_the_frame_of_the_film():
    film = {"title": "P", "file": document("a.mp4").pk, "captions": document("a.vtt").pk, "transcript": "<p>x</p>"}
    picture = image("cao.png", png(600, 1200))
    html = _body(("video", {**film, "poster": picture.pk}))
    still = picture.renditions.get(filter_spec=pictures.POSTER)
    assert abs(still.width / still.height - 16 / 9) < 0.01
    assert f'poster="{still.url}"' in html


@pytest.mark.django_db
def test_a_drawing_is_cut_only_where_somebody_said_what_matters():
    plain, pointed = image(), image(focal_point_x=50, focal_point_y=50, focal_point_width=9, focal_point_height=9)
    tag = Template("{% load cms_pictures %}{% cropped p '' %}")
    assert plain.file.url in tag.render(Context({"p": plain}))
    assert "fill-800x450" in tag.render(Context({"p": pointed}))


@pytest.mark.django_db
def test_a_picture_whose_file_is_gone_breaks_no_page():
    picture = image("anh.png", png())
    picture.file.storage.delete(picture.file.name)
    assert "<img" not in _one(picture)


# --- Cost -----------------------------------------------------------------------------------------------------------
def _many(count):
    """Pictures in every kind of block that holds some, and in pieces that lessons share."""
    made = [image(f"anh-{n}.png", png(90, 60, f"#0a5f{n:02x}")) for n in range(count)]
    for picture in made:
        for spec in [*pictures.WHOLE.specs, pictures.LARGEST]:
            picture.get_rendition(spec)
    items = [{"image": picture.pk, "alt": "a", "caption": "b"} for picture in made]
    steps = [{"title": "t", "text": "x", "image": picture.pk, "alt": "a"} for picture in made]
    pieces = [
        ReusableContent.objects.create(
            title=f"Đoạn {n} trong {count}",
            body=json.dumps([_image_block(picture), {"type": "text", "value": "<p>x</p>"}]),
        )
        for n, picture in enumerate(made)
    ]
    return [
        *(_image_block(picture) for picture in made),
        {"type": "gallery", "value": {"title": "G", "items": items}},
        {"type": "steps", "value": {"title": "S", "steps": steps}},
        *({"type": "reusable", "value": piece.pk} for piece in pieces),
    ]


def _queries(client, path):
    client.get("/khoa-hoc/")  # the site and its root are known to every process after its first page
    with CaptureQueriesContext(connection) as queries:
        response = client.get(f"{path}?moi=1")
    assert response.status_code == 200
    return len(queries), response


@pytest.mark.slow
def test_many_pictures_cost_as_many_queries_as_few(client, province):
    """A guest: site, home page, lesson page, steps, narrations, and one query each for the shared pieces, for all
    pictures wherever they stand, and for their renditions."""
    course = make.course_draft()
    for count in (2, 20):
        make.lesson(course, f"bai-{count}", body=json.dumps(_many(count)))
    make.publish(course)
    costs = {}
    for count in (2, 20):
        costs[count], response = _queries(client, f"/khoa-hoc/khoa-thu/bai-{count}/")
        assert response.content.decode().count("<picture>") == count * 4
    assert costs[2] == costs[20]
    assert costs[20] == 8


@pytest.mark.slow
def test_a_lesson_of_twenty_pictures_is_light(client, province):
    made = [image(f"anh-{n}.png", png(90, 60, f"#0a5f{n:02x}")) for n in range(20)]
    lesson = _lesson([_image_block(picture) for picture in made])
    pictures.page_pictures_make(page=lesson)
    _count, response = _queries(client, LESSON)
    assert response.content.decode().count("<picture>") == 20
    assert len(response.content) <= 50_000


# --- Data saver -----------------------------------------------------------------------------------------------------
def _outside_templates(html):
    return re.sub(r"<template>.*?</template>", "", html, flags=re.DOTALL)


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "content"), [("hinh.svg", None), ("anh.png", png())])
def test_who_saves_data_gets_words_and_a_button_for_each_picture(name, content):
    html = _one(image(name, content) if content else image(name), **SAVER)
    assert "<img" not in _outside_templates(html)
    assert "<img" in html
    assert re.search(r"Tải hình \(\d+([,.]\d+)?\s*(KB|byte)", html.replace("\xa0", " "))
    assert "<span>Ảnh</span>" in html
    assert re.search(r'<a class="btn quiet" href="/media/[^"]+"', html)


@pytest.mark.django_db
def test_who_saves_data_hears_or_reads_before_seeing():
    film = {"title": "P", "file": document("a.mp4").pk, "captions": document("a.vtt").pk, "transcript": "<p>Lời</p>"}
    html = _body(("video", {**film, "audio": document("a.mp3").pk, "poster": image().pk}), **SAVER)
    outside = _outside_templates(html)
    assert "<video" not in outside
    assert "<audio" in outside
    assert "<details open>" in outside
    assert "Chỉ nghe/đọc lời thoại" in outside
    assert "Xem video (2,0" in outside
    assert html.count('data-media="block-0"') == 2
    silent = _outside_templates(_body(("video", film), **SAVER))
    assert "<audio" not in silent


@pytest.mark.django_db
def test_who_saves_data_gets_other_houses_as_links_only():
    film = {"url": "https://youtu.be/aqz-KE-bpKQ", "title": "P", "transcript": "<p>Lời</p>", "poster": image().pk}
    assert "data-embed" in _body(("embed", film))
    html = _body(("embed", film), **SAVER)
    assert "data-embed" not in html
    assert "<img" not in html
    assert "<details open>" in html


def test_scripts_come_only_with_the_blocks_that_need_them(client, province):
    film = {"url": "https://youtu.be/aqz-KE-bpKQ", "title": "P", "transcript": "<p>Lời</p>", "poster": None}
    _lesson([{"type": "text", "value": "<p>x</p>"}])
    page = client.get(LESSON).content.decode()
    assert not [name for name in ("embed.js", "glossary.js", "saver.js") if name in page]
    lesson = LessonPage.objects.get()
    lesson.body = json.dumps([{"type": "embed", "value": film}])
    make.publish(lesson)
    page = client.get(f"{LESSON}?lai=1")
    assert "embed.js" in page.content.decode()
    assert "glossary.js" not in page.content.decode()
    policy = page.headers["Content-Security-Policy"]
    assert "frame-src https://www.youtube-nocookie.com https://player.vimeo.com;" in f"{policy};"
    assert "<iframe" not in page.content.decode()


@pytest.mark.django_db
def test_who_saves_data_does_without_what_only_adorns():
    picture = image("anh.png", png())
    adorning = ["{% cropped p '' %}", "{% picture p '' %}"]
    for tag in adorning:
        assert "<img" in Template(f"{{% load cms_pictures %}}{tag}").render(Context({"p": picture}))
        assert Template(f"{{% load cms_pictures %}}{tag}").render(Context({"p": picture, **SAVER})) == ""
    said = Template("{% load cms_pictures %}{% picture p 'Sơ đồ' %}").render(Context({"p": picture, **SAVER}))
    assert "<span>Sơ đồ</span>" in said
    assert "<img" not in _outside_templates(said)


@pytest.mark.parametrize("wish", [{"save-data": "on"}, {"cookie": "cach-doc=vua.thuong.bat"}])
@pytest.mark.parametrize("path", ["/", "/khoa-hoc/", "/khoa-hoc/khoa-thu/", LESSON])
def test_no_page_brings_a_picture_to_who_saves_data(client, province, path, wish):
    course = make.course_draft(illustration=image("bia.png", png(96, 96)))
    make.lesson(course, "bai-1", body=json.dumps([_image_block(image("anh.png", png(96, 96)))]))
    make.publish(course)
    assert "<img" not in _outside_templates(client.get(path, headers=wish).content.decode())
    if path != "/":
        assert "<img" in client.get(path).content.decode()
