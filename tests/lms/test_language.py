"""Who listens for English (``tests.language``) hears it, and nothing else; pages write days as people do."""

from __future__ import annotations

import pytest
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path

from common.pdf import pdf_render
from common.sheets_out import write_xlsx
from tests.language import HEARD, Reader, english_in, give_verdict, judge_answer, texts_of


@pytest.mark.parametrize(
    "text",
    [
        "Save", "Log in", "Next page", "Edit", "Cancel", "No", "Add another", "View site", "Welcome back", "Home",
        "Please correct the error below.", "This field is required.", "Date/time", "Delete?", "Upload a file", "Menu",
        "Lưu draft", "Đã gửi 3 emails", "Sort by", "Search…", "Status: open", "On", "Xem full", "Back to top", "Hide",
        "Ngày 2026-11-20", "Năm 2.026", "Quý 3/2.026", "Nov. 20, 2026", "Setting", "Tải file",
        "0 results", "New", "SAVE", "Copy link", "Today", "Submit & close",
    ],
)  # fmt: skip
def test_english_is_heard(text):
    assert english_in(text), text


@pytest.mark.parametrize(
    "text",
    [
        "Lưu bản nháp", "Xem", "Quay lại", "Sang trang sau", "Hai mươi", "Ban Chỉ huy", "Tổ công nghệ số cộng đồng",
        "Quyết định 412/QĐ-SKHCN ngày 20/11/2026", "BG23-2025-4", "1.234,5", "Gửi email cho an.nguyen@example.vn",
        "Mở https://example.vn/mot/trang?x=1", "danh-sach.xlsx", "Nguyễn Thị Ngọc Ưỡng", "Vi Thị Oanh", "UBND", "QĐ",
        "Hoa Khuya Quynh Nghi Giang Cao Xuan", "Ghim", "Thu hồi", "Chung cho ba năm nay", "✓", "…", "", "2 / 7",
        "Mã QR", "Tệp PDF, tối đa 5 MB", "Bấm phím Page Down", "Ứng dụng VNeID", "To", "Khoá của bạn", "Trang {page}",
    ],
)  # fmt: skip
def test_vietnamese_is_not(text):
    assert english_in(text) is None, english_in(text)


@pytest.mark.parametrize(
    "page",
    [
        "<p>Save</p>",
        '<button type="button" aria-label="Close">×</button>',
        '<img src="a.png" alt="A bridge">',
        "<input placeholder='Search here'>",
        '<input type="submit" name="_save" value="Save">',
        "<input value=\"Save\" type='submit' class=x>".replace("'", '"'),
        "<select><option>Select one</option></select>",
        "<title>Dashboard – Học Số</title>",
        '<meta name="description" content="Learn for free">',
        '<a href="/" title="Back home">Về</a>',
        "<svg><title>Bar chart</title><text>Months</text></svg>",
        "<p>It&#x27;s wrong</p>",
        "<script>var a = 1</script><p>Yes</p>",
        "<details><summary>More</summary></details>",
        "<template><p>Loading</p></template>",
    ],
)
def test_english_is_found_wherever_it_is_read_or_heard(page):
    assert Reader().judge_page(page), list(texts_of(page))


@pytest.mark.parametrize(
    "page",
    [
        '<script>const text = "Save page";</script>',
        "<style>.save { color: red }</style>",
        "<!-- Save the page -->",
        "<code>manage.py load_province</code>",
        '<textarea name="nguon">::Câu:: What?</textarea>',
        '<span lang="en">Make it simple</span>',
        '<input name="q" value="word somebody typed">',
        '<a class="button primary" href="/save/page/" data-state="open">Lưu</a>',
    ],
)
def test_what_nobody_reads_is_left_alone(page):
    assert Reader().judge_page(page) == []


def test_text_found_good_is_not_read_again_and_bad_text_always_is():
    reader = Reader()
    assert [len(reader.judge(["Lưu", "Save", "Save"])) for _ in range(2)] == [2, 2]
    assert reader.good == {"Lưu"}


@pytest.mark.parametrize(
    "answer",
    [
        HttpResponse("<p>Page not found</p>"),
        HttpResponse("Họ và tên;Birth date\nJohn Smith;1", content_type="text/csv; charset=utf-8"),
        JsonResponse({"state": "open", "text": ["Saved just now"]}),
        HttpResponse(
            write_xlsx(["Họ và tên", "Gender"], [], sheet="Danh sách"),
            content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
    ],
    ids=["page", "csv", "json", "workbook"],
)
def test_every_kind_of_answer_is_read(answer):
    assert len(judge_answer(answer, answer.content)) == 1


urlpatterns = [
    path("dich-sot/", lambda request: HttpResponse("<h1>All good</h1>")),
    path("dich-sot-dan/", lambda request: StreamingHttpResponse(["<h1>All ", "good</h1>"])),
]


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("address", ["/dich-sot/", "/dich-sot-dan/"])
def test_what_a_client_is_answered_is_heard(client, address):
    """The guard of all the rest: answers really pass by, and come whole to who asked."""
    assert client.get(address).getvalue() == b"<h1>All good</h1>"
    assert HEARD.take() == [f"GET {address}: «All good» (All, good)"]


def test_papers_are_heard(tmp_path):
    pdf_render(html="<p>Signed by</p>", css="", art=tmp_path)
    assert HEARD.take() == ["on paper: «Signed by» (Signed)"]


def test_a_test_that_was_answered_in_english_fails():
    HEARD.note("a page", Reader().judge(["Save"]))
    with pytest.raises(pytest.fail.Exception, match="a page: «Save»"):
        give_verdict(is_excused=False)
    give_verdict(is_excused=False)  # what was said is not held against the next test


def test_a_test_may_bring_english_of_its_own():
    HEARD.note("a page", Reader().judge(["Save"]))
    give_verdict(is_excused=True)
    assert HEARD.take() == []
