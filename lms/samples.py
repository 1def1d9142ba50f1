"""What the pattern page shows: made-up people and figures in the very objects that pages give to their templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest

from common.display import Display
from kpi.charts import line_chart
from quizzes.screens.shown import Choosing, Option, Question, Verdict

GROUNDS = {"": "Theo máy", "sang": "Nền sáng", "toi": "Nền tối"}


class SampleForm(forms.Form):
    """A field of each kind, with what is said of it."""

    full_name = forms.CharField(label="Họ và tên", help_text="Viết đầy đủ, có dấu.")
    phone = forms.CharField(label="Số điện thoại", min_length=10, error_messages={"min_length": "Cần đủ 10 chữ số."})
    commune = forms.ChoiceField(label="Nơi ở", choices=[("", "– Chọn –"), ("1", "Phường Ưỡng Hạ"), ("2", "Xã Ằng Ệ")])
    remark = forms.CharField(label="Ghi chú", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    agrees = forms.BooleanField(label="Tôi đồng ý nhận lời nhắc học qua tin nhắn")


def _questions() -> dict[str, Question]:
    """One that is asked, and one that was answered wrong and is explained."""
    hurry, ask_back = "Chuyển khoản ngay để giữ giá tốt", "Hỏi lại người bán và xem đánh giá trước khi trả tiền"
    asked = [
        Option("a", 1, hurry, chosen=False, right=None, feedback=""),
        Option("b", 2, ask_back, chosen=True, right=None, feedback=""),
    ]
    told = [
        Option("a", 1, hurry, chosen=True, right=False, feedback=""),
        Option("b", 2, ask_back, chosen=False, right=True, feedback=""),
    ]
    why = "Người bán giục trả tiền trước là dấu hiệu lừa đảo."
    return {
        "question": _question(4, asked),
        "told": replace(_question(5, told), verdict=Verdict("wrong", "✗", "Chưa đúng"), explanation=why),
    }


def _question(position: int, options: list[Option]) -> Question:
    text = "Một người bán lạ nhắn: “Chuyển khoản trong 5 phút, tôi giảm nửa giá.” Bạn nên làm gì?"
    body = Choosing(options, several=False)
    return Question(
        position, f"Câu {position}", "single", text, "chọn một đáp án", f"mau-{position}", body, answered=True
    )


def _trend() -> Any:
    """A year as a chart with its table: what was reached, the year before, what is needed."""
    now = [120, 310, 520, 800, 1130, 1490, 1900, 2380, 2900]
    before = [60, 150, 260, 400, 590, 800, 1010, 1250, 1500, 1800, 2050, 2300]
    needed = [300 * month for month in range(1, 13)]
    series: list[tuple[str, str, Sequence[float | None]]] = [
        ("Mức cần đạt", "needed", needed),
        ("Năm 2025", "before", before),
        ("Năm 2026", "now", [*now, None, None, None]),
    ]
    return SimpleNamespace(
        year=2026,
        chart=line_chart(series, [str(month) for month in range(1, 13)]),
        lines=[
            SimpleNamespace(month=month, added=one - last, now=one, before=before[month - 1], needed=needed[month - 1])
            for month, (one, last) in enumerate(zip(now, [0, *now[:-1]], strict=True), 1)
        ],
    )


def _outline() -> list[Any]:
    lines = [("Làm quen: tài khoản định danh và dịch vụ công", 8), ("Mua sắm trực tuyến an toàn", 9), ("Tự bảo vệ", 7)]
    return [
        SimpleNamespace(
            step=SimpleNamespace(path="#muc-luc", title=title, minutes=minutes),
            number=number,
            is_done=number == 1,
            is_now=number == 2,
            is_here=False,
        )
        for number, (title, minutes) in enumerate(lines, 1)
    ]


def _jobs() -> list[dict[str, Any]]:
    """The states of a long job that need no file: waiting, running, failed with a way on."""
    said = {"title": "Kiểm tra danh sách Tổ số 3", "error": "Tệp thiếu cột «Họ và tên».", "fix": "Sửa rồi gửi lại."}
    waits, runs = SimpleNamespace(**said, state="waiting"), SimpleNamespace(**said, state="running")
    nowhere, halfway = SimpleNamespace(percent=None), SimpleNamespace(percent=62, note="dòng 620")
    return [
        {"job": waits, "is_unfinished": True, "progress": nowhere},
        {"job": runs, "is_unfinished": True, "progress": halfway, "minutes_left": 2},
        {"job": runs, "is_failed": True, "progress": nowhere, "way_on": ("#viec", "Gửi tệp đã sửa")},
    ]


def styleguide_samples(request: HttpRequest) -> dict[str, Any]:
    """Everything the page needs, by the names that the components' templates know; the ground is in the address."""
    ground = request.GET.get("nen", "")
    return {
        "grounds": GROUNDS,
        "display": Display(contrast=request.GET.get("tuong-phan") == "cao", ground=ground if ground in GROUNDS else ""),
        "form": SampleForm({"full_name": "Nguyễn Thị Ngọc Ưỡng", "phone": "0912", "commune": "2"}),
        "listed": Paginator(range(120), 20).get_page(request.GET.get("trang")),
        "trend": _trend(),
        "outline": _outline(),
        "jobs": _jobs(),
        "bars": [
            SimpleNamespace(percent=94.5, bar="78%", tick="83%", is_low=False),
            SimpleNamespace(percent=62.3, bar="52%", tick="83%", is_low=True),
        ],
        **_questions(),
    }
