"""Posters: for everybody, of what is open only, of the right size, and their code leads where they say."""

from __future__ import annotations

import io
import re
import subprocess
import uuid

import pytest
import zxingcpp
from django.core.cache import cache
from django.urls import reverse
from PIL import Image

from common.text import nfc
from courses import posters
from courses.models import StepKind
from courses.posters import Poster, poster_asked, poster_pdf
from tests.factories.courses import CourseFactory, StepFactory
from tests.factories.people import AudienceFactory

TITLE = "Nghiêng ngả quyển sổ: ẤỆỖỂ, khuỷu tay"
A4, A3 = "595.276 x 841.89 pts (A4)", "841.89 x 1190.55 pts (A3)"


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()


@pytest.fixture
def quick(monkeypatch):
    """Instead of the drawing, which takes its time; counts how often it was asked for."""
    asked = []
    monkeypatch.setattr(posters, "pdf_render", lambda **given: asked.append(given) or b"%PDF-quick")
    return asked


@pytest.fixture
def course(db):
    made = CourseFactory(title=TITLE, slug="khoa-thu", summary="Học xong bạn tự làm được hồ sơ.")
    made.audiences.set([AudienceFactory(code=f"dt{n}", name=f"Đối tượng {n}", position=n) for n in range(6)])
    return made


def _read(pdf, command, *options):
    """What a command of poppler says of a PDF."""
    target = ["-"] if command == "pdftotext" else []
    return subprocess.run([command, *options, "-", *target], input=pdf, capture_output=True, check=True).stdout  # noqa: S603


@pytest.mark.slow
@pytest.mark.parametrize(("paper", "size"), [("a4", A4), ("a3", A3)])
def test_a_poster_is_one_page_of_its_paper_and_its_code_leads_to_the_course(client, course, settings, paper, size):
    StepFactory(course=course)
    response = client.get(reverse("courses:poster_course", args=[course.slug]), {"kho": paper})
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    assert response["Content-Disposition"] == f'inline; filename="ap-phich-khoa-thu-{paper}.pdf"'
    told = _read(response.content, "pdfinfo").decode()
    assert size in told
    assert "Pages:           1\n" in told
    text = nfc(_read(response.content, "pdftotext", "-layout").decode())
    for words in (TITLE, course.summary, "Đối tượng 3 và 2 đối tượng khác", "1 bài, 1,5 giờ", "miễn phí"):
        assert words in text
    address = f"{settings.BASE_URL}{course.path}"
    assert address.partition("://")[2] in text.replace("\n", "").replace(" ", "")
    picture = Image.open(io.BytesIO(_read(response.content, "pdftoppm", "-r", "100", "-png")))
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == [address]


@pytest.mark.slow
def test_the_longest_poster_stands_on_one_page_without_one_thing_over_another(db):
    long = Poster(
        kind="Khoá học miễn phí",
        title=("Nghiêng ngả quyển sổ " * 10)[:200],
        summary=("Ứng dụng trí tuệ nhân tạo. " * 12)[:300],
        within="Một khoá học rất dài " * 9,
        facts=[("Dành cho", "Người lao động trong doanh nghiệp, " * 4), ("Thời lượng", "200 bài"), ("Mức", "Cơ bản")],
        path=f"/khoa-hoc/{'dai-' * 30}/{'bai-' * 30}/",
    )
    html, _ = poster_asked(poster=long, paper="a4")
    pdf = poster_pdf(html=html, paper="a4")
    assert "Pages:           1\n" in _read(pdf, "pdfinfo").decode()
    bounds = _read(pdf, "pdftotext", "-bbox").decode()
    places = {word: float(top) for top, word in re.findall(r'yMin="([\d.]+)"[^>]*>([^<]+)</word>', bounds)}
    # The last of the table, the first beside the code, the end of the address, the edge of the paper.
    assert places["bản"] + 20 < places["Quét"] < places["Hoặc"] < 841 - 42
    assert poster_pdf(html=html, paper="a4") == pdf


def test_a_lesson_has_a_poster_too(client, course, quick):
    step = StepFactory(course=course, title="Nhận ra lừa đảo", minutes=7, path="/khoa-hoc/khoa-thu/lua-dao/")
    response = client.get(reverse("courses:poster_step", args=[step.uuid]))
    assert response["Content-Disposition"] == 'inline; filename="ap-phich-lua-dao-a4.pdf"'
    for words in ("Nhận ra lừa đảo", f"Trong khoá học «{TITLE}»", "7 phút", "lua-dao/"):
        assert words in quick[0]["html"]


def test_the_same_poster_is_drawn_once_and_a_changed_one_anew(client, course, quick):
    address = reverse("courses:poster_course", args=[course.slug])
    for _ in range(2):
        assert client.get(address).content == b"%PDF-quick"
    assert "public" in client.get(address)["Cache-Control"]
    assert len(quick) == 1
    course.title = "Tên mới"
    course.save()
    client.get(address)
    client.get(address, {"kho": "a3"})
    assert len(quick) == 3


def test_drawing_is_limited_and_handing_out_is_not(client, course, quick, settings):
    settings.ACCOUNT_RATE_LIMITS = {"poster": "1/m/ip"}
    address = reverse("courses:poster_course", args=[course.slug])
    assert [client.get(address).status_code for _ in range(3)] == [200, 200, 200]
    assert client.get(address, {"kho": "a3"}).status_code == 429
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("paper", ["a5", "", "A4", "../x", "a4\x00"])
def test_a_wrong_paper_is_explained(client, course, quick, paper):
    response = client.get(reverse("courses:poster_course", args=[course.slug]), {"kho": paper})
    assert response.status_code == 400
    page = response.content.decode()
    assert "A4 và A3" in page
    assert course.path in page
    assert not quick


def test_only_what_is_open_has_a_poster(client, course, quick):
    closed = CourseFactory(is_published=False)
    steps = [
        StepFactory(course=closed),
        StepFactory(course=course, is_active=False),
        StepFactory(course=course, kind=StepKind.QUIZ),
    ]
    addresses = [reverse("courses:poster_course", args=[slug]) for slug in (closed.slug, "khong-co")]
    addresses += [reverse("courses:poster_step", args=[key]) for key in (*(s.uuid for s in steps), uuid.uuid4())]
    assert [client.get(address).status_code for address in addresses] == [404] * 6
    assert client.post(reverse("courses:poster_course", args=[course.slug])).status_code == 405


def test_what_editors_write_is_text_on_a_poster(client, db, quick):
    course = CourseFactory(title="<img src=x> & <b>đậm</b>")
    client.get(reverse("courses:poster_course", args=[course.slug]))
    assert "&lt;img src=x&gt; &amp; &lt;b&gt;" in quick[0]["html"]
