"""The audit log in words that people read: what each act is called, and what changed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from common.models import AuditEntry
from common.text import vi_date, vi_number
from people.models import Audience, Channel, Gender, Role, UnitKind
from people.phones import show_phone

PEOPLE, ROSTERS, UNITS, TEAMS, ACCOUNTS, LEARNING, CERTIFICATES, FIGURES, EXPORTS = (
    "nguoi", "danh-sach", "don-vi", "to", "tai-khoan", "hoc-tap", "chung-nhan", "chi-tieu", "xuat",
)  # fmt: skip
GROUPS = {
    PEOPLE: "Vai trò và thành viên",
    ROSTERS: "Nhập danh sách",
    UNITS: "Cơ cấu đơn vị",
    TEAMS: "Tổ và lời nhắc",
    ACCOUNTS: "Tài khoản và phiếu",
    LEARNING: "Bài thực hành và bài kiểm tra",
    CERTIFICATES: "Cấp chứng nhận",
    FIGURES: "Chỉ tiêu và báo cáo",
    EXPORTS: "Xuất dữ liệu",
}
#: Every act that is recorded anywhere: its group and its name. A test holds this list against the code.
ACTS: dict[str, tuple[str, str]] = {
    "membership_add": (PEOPLE, "Thêm thành viên"),
    "membership_change": (PEOPLE, "Sửa thành viên"),
    "membership_end": (PEOPLE, "Ghi người thôi thuộc đơn vị"),
    "membership_take_back": (PEOPLE, "Rút lại tư cách thành viên chưa có hiệu lực"),
    "roster_upload": (ROSTERS, "Gửi tệp danh sách"),
    "roster_apply": (ROSTERS, "Nhập danh sách"),
    "roster_cancel": (ROSTERS, "Bỏ danh sách"),
    "roster_leavers_confirm": (ROSTERS, "Xác nhận người rời đơn vị"),
    "roster_person_add": (ROSTERS, "Thêm người từ danh sách"),
    "roster_person_change": (ROSTERS, "Cập nhật người từ danh sách"),
    "unit_add": (UNITS, "Thêm đơn vị"),
    "unit_rename": (UNITS, "Đổi tên đơn vị"),
    "unit_correct": (UNITS, "Sửa tên vừa đặt"),
    "unit_move": (UNITS, "Chuyển đơn vị"),
    "unit_merge": (UNITS, "Sáp nhập đơn vị"),
    "unit_split": (UNITS, "Chia tách đơn vị"),
    "unit_close": (UNITS, "Kết thúc đơn vị"),
    "structure_import": (UNITS, "Nhập cơ cấu mới"),
    "succession_set": (UNITS, "Chọn đơn vị kế tiếp"),
    "team_remind": (TEAMS, "Nhắc thành viên tổ học"),
    "team_leaders_remind": (TEAMS, "Nhắc các tổ trưởng"),
    "team_reconstitute": (TEAMS, "Kiện toàn tổ"),
    "account_claim": (ACCOUNTS, "Nhận tài khoản"),
    "claim_disowned": (ACCOUNTS, "Báo tài khoản không phải của mình"),
    "slip_print": (ACCOUNTS, "In phiếu nhận tài khoản"),
    "slip_password_reset": (ACCOUNTS, "Đặt mật khẩu bằng phiếu"),
    "slip_wrong_year": (ACCOUNTS, "Gõ sai năm sinh của phiếu"),
    "account_add": (ACCOUNTS, "Thêm tài khoản"),
    "account_change": (ACCOUNTS, "Sửa tài khoản"),
    "account_rights": (ACCOUNTS, "Đổi quyền của tài khoản"),
    "person_looked_up": (PEOPLE, "Tra cứu người ngoài phạm vi"),
    "second_step_reset": (ACCOUNTS, "Gỡ bước xác nhận thứ hai"),
    "submission_accept": (LEARNING, "Xác nhận bài thực hành"),
    "submission_return": (LEARNING, "Trả bài thực hành để làm lại"),
    "bank_import": (LEARNING, "Nhập câu hỏi từ tệp"),
    "bank_delete": (LEARNING, "Xoá ngân hàng câu hỏi"),
    "question_delete": (LEARNING, "Xoá câu hỏi"),
    "question_move": (LEARNING, "Chuyển câu hỏi sang ngân hàng khác"),
    "question_review": (LEARNING, "Duyệt câu hỏi"),
    "question_regrade": (LEARNING, "Chấm lại câu hỏi"),
    "essay_grade": (LEARNING, "Chấm bài tự luận"),
    "essay_regrade": (LEARNING, "Sửa điểm bài tự luận"),
    "attempt_read": (LEARNING, "Xem bài làm của người học"),
    "quiz_accommodate": (LEARNING, "Cho thêm giờ hoặc lượt làm bài"),
    "batch_propose": (CERTIFICATES, "Đề nghị cấp"),
    "batch_item_exclude": (CERTIFICATES, "Loại một người khỏi đợt cấp"),
    "batch_items_exclude": (CERTIFICATES, "Loại người khỏi đợt cấp"),
    "batch_items_hold": (CERTIFICATES, "Tạm giữ người cho đợt sau"),
    "batch_items_release": (CERTIFICATES, "Đưa người lại vào đợt cấp"),
    "batch_items_name_confirm": (CERTIFICATES, "Chọn cách ghi họ tên, ngày sinh"),
    "batch_check": (CERTIFICATES, "Kiểm tra đợt cấp"),
    "batch_approve": (CERTIFICATES, "Duyệt đợt cấp"),
    "batch_number": (CERTIFICATES, "Cấp số cho đợt cấp"),
    "handoff_pack": (CERTIFICATES, "Lấy gói giấy để ký"),
    "handoff_return": (CERTIFICATES, "Nhận giấy đã ký"),
    "batch_reject": (CERTIFICATES, "Không duyệt đợt cấp"),
    "batch_pause": (CERTIFICATES, "Tạm dừng đợt cấp"),
    "batch_resume": (CERTIFICATES, "Cho đợt cấp chạy tiếp"),
    "batch_files_retry": (CERTIFICATES, "Làm lại tệp gặp lỗi"),
    "certificates_hand_over": (CERTIFICATES, "Ghi đã giao giấy"),
    "certificates_hand_over_undo": (CERTIFICATES, "Bỏ ghi nhận giao giấy"),
    "certificate_revoke": (CERTIFICATES, "Thu hồi giấy"),
    "design_publish": (CERTIFICATES, "Công bố mẫu giấy"),
    "design_retire": (CERTIFICATES, "Thôi dùng mẫu giấy"),
    "series_add": (CERTIFICATES, "Lập loại giấy"),
    "series_change": (CERTIFICATES, "Sửa loại giấy"),
    "certificate_cancel": (CERTIFICATES, "Huỷ bỏ giấy"),
    "certificate_reissue": (CERTIFICATES, "Cấp lại giấy"),
    "certificate_correct": (CERTIFICATES, "Chỉnh sửa giấy"),
    "certificate_copy": (CERTIFICATES, "Cấp bản sao từ sổ gốc"),
    "book_close": (CERTIFICATES, "Khoá sổ gốc"),
    "register_export": (CERTIFICATES, "Xuất sổ gốc"),
    "paper_import": (CERTIFICATES, "Ghi lại giấy từ sổ giấy"),
    "kpi.closed": (FIGURES, "Chốt số liệu"),
    "kpi.closings_compared": (EXPORTS, "Xuất bảng so sánh hai lần chốt"),
    "target_set": (FIGURES, "Đặt mục tiêu của chỉ tiêu"),
    "target_withdraw": (FIGURES, "Rút mục tiêu của chỉ tiêu"),
    "target_allocate": (FIGURES, "Giao chỉ tiêu cho đơn vị"),
    "population_set": (FIGURES, "Ghi số người phải học"),
    "populations_import": (FIGURES, "Nhập số người phải học từ tệp"),
    "declaration_submit": (FIGURES, "Báo số liệu của chỉ tiêu"),
    "declaration_approve": (FIGURES, "Duyệt số liệu đơn vị báo"),
    "declaration_return": (FIGURES, "Trả lại số liệu đơn vị báo"),
    "declaration_withdraw": (FIGURES, "Rút số liệu đã báo"),
    "kpi.missing_reminded": (FIGURES, "Nhắc người chưa học"),
    "kpi.leaders_reminded": (FIGURES, "Nhắc người phụ trách về người chưa học"),
    "kpi.missing_exported": (EXPORTS, "Xuất danh sách người chưa học"),
    "kpi.moved_exported": (EXPORTS, "Xuất danh sách người thêm, bớt từ khi chốt"),
    "kpi.duty_set": (FIGURES, "Đặt lịch báo cáo"),
    "kpi.due_handed_in": (FIGURES, "Ghi đã nộp báo cáo"),
    "kpi.due_reopened": (FIGURES, "Mở lại báo cáo đã ghi nộp"),
    "kpi.due_excused": (FIGURES, "Miễn nộp báo cáo"),
    "kpi.decision_span_set": (FIGURES, "Đặt thời hạn hiệu lực của văn bản"),
    "kpi.dues_reminded": (FIGURES, "Nhắc nộp báo cáo"),
    "kpi.report_drafted": (FIGURES, "Lập báo cáo"),
    "kpi.report_saved": (FIGURES, "Sửa báo cáo"),
    "kpi.report_issued": (FIGURES, "Ban hành báo cáo"),
    "kpi.report_files_made": (FIGURES, "Tạo tệp báo cáo"),
    "kpi.report_dropped": (FIGURES, "Xoá báo cáo đang soạn"),
    "kpi.people_exported": (EXPORTS, "Xuất danh sách người sau con số"),
    "certificates_bundle": (EXPORTS, "Đóng gói tệp cả đợt cấp"),
    "delivery_export": (EXPORTS, "Xuất danh sách giao nhận"),
    "audit_export": (EXPORTS, "Xuất nhật ký"),
    "roster_export": (EXPORTS, "Xuất danh sách người"),
    "roster_rejects_export": (EXPORTS, "Xuất các dòng cần sửa"),
}
FIELDS = {
    "added": "Đơn vị thêm",
    "after": "Sau",
    "applied": "Đã nhập",
    "asked_by": "Người đề nghị",
    "audience": "Đối tượng",
    "before": "Trước",
    "birth_date": "Ngày sinh",
    "certificates": "Số giấy",
    "changed": "Có thay đổi",
    "checksum": "Mã xác thực",
    "chosen": "Cách ghi",
    "claimed_at": "Nhận tài khoản lúc",
    "code": "Mã",
    "comment": "Nhận xét",
    "completion": "Lượt hoàn thành",
    "contact_phone": "Số điện thoại liên hệ",
    "completed_on": "Ngày hoàn thành",
    "copies": "Số bản sao",
    "count": "Số lượng",
    "course_hours": "Số giờ",
    "course_title": "Khoá học",
    "day_from": "Từ ngày",
    "day_to": "Đến ngày",
    "decision": "Văn bản",
    "decision_date": "Ngày quyết định",
    "decision_number": "Số quyết định",
    "doubtful": "Cần xem lại",
    "dropped": "Số báo cáo bỏ khỏi lịch",
    "due": "Hạn nộp",
    "ended": "Đơn vị kết thúc",
    "earlier": "Kỳ trước",
    "effective_on": "Từ ngày",
    "email": "Email",
    "extra_attempts": "Thêm số lần làm bài",
    "extra_minutes": "Thêm số phút",
    "figures": "Số con số",
    "file_name": "Tên tệp",
    "filters": "Điều kiện lọc",
    "first": "Số đầu",
    "followed": "Theo dõi",
    "format": "Dạng tệp",
    "full_name": "Họ và tên",
    "gender": "Giới tính",
    "group": "Nhóm việc",
    "holder_birth_date": "Ngày sinh",
    "holder_name": "Người được cấp",
    "hashes": "Mã băm của các tệp",
    "handed_over_on": "Ngày giao",
    "how": "Bằng",
    "indicator": "Chỉ tiêu",
    "is_main": "Đơn vị chính",
    "later": "Kỳ sau",
    "second_step": "Bước thứ hai",
    "is_superuser": "Toàn quyền",
    "is_staff": "Vào trang quản trị",
    "is_active": "Đang hoạt động",
    "kind": "Loại",
    "last": "Số cuối",
    "joined": "Thêm vào",
    "leader": "Tổ trưởng",
    "left": "Rời đi",
    "on": "Ngày",
    "period": "Kỳ",
    "left_percent": "Phần trăm rời đi",
    "members": "Thành viên",
    "membership": "Thành viên",
    "merged": "Đơn vị sáp nhập",
    "moved": "Đơn vị chuyển",
    "name": "Tên",
    "names": "Họ và tên",
    "new": "Người mới",
    "note": "Ghi chú",
    "number": "Số",
    "parent": "Đơn vị cấp trên",
    "parts": "Chia tách thành",
    "passes_gained": "Bài đạt thêm",
    "people": "Số người",
    "refused": "Số tệp chưa nhận",
    "points": "Điểm câu",
    "quiz": "Bài kiểm tra",
    "phone": "Số điện thoại",
    "phone_verified": "Số điện thoại đã xác nhận",
    "bank": "Ngân hàng câu hỏi",
    "slug": "Tên trong địa chỉ",
    "reason": "Lý do",
    "reason_class": "Nhóm lý do",
    "received_by": "Người nhận",
    "renamed": "Đơn vị đổi tên",
    "reused": "Mã dùng lại",
    "rejected": "Không nhập được",
    "replaced_by": "Thay bằng giấy số",
    "resets": "Phiếu đặt lại mật khẩu",
    "repeated": "Dòng trùng người",
    "role": "Vai trò",
    "roster": "Danh sách",
    "rows": "Số dòng",
    "score": "Kết quả",
    "skipped": "Bỏ qua",
    "slips": "Số phiếu",
    "split": "Đơn vị chia tách",
    "staff_code": "Mã cán bộ",
    "state": "Tình trạng",
    "step": "Bài học",
    "structure": "Cơ cấu",
    "successor": "Đơn vị kế tiếp",
    "team": "Để thêm vào tổ",
    "title": "Chức danh",
    "took_over": "Sáp nhập từ",
    "unchanged": "Không đổi",
    "unit": "Đơn vị",
    "user": "Người",
    "unplaced": "Người chưa xếp đơn vị",
    "valid_from": "Từ ngày",
    "valid_to": "Đến trước ngày",
    "valid_until": "Đến hết ngày",
    "whole_unit": "Tệp gồm tất cả mọi người",
    "words": "Tìm",
    "year": "Năm",
    "award_title": "Tên chương trình trên giấy",
    "basis": "Cấp cho người",
    "courses": "Khoá học",
    "design": "Mẫu giấy",
    "is_issued": "Đang cấp",
    "issuer": "Đơn vị cấp",
    "kinds": "Số loại giấy chuyển sang",
    "learning_path": "Lộ trình học",
    "min_hours": "Thời lượng tối thiểu (giờ)",
    "min_score": "Điểm tối thiểu",
    "needs_birth_date": "Bắt buộc có ngày sinh",
    "pattern": "Cách viết số",
    "place": "Nơi ghi trên giấy",
    "remind_days": "Nhắc trước khi hết hạn (ngày)",
    "series_kind": "Nhóm giấy",
    "signature": "Ảnh chữ ký",
    "signer_name": "Người ký",
    "signer_title": "Chức danh người ký",
    "signing": "Ký số",
    "suffix": "Ký hiệu trong số",
    "source": "Văn bản nguồn",
    "source_date": "Ngày văn bản",
    "target": "Mục tiêu",
    "until": "Tính đến ngày",
    "value": "Con số",
    "evidence": "Minh chứng",
    "declared_by": "Người báo",
    "file_sha256": "Mã kiểm của tệp",
    "valid_months": "Có giá trị (tháng)",
}
#: What only programs compare.
_UNSAID = frozenset({"form_version", "sha256", "sums", "version"})
HOW = {"phone": "mã gửi về điện thoại", "email": "mã gửi qua email", "slip": "phiếu in"}
STATES = {
    "valid": "còn hiệu lực",
    "revoked": "đã thu hồi",
    "cancelled": "đã huỷ bỏ",
    "replaced": "đã được thay thế",
}
#: As ``certificates.models.ReasonClass`` names them; a test holds the two against each other.
REASON_CLASSES = {
    "fraud": "Gian lận trong học tập, kiểm tra hoặc hồ sơ",
    "not_entitled": "Không đủ điều kiện được cấp",
    "wrong_content": "Nội dung ghi sai",
    "lost": "Bản giấy bị mất hoặc hư hỏng",
    "on_request": "Theo đề nghị của người được cấp",
    "other": "Lý do khác",
}
_CHOICES: dict[str, dict[str, str]] = {
    "role": {str(value): str(label) for value, label in Role.choices},
    "gender": {str(value): str(label) for value, label in Gender.choices},
    "kind": {str(value): str(label) for value, label in UnitKind.choices},
    "channel": {str(value): str(label) for value, label in Channel.choices},
    "state": STATES,
    "reason_class": REASON_CLASSES,
    "how": HOW,
}
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")
_MOST = 12  # of a long list


@dataclass(frozen=True)
class Change:
    """One field of an act: what it was and what it became; ``before`` is None for a plain fact."""

    label: str
    before: str | None
    after: str


def act_name(act: str) -> str:
    """What the act is called; its code in plain letters where nobody named it."""
    return ACTS[act][1] if act in ACTS else act.replace("_", " ").replace(".", " ")


def acts_of(group: str) -> list[str]:
    """The acts of a group of the search form."""
    return [act for act, (its_group, _) in ACTS.items() if its_group == group]


@dataclass(frozen=True)
class Known:
    """Names behind codes and uuids, read once for many entries."""

    audiences: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)


def changes_of(entry: AuditEntry, known: Known | None = None) -> list[Change]:
    """What an entry says, in words: first what changed, then the facts that go with it."""
    words = _Words(known or Known())
    changed = [
        Change(_label(field), words.of(field, entry.before.get(field)), words.of(field, entry.after.get(field)))
        for field in dict.fromkeys([*entry.before, *entry.after])
    ]
    facts = [
        Change(_label(field), None, words.of(field, value))
        for field, value in entry.detail.items()
        if field not in _UNSAID
    ]
    said_already = {NOTHING, entry.subject_name}
    return [c for c in changed if c.before != c.after] + [f for f in facts if f.after not in said_already]


def uuids_in(entry: AuditEntry) -> set[str]:
    """Whom and what an entry names by uuid."""
    said = [*entry.before.values(), *entry.after.values(), *entry.detail.values()]
    flat = (one for value in said for one in (value if isinstance(value, list) else [value]))
    return {one for one in flat if _is_inner(one)}


def audience_names() -> dict[str, str]:
    """Names of audiences by code."""
    return {audience.code: str(audience) for audience in Audience.objects.all()}


NOTHING = "(trống)"


def _label(field: str) -> str:
    return FIELDS.get(field, field.replace("_", " ").capitalize())


class _Words:
    """Values as people write them."""

    def __init__(self, known: Known) -> None:
        self.names = known.names
        self.choices = {**_CHOICES, "audience": known.audiences}

    def of(self, field: str, value: Any) -> str:
        if isinstance(value, bool):
            return "có" if value else "không"
        if value is None or value == "" or value == [] or value == {}:
            return NOTHING
        if isinstance(value, int | float):
            return str(value) if field in {"year", "number"} else vi_number(value)
        if isinstance(value, list):
            return self._list(field, value)
        if isinstance(value, dict):
            said = {key: self.of(key, one) for key, one in value.items() if not _is_inner(one)}
            named = (f"{_label(key)} {one}" for key, one in said.items())
            return ", ".join(named) or NOTHING
        return self._text(field, str(value))

    def _list(self, field: str, values: list[Any]) -> str:
        known = [value for value in values if not _is_inner(value) or value in self.names]
        shown = "; ".join(self.of(field, value) for value in known[:_MOST])
        more = len(known) - _MOST
        return f"{shown} và {vi_number(more)} nữa" if more > 0 else shown or NOTHING

    def _text(self, field: str, text: str) -> str:
        if named := self.choices.get(field, {}).get(text):
            return named
        if _is_inner(text):
            return self.names.get(text, NOTHING)
        return _when(text) or (show_phone(text) if text.startswith("+") else text)


def _when(text: str) -> str:
    """A day or moment as people write it; empty for text that only looks like one."""
    try:
        if _DAY.fullmatch(text):
            return vi_date(date.fromisoformat(text))
        if _MOMENT.match(text):
            return timezone.localtime(datetime.fromisoformat(text)).strftime("%H:%M ngày %d/%m/%Y")
    except ValueError:
        pass
    return ""


def _is_inner(value: Any) -> bool:
    """Whether the value only means something to programs."""
    return isinstance(value, str) and bool(_UUID.fullmatch(value))
