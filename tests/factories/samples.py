"""One question of every kind, as an author gives it: what a lesson about cheating on the phone would ask."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from quizzes.models import Bank, Question
from quizzes.services import question_save

#: The file that the question on a picture names; a test that looks at it makes a MediaFile of this uuid.
PICTURE = UUID("5b1f2b9e-4f7a-4d36-9f0c-7a1f4f1f7c11")


def _options(*texts: str, right: str) -> list[dict[str, Any]]:
    return [
        {"key": key, "text": text, "correct": key in right, "feedback": f"Vì sao «{text}»."}
        for key, text in zip("abcdefgh", texts, strict=False)
    ]


def _area(x: int, y: int, width: int, height: int) -> dict[str, Any]:
    return {"x": x, "y": y, "width": width, "height": height}


SINGLE: dict[str, Any] = {
    "kind": "single",
    "text": "Người lạ gọi điện hỏi mã OTP. Bác làm gì?",
    "options": _options("Đọc mã cho họ", "Không đọc và gác máy", "Nhắn mã qua Zalo", right="b"),
    "explanation": "Mã OTP chỉ dành cho người nhận.",
}
MULTIPLE: dict[str, Any] = {
    "kind": "multiple",
    "text": "Dấu hiệu nào là của tin nhắn lừa đảo?",
    "options": _options("Đường dẫn lạ", "Giục chuyển tiền ngay", "Tên người gửi quen", "Lời chúc năm mới", right="ab"),
    "settings": {"credit": "partial"},
}
TRUE_FALSE: dict[str, Any] = {
    "kind": "true_false",
    "text": "Công an làm việc và phạt tiền qua điện thoại.",
    "options": _options("Đúng", "Sai", right="b"),
}
SHORT_TEXT: dict[str, Any] = {
    "kind": "short_text",
    "text": "Ứng dụng định danh điện tử quốc gia tên là gì?",
    "settings": {
        "accepted": [{"text": "VNeID", "feedback": "Đúng tên."}, {"text": "*định danh*", "weight": "50"}],
        "fold_accents": True,
        "fallback": "Tên có năm chữ cái.",
    },
}
NUMERIC: dict[str, Any] = {
    "kind": "numeric",
    "text": "Gói 4G 30 ngày giá 1.500 đồng mỗi ngày, có mấy nghìn đồng một tháng?",
    "settings": {"accepted": [{"value": "45", "tolerance": "0.5"}], "unit": "nghìn đồng"},
}
MATCHING: dict[str, Any] = {
    "kind": "matching",
    "text": "Ghép việc cần làm với nơi làm.",
    "settings": {
        "pairs": [
            {"left": "Nộp hồ sơ khai sinh", "right": "r1"},
            {"left": "Đặt lịch khám bệnh", "right": "r2"},
            {"left": "Đóng tiền điện", "right": "r3"},
        ],
        "choices": [
            {"key": "r1", "text": "Cổng dịch vụ công"},
            {"key": "r2", "text": "Ứng dụng của bệnh viện"},
            {"key": "r3", "text": "Ứng dụng ngân hàng"},
            {"key": "r4", "text": "Mạng xã hội"},
        ],
    },
}
ORDERING: dict[str, Any] = {
    "kind": "ordering",
    "text": "Sắp các bước nộp hồ sơ trực tuyến.",
    "options": [{"text": "Đăng nhập"}, {"text": "Điền tờ khai"}, {"text": "Nộp và lưu mã hồ sơ"}],
    "settings": {"credit": "partial"},
}
BLANKS: dict[str, Any] = {
    "kind": "blanks",
    "text": "Gọi [[1]] để báo cháy. Mật khẩu nên dài từ [[2]] ký tự và [[3]] dùng lại.",
    "settings": {
        "gaps": [
            {"key": "1", "kind": "numeric", "accepted": [{"value": "114"}]},
            {"key": "2", "kind": "short_text", "accepted": [{"text": "12"}, {"text": "mười hai"}]},
            {"key": "3", "kind": "single", "options": _options("nên", "không nên", right="b")},
        ]
    },
}
HOTSPOT: dict[str, Any] = {
    "kind": "hotspot",
    "text": "Chọn nơi cho biết trang này là giả.",
    "media": [{"file": str(PICTURE), "alt": "Ảnh chụp một trang web giả cổng dịch vụ công."}],
    "options": [
        {"text": "Thanh địa chỉ", "correct": True, "feedback": "Tên miền lạ."} | _area(0, 0, 100, 10),
        {"text": "Hình quốc huy", "correct": False, "feedback": "Ai cũng chép được."} | _area(5, 15, 20, 20),
    ],
}
SCENARIO: dict[str, Any] = {
    "kind": "scenario",
    "text": "Bác Ước nhận tin nhắn: «Tài khoản của bác sắp bị khoá».\nTin có một đường dẫn.",
    "settings": {
        "parts": [
            {"kind": "true_false", "text": "Bác nên bấm vào đường dẫn.", "options": _options("Đúng", "Sai", right="b")},
            {
                "kind": "multiple",
                "text": "Bác nên gọi cho ai?",
                "options": _options("Ngân hàng", "Tổ công nghệ số", "Số trong tin nhắn", right="ab"),
            },
            {
                "kind": "short_text",
                "text": "Loại lừa đảo này gọi là gì?",
                "settings": {"accepted": [{"text": "giả mạo"}]},
            },
        ]
    },
}
ESSAY: dict[str, Any] = {
    "kind": "essay",
    "text": "Bác sẽ chỉ cho hàng xóm cách nhận ra tin lừa đảo thế nào?",
    "settings": {
        "rubric": [
            {"title": "Nêu dấu hiệu", "levels": [{"text": "Chưa nêu", "points": 0}, {"text": "Đủ", "points": 3}]},
            {"title": "Dễ hiểu", "levels": [{"text": "Khó hiểu", "points": 0}, {"text": "Rõ ràng", "points": 1}]},
        ],
        "most_words": 300,
    },
}
SAMPLES: dict[str, dict[str, Any]] = {
    sample["kind"]: sample
    for sample in (
        SINGLE,
        MULTIPLE,
        TRUE_FALSE,
        SHORT_TEXT,
        NUMERIC,
        MATCHING,
        ORDERING,
        BLANKS,
        HOTSPOT,
        SCENARIO,
        ESSAY,
    )
}


def sample_bank(slug: str = "du-loai", *, kinds: tuple[str, ...] = tuple(SAMPLES)) -> Bank:
    """A bank with one question of each of the kinds; a question's code is its kind."""
    bank = Bank.objects.create(slug=slug, name="Ngân hàng đủ loại câu")
    for kind in kinds:
        question_save(bank=bank, code=kind, content=SAMPLES[kind])
    return bank


def questions_of(bank: Bank) -> dict[str, Question]:
    """The questions of a bank by code."""
    return {question.code: question for question in bank.questions.all()}
