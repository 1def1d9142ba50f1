"""Writing, finding, reviewing and moving questions in the editors' admin, and whose they are."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from common.models import AuditEntry
from people.models import Role
from quizzes.kinds import KINDS
from quizzes.models import Bank, MediaFile, Question, QuestionState, QuestionVersion, Quiz
from quizzes.services import question_save
from tests.conftest import _member
from tests.factories import cms as make

OPTIONS = [{"text": "Dừng lại", "correct": True}, {"text": "Chuyển tiền", "correct": False}]


def single(bank, code="c1", text="Bạn nên làm gì?", actor=None, **fields):
    content = {"kind": "single", "text": text, "options": OPTIONS}
    return question_save(bank=bank, code=code, content=content, actor=actor, **fields)[0]


@pytest.fixture
def world(province, editor):
    """The bank of a commune with its editor (the owner), the editor of another commune, one of the province."""
    owner = _member(province.north, province.staff, Role.EDITOR, "Lê Thị Chủ")
    colleague = _member(province.south, province.staff, Role.EDITOR, "Phạm Văn Bạn")
    top = _member(province.root, province.staff, Role.EDITOR, "Vũ Thị Tỉnh")
    reviewer = _member(province.root, province.staff, Role.CONTENT_REVIEWER, "Hồ Văn Duyệt")
    bank = Bank.objects.create(slug="cua-xa", name="Ngân hàng của xã", owner=province.north)
    other = Bank.objects.create(slug="cua-xa-kia", name="Ngân hàng xã kia", owner=province.south)
    question = single(bank, actor=owner)
    return SimpleNamespace(
        bank=bank, other=other, question=question, owner=owner, colleague=colleague, top=top, reviewer=reviewer,
        editor=editor, north=province.north, south=province.south,
    )  # fmt: skip


def sent(**fields):
    """A single-choice question as the form sends it."""
    return {
        "text": "Bạn nên làm gì?", "explanation": "Vì thế.", "difficulty": "2", "in_final": "on", "is_active": "on",
        "dap-an-rows": "4", "tep-rows": "0", "dap-an-0-text": "Dừng lại và hỏi", "dap-an-0-correct": "on",
        "dap-an-0-feedback": "Đúng.", "dap-an-1-text": "Chuyển tiền ngay", **fields,
    }  # fmt: skip


def add_at(bank, kind="single"):
    return f"{reverse('cau_hoi:add')}?bank={bank.pk}&loai={kind}"


def picture(name="hinh.png", color="red"):
    target = io.BytesIO()
    Image.new("RGB", (40, 30), color).save(target, "PNG")
    return SimpleUploadedFile(name, target.getvalue(), content_type="image/png")


# --- Whose ----------------------------------------------------------------------------------------------------------
PAGES = {
    "list": lambda w: (reverse("cau_hoi:index"), None),
    "bank": lambda w: (reverse("ngan_hang:bank", args=[w.bank.pk]), None),
    "bank_edit": lambda w: (reverse("ngan_hang:edit", args=[w.bank.pk]), None),
    "bank_delete": lambda w: (reverse("ngan_hang:delete", args=[w.bank.pk]), {}),
    "add": lambda w: (add_at(w.bank), None),
    "edit": lambda w: (reverse("cau_hoi:edit", args=[w.question.pk]), sent()),
    "preview": lambda w: (reverse("cau_hoi:preview", args=[w.question.pk]), None),
    "usage": lambda w: (reverse("cau_hoi:usage", args=[w.question.pk]), None),
    "versions": lambda w: (reverse("cau_hoi:versions", args=[w.question.pk]), None),
    "archive": lambda w: (reverse("cau_hoi:act", args=[w.question.pk]), {"viec": "cat"}),
    "delete": lambda w: (reverse("cau_hoi:act", args=[w.question.pk]), {"viec": "xoa"}),
    "export": lambda w: (reverse("ngan_hang:export", args=[w.bank.pk, "xlsx"]), None),
    "transfer": lambda w: (reverse("cau_hoi:transfer", args=[w.question.pk]), None),
}
READING = {"bank", "preview", "usage", "versions", "export", "transfer"}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", ["owner", "top", "colleague", "colleague_of_shared", "learner"])
def test_every_page_knows_whose_the_bank_is(client, world, learner, who, page):
    if who == "colleague_of_shared":
        Bank.objects.filter(pk=world.bank.pk).update(is_shared=True)
    person = learner if who == "learner" else getattr(world, who.partition("_of_")[0])
    client.force_login(person)
    address, data = PAGES[page](world)
    answer = client.get(address) if data is None else client.post(address, data)
    if who == "learner":
        expected = {403}
    elif who in ("owner", "top") or page == "list":
        expected = {200, 302}
    elif who == "colleague_of_shared" and page in READING:
        expected = {200}
    else:
        expected = {403}
    assert answer.status_code in expected
    if who.startswith("colleague"):
        assert Question.objects.filter(pk=world.question.pk, is_active=True, version=1).exists()


def test_a_list_shows_only_what_may_be_read(client, world):
    single(world.other, code="khac", text="Câu của xã kia?")
    client.force_login(world.colleague)
    shown = client.get(reverse("cau_hoi:index")).content.decode()
    assert "Câu của xã kia?" in shown
    assert world.question.text not in shown
    tree = client.get(reverse("ngan_hang:index")).content.decode()
    assert "Ngân hàng xã kia" in tree
    assert "Ngân hàng của xã" not in tree


def test_a_question_goes_only_from_what_is_read_into_what_is_written(client, world):
    client.force_login(world.colleague)
    address = reverse("cau_hoi:transfer", args=[world.question.pk])
    assert client.post(address, {"to": world.other.pk, "sao": "1"}).status_code == 403
    Bank.objects.filter(pk=world.bank.pk).update(is_shared=True)
    assert client.post(address, {"to": world.other.pk, "chuyen": "1"}).status_code == 403
    assert client.post(address, {"to": world.other.pk, "sao": "1"}).status_code == 302
    assert world.other.questions.get().text == world.question.text
    # Into a bank of others nothing goes, whatever the form says.
    client.force_login(world.owner)
    assert "Hãy chọn" in client.post(address, {"to": world.other.pk, "sao": "1"}).content.decode()
    assert world.other.questions.count() == 1


def test_a_bank_is_given_only_to_a_unit_of_ones_own(client, world):
    client.force_login(world.colleague)
    client.post(reverse("ngan_hang:add"), {"name": "Lấn", "owner": world.north.pk})
    assert not Bank.objects.filter(name="Lấn").exists()
    client.post(reverse("ngan_hang:add"), {"name": "Của tôi", "owner": world.south.pk, "needs_review": "on"})
    made = Bank.objects.get(name="Của tôi")
    assert (made.owner, made.needs_review, made.slug) == (world.south, True, "cua-toi")
    assert AuditEntry.objects.filter(act="bank_add", subject_uuid=made.uuid).exists()


# --- Banks ----------------------------------------------------------------------------------------------------------
def test_a_bank_needs_only_a_name_and_its_questions_no_codes(client, editor):
    client.force_login(editor)
    answer = client.post(reverse("ngan_hang:add"), {"name": "Chợ số: Bài 1", "slug": ""})
    bank = Bank.objects.get()
    assert (bank.slug, answer.status_code) == ("cho-so-bai-1", 302)
    another = f"{reverse('cau_hoi:add')}?bank={bank.pk}"
    assert another in client.get(answer.url).content.decode()
    chosen = client.get(another).content.decode()
    assert all(kind.label in chosen and f"loai={code}" in chosen for code, kind in KINDS.items())
    for text in ("Một?", "Hai?"):
        client.post(add_at(bank), sent(text=text))
    Question.objects.filter(code="cau-01").update(code="khac")
    client.post(add_at(bank), sent(text="Ba?"))
    assert sorted(Question.objects.values_list("code", flat=True)) == ["cau-02", "cau-03", "khac"]
    assert client.get(f"{reverse('cau_hoi:add')}?bank=999").status_code == 200


@pytest.mark.parametrize("data", [{"name": "Chợ số", "slug": ""}, {"name": "???", "slug": ""}])
def test_a_bank_without_an_address_of_its_own_is_told(client, editor, data):
    client.force_login(editor)
    Bank.objects.create(name="Chợ số", slug="cho-so")
    assert client.post(reverse("ngan_hang:add"), data).status_code == 200
    assert Bank.objects.count() == 1


def test_banks_never_stand_in_a_ring(client, editor):
    client.force_login(editor)
    top = Bank.objects.create(name="Trên", slug="tren")
    below = Bank.objects.create(name="Dưới", slug="duoi", parent=top)
    answer = client.post(reverse("ngan_hang:edit", args=[top.pk]), {"name": "Trên", "parent": below.pk})
    assert "không thể chứa nó" in answer.content.decode()
    top.refresh_from_db()
    assert top.parent is None


def test_a_bank_in_use_is_not_deleted_and_an_empty_one_is(client, world):
    client.force_login(world.owner)
    client.post(reverse("ngan_hang:delete", args=[world.bank.pk]))
    assert Bank.objects.filter(pk=world.bank.pk).exists()
    empty = Bank.objects.create(slug="trong", name="Trống", owner=world.north)
    client.post(reverse("ngan_hang:delete", args=[empty.pk]))
    assert not Bank.objects.filter(pk=empty.pk).exists()


@pytest.mark.parametrize("count", [3, 30])
def test_the_tree_costs_the_same_however_many_banks(client, editor, django_assert_max_num_queries, count):
    client.force_login(editor)
    top = Bank.objects.create(slug="tren", name="Trên")
    Bank.objects.bulk_create(Bank(slug=f"b{n}", name=f"Bank {n}", parent=top) for n in range(count))
    client.get(reverse("ngan_hang:index"))
    with django_assert_max_num_queries(24):
        assert f"Bank {count - 1}" in client.get(reverse("ngan_hang:index")).content.decode()


@pytest.mark.parametrize("count", [3, 30])
def test_the_list_costs_the_same_however_many_questions(client, editor, django_assert_max_num_queries, count):
    client.force_login(editor)
    make.bank(count)
    client.get(reverse("cau_hoi:index"))
    with django_assert_max_num_queries(24):
        client.get(reverse("cau_hoi:index"))


# --- Writing --------------------------------------------------------------------------------------------------------
def test_an_editor_writes_a_question_and_changes_it(client, editor):
    client.force_login(editor)
    bank = make.bank(0)
    client.post(add_at(bank), sent(code="moi-1", tags="an toàn, Mật khẩu", source_url="https://vi.example/a"))
    question = Question.objects.get()
    assert (question.version, question.source["url"]) == (1, "https://vi.example/a")
    assert sorted(question.tags.values_list("slug", flat=True)) == ["an-toan", "mat-khau"]
    edit = reverse("cau_hoi:edit", args=[question.pk])
    page = client.get(edit).content.decode()
    assert 'value="Chuyển tiền ngay"' in page
    assert "an toàn" in page
    assert "Mật khẩu" in page
    # A row taken out takes its key along; a new one gets a key that never meant anything else here.
    change = sent(code="khac", tags="", **{"dap-an-1-text": "", "dap-an-2-text": "Bấm thử", "dap-an-0-key": "a"})
    client.post(edit, change)
    question.refresh_from_db()
    assert (question.code, question.version) == ("moi-1", 2)
    assert [(o["key"], o["text"]) for o in question.options] == [("a", "Dừng lại và hỏi"), ("b", "Bấm thử")]
    assert not question.tags.exists()


NO_OPTIONS = dict.fromkeys(["dap-an-0-text", "dap-an-0-correct", "dap-an-0-feedback", "dap-an-1-text"], "")


@pytest.mark.parametrize(
    ("kind", "fields", "told"),
    [
        ("single", {"text": ""}, "Hãy điền mục này"),
        ("single", {"dap-an-0-correct": ""}, "Cần đúng một đáp án đúng, hiện có 0"),
        ("single", {"dap-an-1-correct": "on"}, "Cần đúng một đáp án đúng, hiện có 2"),
        ("single", NO_OPTIONS, "Chưa có đáp án"),
        ("single", {"dap-an-1-text": "Dừng lại và hỏi"}, "Có hai đáp án giống hệt nhau"),
        ("single", {"dap-an-2-feedback": "Không có chữ."}, "Đáp án này chưa có chữ"),
        ("multiple", {}, "ít nhất hai đáp án đúng"),
        ("single", {"code": "c1"}, "đã tồn tại"),
        ("single", {"source_url": "javascript:alert(1)"}, "phải bắt đầu bằng https://"),
        ("hotspot", {"vi-tri-rows": "0"}, "Chưa có đáp án"),
        ("blanks", {"text": "Không có chỗ trống"}, "Chưa có chỗ trống nào"),
    ],
)  # fmt: skip
def test_a_wrong_question_is_told_in_words(client, editor, kind, fields, told):
    client.force_login(editor)
    bank = make.bank(1)
    answer = client.post(add_at(bank, kind), sent(**fields))
    assert answer.status_code == 200
    assert told in answer.content.decode()
    assert Question.objects.count() == 1


def test_a_row_is_added_without_javascript_and_nothing_is_saved(client, editor):
    client.force_login(editor)
    bank = make.bank(0)
    page = client.post(add_at(bank), sent(them="dap-an", text="")).content.decode()
    assert 'name="dap-an-4-text"' in page
    assert 'name="dap-an-rows" value="5"' in page
    assert "Hãy điền mục này" not in page
    assert not Question.objects.exists()


def test_looking_at_it_as_learners_do_saves_nothing(client, editor):
    client.force_login(editor)
    bank = make.bank(0)
    page = client.post(add_at(bank), sent(**{"xem-thu": "1"})).content.decode()
    assert "Người học sẽ thấy" in page
    assert not Question.objects.exists()


def test_every_kind_opens_its_form(client, editor):
    client.force_login(editor)
    bank = make.bank(0)
    for kind in KINDS:
        assert client.get(add_at(bank, kind)).status_code == 200


def test_a_gap_question_is_written_in_two_steps(client, editor):
    client.force_login(editor)
    bank = make.bank(0)
    base = {"text": "Gọi [[1]] khi cháy.", "difficulty": "1", "in_final": "on", "is_active": "on", "tep-rows": "0"}
    shown = client.post(add_at(bank, "blanks"), {**base, "them": "cho-trong"}).content.decode()
    assert 'name="cho-1-kind"' in shown
    whole = {**base, "cho-1-key": "1", "cho-1-kind": "short_text", "cho-1-shown": "short_text",
             "cho-1-chap-nhan-rows": "2", "cho-1-chap-nhan-0-text": "114", "cho-1-cach-fold_case": "on"}  # fmt: skip
    client.post(add_at(bank, "blanks"), whole)
    gap = Question.objects.get().settings["gaps"][0]
    assert (gap["key"], [one["text"] for one in gap["accepted"]]) == ("1", ["114"])


# --- Files ----------------------------------------------------------------------------------------------------------
def test_a_picture_is_kept_at_once_and_once(client, editor):
    client.force_login(editor)
    bank = make.bank(0)
    data = {"text": "Nút nào?", "difficulty": "1", "in_final": "on", "is_active": "on", "tep-rows": "1"}
    shown = client.post(add_at(bank, "hotspot"), {**data, "tep-0-upload": picture(), "them": "hinh"}).content.decode()
    kept = MediaFile.objects.get()
    assert (kept.width, kept.height, kept.mime) == (40, 30, "image/png")
    assert str(kept.uuid) in shown
    assert kept.file.url in shown
    client.post(add_at(bank, "hotspot"), {**data, "tep-0-upload": picture("khac.png"), "them": "hinh"})
    assert MediaFile.objects.count() == 1
    area = {"vi-tri-rows": "2", "vi-tri-0-text": "Góc trái", "vi-tri-0-correct": "on", "vi-tri-0-x": "0",
            "vi-tri-0-y": "0", "vi-tri-0-width": "12,5", "vi-tri-0-height": "10", "vi-tri-1-text": "Góc phải",
            "vi-tri-1-x": "80", "vi-tri-1-y": "0", "vi-tri-1-width": "20", "vi-tri-1-height": "10"}  # fmt: skip
    sent_file = {"tep-0-file": str(kept.uuid), "tep-0-alt": "Màn hình đăng nhập"}
    client.post(add_at(bank, "hotspot"), {**data, **area, **sent_file})
    question = Question.objects.get()
    assert question.media == [{"file": str(kept.uuid), "alt": "Màn hình đăng nhập"}]
    assert question.options[0]["width"] == 12.5


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("virus.png", b"MZ" + b"\0" * 64),
        ("trang.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("a.pdf", b"%PDF-1.7"),
    ],
)
def test_what_is_no_picture_is_refused_beside_its_field(client, editor, name, content):
    client.force_login(editor)
    bank = make.bank(0)
    data = sent(**{"tep-rows": "1", "tep-0-alt": "x", "tep-0-upload": SimpleUploadedFile(name, content)})
    page = client.post(add_at(bank), data).content.decode()
    assert "tep-0-upload" in page
    assert not MediaFile.objects.exists()
    assert not Question.objects.exists()


def test_a_copied_question_takes_its_files_along(client, world):
    client.force_login(world.owner)
    data = sent(**{"tep-rows": "1", "tep-0-upload": picture(), "tep-0-alt": "Màn hình"})
    client.post(add_at(world.bank), {**data, "code": "co-hinh"})
    question = Question.objects.get(code="co-hinh")
    target = Bank.objects.create(slug="dich", name="Đích", owner=world.north)
    client.post(reverse("cau_hoi:transfer", args=[question.pk]), {"to": target.pk, "sao": "1"})
    made = target.questions.get()
    assert made.media[0]["file"] != question.media[0]["file"]
    assert MediaFile.objects.get(uuid=made.media[0]["file"]).bank == target


# --- Quizzes that lean on questions ---------------------------------------------------------------------------------
@pytest.mark.parametrize("change", [{"is_active": ""}, {"in_final": ""}])
def test_a_question_an_open_quiz_needs_stays_in_use(client, editor, change):
    client.force_login(editor)
    bank = make.bank(10)
    make.quiz(make.course_draft(), bank=bank)
    question = Question.objects.first()
    answer = client.post(reverse("cau_hoi:edit", args=[question.pk]), sent(**change))
    assert "đang cần câu này" in answer.content.decode()
    client.post(reverse("cau_hoi:act", args=[question.pk]), {"viec": "cat"})
    question.refresh_from_db()
    assert (question.is_active, question.in_final, question.version) == (True, True, 1)


def test_where_a_question_is_used_names_live_quizzes_drafts_and_sections(client, editor):
    client.force_login(editor)
    bank = make.bank(10)
    course = make.course_draft()
    make.quiz(course, "mot", bank=bank)
    page = make.quiz(course, "hai", bank=bank, live=False, question_codes="c1")
    section = {
        "type": "section",
        "value": {"title": "Phần hay", "bank": bank.pk, "codes": "c2", "difficulty": [], "tags": []},
    }
    make.quiz(course, "ba", bank=make.bank(1, "khac"), live=False, sections=[section])
    first, second = Question.objects.get(bank=bank, code="c1"), Question.objects.get(bank=bank, code="c2")
    shown = client.get(reverse("cau_hoi:usage", args=[first.pk])).content.decode()
    assert "Kiểm tra mot" in shown
    assert "có thể rút trúng" in shown
    assert page.title in shown
    assert "Kiểm tra ba" not in shown
    shown = client.get(reverse("cau_hoi:usage", args=[second.pk])).content.decode()
    assert "phần 1: câu cố định" in shown
    assert "Kiểm tra ba" in client.get(reverse("ngan_hang:bank", args=[bank.pk])).content.decode()


def test_a_question_that_a_quiz_names_is_neither_moved_nor_deleted(client, editor):
    client.force_login(editor)
    bank, target = make.bank(3), make.bank(0, "dich")
    course = make.course()
    make.quiz(course, bank=bank, question_codes="c1\nc2")
    assert Quiz.objects.get().question_codes == ["c1", "c2"]
    question = Question.objects.get(bank=bank, code="c1")
    client.post(reverse("cau_hoi:transfer", args=[question.pk]), {"to": target.pk, "chuyen": "1"})
    client.post(reverse("cau_hoi:act", args=[question.pk]), {"viec": "xoa"})
    question.refresh_from_db()
    assert question.bank == bank
    spare = Question.objects.get(bank=bank, code="c3")
    client.post(reverse("cau_hoi:act", args=[spare.pk]), {"viec": "xoa"})
    assert not Question.objects.filter(pk=spare.pk).exists()
    assert not QuestionVersion.objects.filter(question_id=spare.pk).exists()


# --- Review ---------------------------------------------------------------------------------------------------------
@pytest.fixture
def reviewed(world):
    Bank.objects.filter(pk=world.bank.pk).update(needs_review=True)
    world.bank.refresh_from_db()
    world.question = single(world.bank, code="moi", text="Câu mới?", actor=world.owner)
    assert world.question.state == QuestionState.DRAFT
    return world


#: State before, who, what they ask for, state after.
TABLE = [
    ("draft", "owner", "waiting", "waiting"),
    ("draft", "reviewer", "approved", "draft"),
    ("waiting", "owner", "approved", "waiting"),
    ("waiting", "owner", "draft", "draft"),
    ("waiting", "reviewer", "approved", "approved"),
    ("waiting", "reviewer", "draft", "draft"),
    ("waiting", "top", "approved", "waiting"),
    ("approved", "reviewer", "draft", "draft"),
    ("approved", "owner", "draft", "approved"),
    ("approved", "reviewer", "waiting", "approved"),
]


@pytest.mark.parametrize(("before", "who", "asked", "after"), TABLE)
def test_the_steps_of_a_review(client, reviewed, before, who, asked, after):
    Question.objects.filter(pk=reviewed.question.pk).update(state=before)
    client.force_login(getattr(reviewed, who))
    client.post(reverse("cau_hoi:act", args=[reviewed.question.pk]), {"viec": asked, "nhan-xet": "Xem lại"})
    reviewed.question.refresh_from_db()
    assert reviewed.question.state == after
    assert AuditEntry.objects.filter(act="question_review").count() == (before != after)


def test_nobody_approves_what_they_wrote(client, reviewed):
    QuestionVersion.objects.filter(question=reviewed.question)._raw_delete("default")
    QuestionVersion.objects.create(
        question=reviewed.question, number=1, content=reviewed.question.content, made_by=reviewed.reviewer
    )
    Question.objects.filter(pk=reviewed.question.pk).update(state="waiting")
    client.force_login(reviewed.reviewer)
    client.post(reverse("cau_hoi:act", args=[reviewed.question.pk]), {"viec": "approved"})
    reviewed.question.refresh_from_db()
    assert reviewed.question.state == "waiting"


def test_a_reviewer_reads_and_does_not_write(client, reviewed):
    client.force_login(reviewed.reviewer)
    assert client.get(reverse("cau_hoi:preview", args=[reviewed.question.pk])).status_code == 200
    assert client.post(reverse("cau_hoi:edit", args=[reviewed.question.pk]), sent()).status_code == 403
    assert client.get(reverse("ngan_hang:add")).status_code == 403


def test_versions_say_what_changed(client, world):
    single(world.bank, text="Bạn nên làm gì ngay?", actor=world.owner)
    client.force_login(world.owner)
    shown = client.get(reverse("cau_hoi:versions", args=[world.question.pk])).content.decode()
    assert "Đổi nội dung câu hỏi" in shown
    assert "Bạn nên làm gì ngay?" in shown
    assert "Đổi các đáp án" not in shown


# --- Finding --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "mat khau"}, {"a"}),
        ({"q": "MẬT khẩu"}, {"a"}),
        ({"tag": "nhan-mot"}, {"b"}),
        ({"difficulty": "3"}, {"b"}),
        ({"kind": "single"}, {"a", "b"}),
        ({"kind": "essay"}, set()),
        ({"active": "cat"}, {"c"}),
        ({"active": "het"}, {"a", "b", "c"}),
        ({"state": "waiting"}, {"a"}),
        ({"kind": "lạ"}, {"a", "b"}),
        ({}, {"a", "b"}),
    ],
)
def test_filters_and_folded_search(client, editor, asked, found):
    from quizzes.services import question_label

    bank = make.bank(0)
    single(bank, "a", "Mật khẩu nào mạnh?", state="waiting")
    question_label(question=single(bank, "b", "Khác?", difficulty=3), tags=["Nhãn một"])
    single(bank, "c", "Đã cất?", is_active=False)
    client.force_login(editor)
    listed = client.get(reverse("cau_hoi:index"), asked).context["listed"]
    assert {question.code for question in listed} == found


def test_duplicates_stand_side_by_side_and_one_is_put_away(client, world):
    twin = single(world.bank, "hai", "bạn nên  làm gì?")
    single(world.other, "ba", "Bạn nên làm gì?")
    client.force_login(world.owner)
    page = client.get(reverse("cau_hoi:duplicates"))
    assert [len(group) for group in page.context["groups"]] == [2]
    client.post(reverse("cau_hoi:act", args=[twin.pk]), {"viec": "cat", "ve": reverse("cau_hoi:duplicates")})
    assert client.get(reverse("cau_hoi:duplicates")).context["groups"] == []


def test_the_frame_holds_the_learners_own_page_whole(client, world):
    client.force_login(world.owner)
    single(world.bank, text='Gõ "A" <b>hay</b> «B»?', actor=world.owner)
    page = client.get(reverse("cau_hoi:preview", args=[world.question.pk])).content.decode()
    # Escaped twice: once as text of the page inside, once as the attribute that holds the page.
    assert 'srcdoc="&lt;!doctype html&gt;' in page.replace("\n", "")
    assert "&amp;lt;b&amp;gt;hay" in page
    assert "<b>hay</b>" not in page
