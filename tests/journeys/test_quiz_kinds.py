"""Quizzes on a phone: every kind of question, by keyboard alone, without scripts, on a bad line, in two tabs."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.base import ContentFile
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from quizzes import rules
from quizzes.kinds import KINDS
from quizzes.models import Attempt, AttemptEvent, AttemptState, EventKind, MediaFile, Mode, Quiz
from quizzes.services import answers_of
from tests.factories.quizzes import quiz_of
from tests.factories.samples import PICTURE, SAMPLES, sample_bank
from tests.journeys import looking, people
from tests.journeys.conftest import DESK, PHONE, SCRIPTS

ESSAY = "Xem tên miền, không bấm đường dẫn lạ,\ngọi số trên thẻ ngân hàng."
BY_RULE = tuple(kind for kind in SAMPLES if kind != "essay")


def picture(width: int = 1200) -> bytes:
    """A false page of the public services, as a drawing."""
    image = Image.new("RGB", (1200, 800), "#f4f4f4")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 1200, 80), fill="#d0d7de")
    draw.text((40, 20), "http://dichvucong-gov.example", fill="black", font_size=36)
    draw.ellipse((80, 140, 280, 260), fill="#c8102e")
    file = io.BytesIO()
    image.resize((width, width * 2 // 3)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="module")
def bank(house: Any) -> Any:
    """A bank with one question of every kind, and the picture that one of them asks about."""
    made = sample_bank("du-loai-hanh-trinh")
    content = picture()
    medium = MediaFile(uuid=PICTURE, bank=made, name="trang-gia.png", mime="image/png", width=1200, height=800)
    medium.size, medium.sha256 = len(content), "0" * 64
    medium.file.save("trang-gia.png", ContentFile(content))
    return made


def quiz_with(bank: Any, *kinds: str, **fields: Any) -> Quiz:
    return quiz_of(bank=bank, question_codes=list(kinds), **fields)


def begin(page: Page, quiz: Quiz) -> Attempt:
    """Sign in and begin; the attempt as it was drawn."""
    people.sign_in(page, "nguoihoc")
    page.goto(f"/kiem-tra/bat-dau/{quiz.step.uuid}/")
    page.get_by_role("button", name=re.compile("Bắt đầu làm bài|Làm tiếp")).click()
    page.wait_for_url(re.compile(r"/kiem-tra/[0-9a-f-]{36}/"))
    return Attempt.objects.get(uuid=re.search(r"/kiem-tra/([0-9a-f-]{36})/", page.url).group(1))


def right(item: dict) -> Any:
    return KINDS[item["kind"]].right(item) or ESSAY


def parts(response: Any, name: str) -> Iterator[tuple[str, str]]:
    """Names of fields with what belongs in them."""
    if isinstance(response, dict):
        for key, inner in response.items():
            yield from parts(inner, f"{name}.{key}")
    elif isinstance(response, list):
        yield from ((name, value) for value in response)
    else:
        yield name, response


def answer(page: Page, position: int, response: Any) -> None:
    """With finger and keys, control by control."""
    for name, value in parts(response, f"c{position}"):
        control = page.locator(f'[name="{name}"]')
        if control.first.get_attribute("type") in ("radio", "checkbox"):
            page.locator(f'[name="{name}"][value="{value}"]').check()
        elif control.evaluate("one => one.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)


def focused(page: Page, ask: str) -> str:
    return page.evaluate(f"document.activeElement?.{ask} ?? ''")


def tab_to(page: Page, is_there: Any, what: str) -> None:
    for _ in range(80):
        page.keyboard.press("Tab")
        if is_there():
            return
    raise AssertionError(f"Tab never reaches {what} on {page.url}")


def answer_by_keys(page: Page, position: int, response: Any) -> None:
    """With nothing but Tab, space, arrows and letters."""
    page.locator("#noi-dung").focus()
    for name, value in parts(response, f"c{position}"):
        kind = page.locator(f'[name="{name}"]').first.evaluate("one => one.type")
        if kind == "checkbox":
            tab_to(page, lambda n=name, v=value: (focused(page, "name"), focused(page, "value")) == (n, v), name)
            page.keyboard.press("Space")
            continue
        tab_to(page, lambda n=name: focused(page, "name") == n, name)
        if kind == "radio":
            page.keyboard.press("Space")
        elif kind != "select-one":
            page.keyboard.type(value)
            continue
        for _ in range(15):
            if focused(page, "value") == value:
                break
            page.keyboard.press("ArrowDown")
        assert focused(page, "value") == value


def saved(page: Page) -> None:
    expect(page.locator("[data-autosave-status]")).to_contain_text("Đã lưu lúc")


def look(page: Page, snapshot: Any, name: str, wrong: dict[str, Any]) -> None:
    """Keep a picture of the page and what is wrong with it."""
    if found := [*looking.violations(page), *looking.scrolls_sideways(page)]:
        wrong[name] = found
    snapshot(page, f"quiz-{name}", (PHONE,))


# --- Every kind -----------------------------------------------------------------------------------------------------
@pytest.mark.sweep(on="sqlite")
def test_every_kind_by_keyboard_alone(visit, snapshot, bank):
    page = visit()
    attempt = begin(page, quiz_with(bank, *SAMPLES))
    wrong: dict[str, Any] = {}
    for position, item in enumerate(attempt.paper, start=1):
        expect(page.locator(f"#cau-{position}")).to_be_visible()
        answer_by_keys(page, position, right(item))
        saved(page)
        look(page, snapshot, f"cau-{item['kind']}", wrong)
        name = "Câu tiếp" if position < len(attempt.paper) else "Xem lại và nộp bài"
        tab_to(page, lambda n=name: n in focused(page, "textContent"), name)
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(rf"cau={position + 1}$|xem-lai"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Bạn đã trả lời 11 trên 11 câu")
    look(page, snapshot, "xem-lai", wrong)
    tab_to(page, lambda: focused(page, "textContent").strip() == "Nộp bài", "Nộp bài")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("đang chờ chấm")
    look(page, snapshot, "cho-cham", wrong)
    answers = list(Attempt.objects.get(pk=attempt.pk).answers.all())
    assert [one.response for one in answers] == [right(item) for item in attempt.paper]
    assert all(one.points == 1 for one in answers[:-1])
    assert wrong == {}


@pytest.mark.parametrize("js", SCRIPTS)
def test_every_kind_on_one_page(visit, snapshot, bank, js):
    page = visit(js=js)
    quiz = quiz_with(bank, *BY_RULE, paging="all", time_limit_minutes=30)
    wrong: dict[str, Any] = {}
    page.goto(f"/kiem-tra/bat-dau/{quiz.step.uuid}/")
    attempt = begin(page, quiz)
    for position, item in enumerate(attempt.paper, start=1):
        answer(page, position, right(item))
    page.get_by_role("button", name="Lưu lại").click()
    expect(page.locator("[data-autosave-status]")).to_contain_text("Đã lưu lúc")
    if js:
        look(page, snapshot, "mot-trang", wrong)
    # One wrong answer, so that the result has something to explain.
    answer(page, 1, ["a"])
    page.get_by_role("button", name="Nộp bài").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Đạt: đúng 9 trên 10 câu")
    if js:
        look(page, snapshot, "ket-qua", wrong)
    assert wrong == {}


@pytest.mark.sweep(on="sqlite")
def test_a_place_on_the_picture_is_pressed(visit, snapshot, bank):
    page = visit()
    attempt = begin(page, quiz_with(bank, "hotspot", "ordering"))
    page.locator('.place[data-n="2"]').click()
    expect(page.locator('input[value="b"]')).to_be_checked()
    saved(page)
    page.locator('.place[data-n="1"]').click()
    expect(page.locator('input[value="a"]')).to_be_checked()
    saved(page)
    snapshot(page, "quiz-hotspot-chon")
    page.get_by_role("button", name="Câu tiếp").click()
    # The buttons of an order give every row its place.
    first = page.locator("[data-ordering] li").first.locator("label").inner_text()
    page.get_by_role("button", name=f"Đưa xuống: {first}").click()
    expect(page.locator("[data-ordering] li").nth(1).locator("label")).to_have_text(first)
    saved(page)
    snapshot(page, "quiz-ordering-nut", (PHONE,))
    told = {n: one.response for n, one in answers_of(attempt).items()}
    assert told[1] == ["a"]
    assert sorted(told[2].values()) == ["1", "2", "3"]


def stands_right(page: Page, place: str, area: tuple[int, int, int, int]) -> None:
    """Whether a marked place covers its part of the picture (left, top, width, height in per cent), to two pixels."""
    medium = page.locator(".places img")
    medium.scroll_into_view_if_needed()
    expect(medium).to_have_js_property("complete", True)
    whole, box = medium.bounding_box(), page.locator(place).bounding_box()
    wanted = [
        whole["x"] + whole["width"] * area[0] / 100, whole["y"] + whole["height"] * area[1] / 100,
        whole["width"] * area[2] / 100, whole["height"] * area[3] / 100,
    ]  # fmt: skip
    found = [box["x"], box["y"], box["width"], box["height"]]
    assert all(abs(one - other) <= 2 for one, other in zip(found, wanted, strict=True)), (found, wanted)


@pytest.mark.parametrize("width", [1200, 240])
def test_places_stand_on_their_part_of_the_picture_at_every_width(visit, snapshot, bank, width):
    """A picture wider than the page, and one that is narrower: while answering and in the result."""
    own = sample_bank(f"hinh-{width}", kinds=("hotspot",))
    medium = MediaFile(bank=own, name="hinh.png", mime="image/png", width=width, height=width * 2 // 3)
    medium.size, medium.sha256 = 1, f"{width:064d}"
    medium.file.save(f"hinh-{width}.png", ContentFile(picture(width)))
    medium.save()
    own.questions.update(media=[{"file": str(medium.uuid), "alt": "Ảnh chụp một trang web giả."}])
    page = visit()
    review = dict.fromkeys(rules.REVIEW, "always")
    begin(page, quiz_with(own, "hotspot", review=review))
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        stands_right(page, '.place[data-n="2"]', (5, 15, 20, 20))
    page.locator('.place[data-n="2"]').click()
    saved(page)
    snapshot(page, f"quiz-hotspot-{width}")
    page.get_by_role("button", name="Xem lại").click()
    page.get_by_role("button", name="Nộp bài").click()
    expect(page.locator(".told-place.wrong")).to_contain_text("✗ 2")
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        stands_right(page, ".told-place.wrong", (5, 15, 20, 20))
        stands_right(page, ".told-place.missed", (0, 0, 100, 10))
    snapshot(page, f"quiz-hotspot-{width}-ket-qua")


# --- A bad line -----------------------------------------------------------------------------------------------------
@pytest.mark.sweep(on="sqlite")
def test_answers_given_without_a_network_are_sent_and_handed_in_when_it_is_back(visit, snapshot, bank):
    page = visit()
    attempt = begin(page, quiz_with(bank, "single", "short_text", paging="all"))
    page.context.set_offline(True)
    answer(page, 1, ["b"])
    answer(page, 2, "VNeID")
    status = page.locator("[data-autosave-status]")
    expect(status).to_contain_text("Chưa lưu được vì mất mạng")
    page.get_by_role("button", name="Lưu lại").click()
    expect(status).to_contain_text("Chưa sang trang được vì mất mạng")
    page.get_by_role("button", name="Nộp bài").dblclick()
    expect(status).to_contain_text("Chưa nộp được vì mất mạng")
    snapshot(page, "quiz-mat-mang", (PHONE,))
    assert Attempt.objects.get(pk=attempt.pk).state == AttemptState.OPEN
    page.context.set_offline(False)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Đạt: đúng 2 trên 2 câu")
    assert page.evaluate("Object.keys(localStorage).filter(n => n.startsWith('bai-lam/'))") == []


@pytest.mark.sweep(on="sqlite")
def test_the_next_question_waits_for_the_network(visit, bank):
    page = visit()
    attempt = begin(page, quiz_with(bank, "single", "short_text"))
    page.context.set_offline(True)
    answer(page, 1, ["b"])
    page.get_by_role("button", name="Câu tiếp").click()
    expect(page.locator("[data-autosave-status]")).to_contain_text("Chưa sang trang được vì mất mạng")
    page.context.set_offline(False)
    expect(page.locator("#cau-2")).to_be_visible()
    assert answers_of(attempt)[1].response == ["b"]


@pytest.mark.sweep(on="sqlite")
def test_a_phone_that_died_gives_its_answers_back(visit, bank):
    page = visit()
    attempt = begin(page, quiz_with(bank, "single", "short_text", "numeric"))
    answer(page, 1, ["b"])
    page.get_by_role("button", name="Câu tiếp").click()
    expect(page.locator("#cau-2")).to_be_visible()
    page.context.set_offline(True)
    answer(page, 2, "VNeID")
    expect(page.locator("[data-autosave-status]")).to_contain_text("Chưa lưu được")
    left = page.context.storage_state()
    page.context.close()
    assert 2 not in answers_of(attempt)

    again = visit(left=left)
    again.goto(f"/kiem-tra/{attempt.uuid}/?cau=2")
    expect(again.locator('[name="c2"]')).to_have_value("VNeID")
    saved(again)
    assert {n: one.response for n, one in answers_of(attempt).items()} == {1: ["b"], 2: "VNeID"}
    save = AttemptEvent.objects.filter(attempt=attempt, kind=EventKind.SAVED).last()
    assert save.made_at < save.at, "it was given before it arrived"
    assert again.evaluate("Object.keys(localStorage).filter(n => n.startsWith('bai-lam/'))") == []


@pytest.mark.sweep(on="sqlite")
@pytest.mark.parametrize("paging", ["all", "one"])
def test_what_was_handed_in_before_the_phone_died_is_handed_in_when_it_is_back(visit, bank, paging):
    page = visit()
    attempt = begin(page, quiz_with(bank, "single", "short_text", paging=paging))
    answer(page, 1, ["b"])
    if paging == "one":
        page.get_by_role("button", name="Câu tiếp").click()
        expect(page.locator("#cau-2")).to_be_visible()
        answer(page, 2, "VNeID")
        saved(page)
        page.get_by_role("button", name="Xem lại").click()
    else:
        saved(page)
    expect(page.get_by_role("button", name="Nộp bài")).to_be_visible()
    page.context.set_offline(True)
    if paging == "all":
        answer(page, 2, "VNeID")  # known to this browser alone
        expect(page.locator("[data-autosave-status]")).to_contain_text("Chưa lưu được")
    page.get_by_role("button", name="Nộp bài").click()
    expect(page.locator("[data-autosave-status]")).to_contain_text("Chưa nộp được vì mất mạng")
    left = page.context.storage_state()
    page.context.close()
    assert Attempt.objects.get(pk=attempt.pk).state == AttemptState.OPEN

    again = visit(left=left)
    again.goto(f"/kiem-tra/{attempt.uuid}/")
    expect(again.get_by_role("heading", level=1)).to_contain_text("Đạt: đúng 2 trên 2 câu")
    assert again.evaluate("Object.keys(localStorage).filter(n => n.startsWith('bai-lam/'))") == []


def test_typing_is_saved_when_the_page_is_left_and_nothing_stays_after_signing_out(visit, bank):
    page = visit()
    attempt = begin(page, quiz_with(bank, "short_text", "single"))
    page.locator('[name="c1"]').press_sequentially("VNe")
    page.goto("/")  # sooner than the pause that sends
    # The answer and the news of leaving are two messages, and arrive in any order.
    deadline = time.monotonic() + 10
    left = attempt.events.filter(kind=EventKind.LEFT)
    while not ((said := answers_of(attempt)) and left.exists()) and time.monotonic() < deadline:
        page.wait_for_timeout(200)
    assert said[1].response == "VNe"
    assert left.exists()
    page.goto(f"/kiem-tra/{attempt.uuid}/")
    page.context.set_offline(True)
    page.locator('[name="c1"]').press_sequentially("ID")
    expect(page.locator("[data-autosave-status]")).to_contain_text("Chưa lưu được")
    page.context.set_offline(False)
    saved(page)
    page.evaluate("localStorage.setItem('bai-lam/x/y', '{\"fields\": [], \"seq\": 1, \"at\": ' + Date.now() + '}')")
    page.goto("/tai-khoan/logout/")
    page.locator('main form[action$="/logout/"] button').click()
    page.wait_for_url(lambda url: "/logout/" not in url)
    assert page.evaluate("Object.keys(localStorage).filter(n => n.startsWith('bai-lam/'))") == []


@pytest.mark.sweep(on="sqlite")
def test_an_answer_given_after_the_session_ran_out_is_there_after_signing_in(visit, bank):
    page = visit()
    attempt = begin(page, quiz_with(bank, "single", "short_text"))
    page.context.clear_cookies()
    answer(page, 1, ["b"])
    # Without its cookie the page's token is refused too.
    expect(page.locator("[data-autosave-status]")).to_contain_text(re.compile("Bạn đã đăng xuất|Chưa lưu được"))
    people.sign_in(page, "nguoihoc")
    page.goto(f"/kiem-tra/{attempt.uuid}/")
    expect(page.locator('[name="c1"][value="b"]')).to_be_checked()
    saved(page)
    assert answers_of(attempt)[1].response == ["b"]


@pytest.mark.sweep(on="sqlite")
def test_an_answer_changed_back_is_the_one_that_stands(visit, bank):
    page = visit()
    attempt = begin(page, quiz_with(bank, "single", "short_text"))
    answer(page, 1, ["b"])
    saved(page)
    page.reload()
    for key in ("a", "b"):
        with page.expect_response(re.compile("/luu/")):
            answer(page, 1, [key])
    assert answers_of(attempt)[1].response == ["b"]


@pytest.mark.parametrize("js", SCRIPTS)
def test_two_tabs_on_one_attempt(visit, bank, js):
    page = visit(js=js)
    attempt = begin(page, quiz_with(bank, "single", "short_text"))
    other = page.context.new_page()
    other.goto(page.url)
    # The first tab answers; the second, opened before, only leafs through and takes nothing back.
    answer(page, 1, ["b"])
    page.get_by_role("button", name="Câu tiếp").click()
    expect(page.locator("#cau-2")).to_be_visible()
    other.get_by_role("button", name="Câu tiếp").click()
    expect(other.locator("#cau-2")).to_be_visible()
    assert answers_of(attempt)[1].response == ["b"]
    answer(other, 2, "VNeID")
    other.get_by_role("button", name="Xem lại và nộp bài").click()
    other.get_by_role("button", name="Nộp bài", exact=True).click()
    expect(other.get_by_role("heading", level=1)).to_contain_text("Đạt: đúng 2 trên 2 câu")
    # What the first tab sends afterwards changes nothing, and it is led to the result.
    answer(page, 2, "Zalo")
    page.get_by_role("button", name="Xem lại và nộp bài").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Đạt: đúng 2 trên 2 câu")
    assert Attempt.objects.get(pk=attempt.pk).score == 100


# --- Practice and mastery -------------------------------------------------------------------------------------------
@pytest.mark.sweep(on="sqlite")
@pytest.mark.parametrize("js", [True, False], ids=["with-javascript", "without-javascript"])
def test_practice(visit, snapshot, bank, js):
    page = visit(js=js)
    attempt = begin(page, quiz_with(bank, *BY_RULE, mode=Mode.PRACTICE))
    wrong: dict[str, Any] = {}
    for position, item in enumerate(attempt.paper, start=1):
        expect(page.locator(f"#cau-{position}")).to_be_visible()
        if position == 1:
            answer(page, position, ["a"])
        else:
            answer(page, position, right(item))
        page.get_by_role("button", name="Kiểm tra", exact=True).click()
        expect(page.get_by_text("✗ Chưa đúng" if position == 1 else "✓ Đúng").first).to_be_visible()
        if js:
            look(page, snapshot, f"luyen-tap-{item['kind']}", wrong)
        if position < len(attempt.paper):
            page.get_by_role("link", name="Câu tiếp").click()
    page.get_by_role("button", name="Kết thúc và xem kết quả").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Đạt: đúng 9 trên 10 câu")
    assert wrong == {}


@pytest.mark.sweep(on="sqlite")
def test_mastery(visit, snapshot, bank):
    page = visit()
    quiz = quiz_with(bank, *BY_RULE, mode=Mode.MASTERY, mastery_needed=2, mastery_of=3)
    page.goto(f"/kiem-tra/bat-dau/{quiz.step.uuid}/")
    snapshot(page, "quiz-thanh-thao-bat-dau", (PHONE,))
    attempt = begin(page, quiz)
    wrong: dict[str, Any] = {}
    page.get_by_role("button", name="Tôi chưa biết, xem lời giải").click()
    expect(page.get_by_text("Bỏ trống")).to_be_visible()
    for position in (2, 3):
        page.get_by_role("link", name="Câu tiếp").click()
        answer(page, position, right(attempt.paper[position - 1]))
        look(page, snapshot, f"thanh-thao-{position}", wrong)
        page.get_by_role("button", name="Kiểm tra", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("✓ Bạn đã thành thạo")
    look(page, snapshot, "thanh-thao-ket-qua", wrong)
    assert wrong == {}


@pytest.mark.sweep(on="sqlite")
def test_no_way_back(visit, snapshot, bank):
    page = visit()
    quiz = quiz_with(bank, "single", "short_text", may_go_back=False, attempts_allowed=1, time_limit_minutes=20)
    wrong: dict[str, Any] = {}
    attempt = begin(page, quiz)
    answer(page, 1, ["b"])
    saved(page)
    look(page, snapshot, "mot-chieu", wrong)
    page.get_by_role("button", name="Chốt câu này").click()
    expect(page.locator("#cau-2")).to_be_visible()
    page.go_back()
    expect(page.locator("#cau-2")).to_be_visible()
    page.goto(f"/kiem-tra/{attempt.uuid}/?cau=1")
    expect(page.locator("#cau-2")).to_be_visible()
    page.get_by_role("button", name="Xem lại và nộp bài").click()
    look(page, snapshot, "mot-chieu-xem-lai", wrong)
    page.get_by_role("button", name="Nộp bài", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("đúng 1 trên 2 câu")
    assert wrong == {}
