"""Files as other systems and people write them, retyped as facts of the formats: every question comes out right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from quizzes.formats import Entry, Parsed, detect, parse

FILES = Path(__file__).parent / "files"


def read(name: str) -> Parsed:
    return parse((FILES / name).read_bytes(), name=name)


def by_name(parsed: Parsed) -> dict[str, Entry]:
    return {entry.name: entry for entry in parsed.entries}


def options(entry: Entry) -> list[tuple[Any, ...]]:
    return [(o["text"], o["correct"], o.get("weight"), o["feedback"]) for o in entry.content["options"]]


def accepted(entry: Entry, field: str) -> list[tuple[str, ...]]:
    return [
        (r[field], r.get("tolerance", ""), r["weight"], r["feedback"]) for r in entry.content["settings"]["accepted"]
    ]


@pytest.mark.parametrize(
    ("name", "format"), [("moi-cau-truc.gift", "gift"), ("windows-1258.txt", "aiken"), ("moodle.xml", "moodle")]
)
def test_each_file_is_known(name: str, format: str) -> None:
    assert detect("", (FILES / name).read_bytes()) == format


GIFT_OPTIONS: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
    "Mật khẩu mạnh": (
        "single",
        [
            ("12345678", False, None, "Ai cũng thử dãy này trước."),
            ("ngày sinh", False, None, ""),
            ("một câu dài chỉ bạn biết", True, None, "Đúng, dài thì khó dò."),
        ],
    ),
    "Một phần điểm": (
        "single",
        [
            ("Xác thực hai bước", True, "100", ""),
            ("Đổi mật khẩu", False, "50", ""),
            ("Cho mượn tài khoản", False, None, ""),
        ],
    ),
    "Nhiều đáp án": (
        "multiple",
        [
            ("Không bấm đường dẫn lạ", True, None, ""),
            ("Hỏi người thân", True, None, ""),
            ("Gửi mã OTP", False, None, ""),
            ("Chuyển tiền ngay", False, None, ""),
        ],
    ),
    "Trọng số riêng": (
        "multiple",
        [("Bàn phím", True, "60", ""), ("Chuột", True, "40", ""), ("Màn hình", False, "-100", "")],
    ),
    "Kẹp trọng số": ("single", [("A", True, "100", ""), ("B", False, "-100", ""), ("C", False, None, "")]),
    "Đúng sai": (
        "true_false",
        [("Đúng", True, None, "Đúng vậy."), ("Sai", False, None, "Sai rồi: ngân hàng không bao giờ hỏi.")],
    ),
    "Sai": ("true_false", [("Đúng", False, None, ""), ("Sai", True, None, "")]),
    "Điền giữa câu": (
        "single",
        [("ở xã", False, None, ""), ("trực tuyến", True, None, ""), ("bằng giấy", False, None, "")],
    ),
    "HTML": ("single", [("<b> đậm", True, None, ""), ("không", False, None, "")]),
    "Ký tự đặc biệt": ("single", [("a=b", True, None, ""), ("c~d", False, None, "")]),
    "Câu cuối": ("true_false", [("Đúng", True, None, ""), ("Sai", False, None, "")]),
}


@pytest.mark.parametrize("name", GIFT_OPTIONS)
def test_gift_choices(name: str) -> None:
    entry = by_name(read("moi-cau-truc.gift"))[name]
    assert (entry.content["kind"], options(entry)) == GIFT_OPTIONS[name]


def test_gift_words_and_what_stands_beside() -> None:
    found = by_name(read("moi-cau-truc.gift"))
    first = found["Mật khẩu mạnh"]
    assert (first.code, first.tags, first.category) == ("mk-01", ("mật khẩu", "cơ bản"), "An toàn số/Mật khẩu")
    assert (first.where, first.line) == ("dòng 5", 5)
    assert first.content["explanation"] == "Độ dài quan trọng hơn ký tự lạ."
    assert found["Đúng sai"].category == "An toàn số"
    assert found["Nhiều đáp án"].content["settings"] == {"credit": "partial"}
    assert found["Điền giữa câu"].content["text"] == "Dịch vụ công _____ giúp tiết kiệm thời gian."
    assert found["HTML"].content["text"] == "Công thức nước là H₂O.\nChọn đúng:"
    assert found["Ký tự đặc biệt"].content["text"] == "Trong { } có ~ = # : và \\ thì sao?\nDòng hai."
    assert found["Công thức"].content["text"] == "Giá trị của \\(x^2\\) khi x = 2?"


def test_gift_written_answers() -> None:
    found = by_name(read("moi-cau-truc.gift"))
    assert accepted(found["Trả lời ngắn"], "text") == [("Hà Nội", "", "100", ""), ("Ha Noi", "", "50", "Thiếu dấu.")]
    assert found["Trả lời ngắn"].content["settings"]["fallback"] == "Xem lại bản đồ."
    assert accepted(found["Số"], "value") == [("3.14", "0.01", "100", "")]
    assert accepted(found["Khoảng"], "value") == [("3.5", "0.5", "100", "")]
    assert accepted(found["Nhiều số"], "value") == [
        ("2022", "0", "100", "Chính xác."),
        ("2022", "1", "50", "Gần đúng."),
    ]
    assert found["Nhiều số"].content["settings"]["fallback"] == "Xem lại."
    settings = found["Ghép"].content["settings"]
    assert [pair["left"] for pair in settings["pairs"]] == ["Công an", "Cứu hoả", "Cấp cứu"]
    assert [choice["text"] for choice in settings["choices"]] == ["113", "114", "115", "116"]
    assert found["Tự luận"].content["kind"] == "essay"


def test_gift_faults_and_notes_say_where() -> None:
    parsed = read("moi-cau-truc.gift")
    assert len(parsed.entries) == 18
    assert [(fault.where, fault.field) for fault in parsed.faults] == [
        ("dòng 63", "text"), ("dòng 65", "text"), ("dòng 67", "options")
    ]  # fmt: skip
    assert all(fault.fix for fault in parsed.faults)
    told = " ".join(note.text for note in parsed.notes)
    assert "1000 % vượt giới hạn nên lấy 100 %" in told
    assert "-250 % vượt giới hạn nên lấy -100 %" in told
    assert "đoạn mô tả" in told
    assert "tiêu chí chấm" in told


def test_aiken_of_an_old_windows() -> None:
    parsed = read("windows-1258.txt")
    assert [entry.content["text"] for entry in parsed.entries] == [
        "Cơ quan nào cấp căn cước?", "Số điện thoại báo cháy là số nào?", "Câu cuối, không xuống dòng ở cuối tệp"
    ]  # fmt: skip
    assert options(parsed.entries[0])[1] == ("Công an", True, None, "")
    assert options(parsed.entries[1])[1] == ("114", True, None, "")
    (fault,) = parsed.faults
    assert (fault.where, fault.problem) == ("dòng 16", "đáp án D không có trong câu (các đáp án: A, B)")


MOODLE_OPTIONS: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
    "Mật khẩu": ("single", [("12345678", False, None, "Quá dễ đoán."), ("một câu dài & riêng", True, None, "")]),
    "Nhiều": (
        "multiple",
        [
            ("Không bấm", True, None, ""), ("Hỏi lại", True, None, ""), ("Gửi OTP", False, None, ""),
            ("Chuyển tiền", False, None, ""),
        ],
    ),
    "Một phần": (
        "single",
        [("Hai bước", True, "100", ""), ("Đổi mật khẩu", False, "33.33333", ""), ("Không làm gì", False, None, "")],
    ),
    "Đúng sai": ("true_false", [("Đúng", False, None, "Không phải."), ("Sai", True, None, "Phải rồi.")]),
}  # fmt: skip


@pytest.mark.parametrize("name", MOODLE_OPTIONS)
def test_moodle_choices(name: str) -> None:
    entry = by_name(read("moodle.xml"))[name]
    assert (entry.content["kind"], options(entry)) == MOODLE_OPTIONS[name]


def test_moodle_words_and_what_stands_beside() -> None:
    parsed = read("moodle.xml")
    found = by_name(parsed)
    first = found["Mật khẩu"]
    assert (first.code, first.tags, first.category) == ("mk-01", ("mật khẩu", "cơ bản"), "Kỹ năng số/An toàn")
    assert first.content["text"] == "Mật khẩu nào mạnh nhất?"
    assert first.content["explanation"] == "Dài thì khó dò."
    (media,) = parsed.media
    assert (media.name, media.mime, media.data[:4]) == ("o khoa.png", "image/png", b"\x89PNG")
    assert first.content["media"] == [{"file": media.id, "alt": "Ổ khoá"}]
    assert found["Nhiều"].content["text"] == "Việc nào nên làm?\nChọn hai việc."
    assert found["Một phần"].content["text"] == "- Cách nào tốt?\n- Vì sao?"


def test_moodle_written_and_arranged() -> None:
    found = by_name(read("moodle.xml"))
    short, number = found["Ngắn"], found["Số"]
    assert accepted(short, "text") == [("CCCD", "", "100", ""), ("căn cước*", "", "50", "Viết tắt hơn.")]
    assert (short.content["settings"]["fold_case"], short.content["settings"]["fallback"]) == (False, "Xem lại.")
    assert accepted(number, "value") == [("1024", "24", "100", "")]
    assert number.content["settings"]["unit"] == "MB"
    settings = found["Ghép"].content["settings"]
    assert [choice["text"] for choice in settings["choices"]] == ["113", "115", "116"]
    assert [pair["left"] for pair in settings["pairs"]] == ["Công an", "Cấp cứu"]
    assert [option["text"] for option in found["Sắp xếp"].content["options"]] == ["Đăng nhập", "Điền tờ khai", "Nộp"]
    assert found["Sắp xếp"].content["settings"] == {"credit": "partial"}
    essay = found["Tự luận"].content["settings"]
    assert essay["rubric"][0]["levels"][-1]["text"] == "Nêu được ít nhất hai dấu hiệu."
    assert essay["least_words"] == 30


def test_moodle_gaps() -> None:
    found = by_name(read("moodle.xml"))
    cloze, dragged = found["Đục lỗ"].content, found["Kéo thả"].content
    assert cloze["text"] == "Thủ đô là [[1]], viết tắt [[2]], có [[3]] quận huyện; ở [[4]]."
    gaps = cloze["settings"]["gaps"]
    assert [gap["kind"] for gap in gaps] == ["short_text", "short_text", "numeric", "single"]
    assert [gap.get("fold_case") for gap in gaps[:2]] == [True, False]
    assert [(r["text"], r["weight"], r["feedback"]) for r in gaps[0]["accepted"]] == [
        ("Hà Nội", "100", ""), ("Ha Noi", "50", "Thiếu dấu")
    ]  # fmt: skip
    assert gaps[2]["accepted"] == [{"value": "30", "tolerance": "1", "weight": "100", "feedback": "Đúng"}]
    assert [(o["text"], o["correct"]) for o in gaps[3]["options"]] == [
        ("miền Nam", False), ("miền Bắc", True), ("miền Trung", False)
    ]  # fmt: skip
    assert dragged["text"] == "Nộp hồ sơ [[1]] bằng tài khoản [[2]]."
    assert [[(o["text"], o["correct"]) for o in gap["options"]] for gap in dragged["settings"]["gaps"]] == [
        [("trực tuyến", True), ("trực tiếp", False)], [("VNeID", True), ("Zalo", False)]
    ]  # fmt: skip


def test_moodle_faults_and_notes() -> None:
    parsed = read("moodle.xml")
    assert len(parsed.entries) == 11
    assert [(fault.field, "calculated" in fault.problem or "x.svg" in fault.problem) for fault in parsed.faults] == [
        ("", True), ("media", True)
    ]  # fmt: skip
    told = " ".join(note.text for note in parsed.notes)
    for words in ("đang ẩn", "đoạn mô tả", "chữ đậm", "đơn vị chính", "tiêu chí"):
        assert words in told
