"""The public page in each state, downloads, and the officials' pages: owner, colleague, stranger, and query counts."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from certificates.models import Batch, BatchState, Certificate, CertificateState
from certificates.services import certificate_render, certificate_revoke
from certificates.views import LOOKUPS
from people.models import Role
from tests.factories.certificates import DECISION, approve, completions, propose
from tests.factories.courses import course_with_steps
from tests.factories.people import MembershipFactory, UserFactory
from tests.proof import prove

POSTED = {"decision_number": "412/QĐ-SKHCN", "decision_date": "20/11/2026", "confirmed": "on"}


@pytest.fixture
def page(issued):
    return reverse("certificates:verify_token", args=[issued.certificate.token])


# --- The public page -------------------------------------------------------------------------------------------------


def test_valid(client, issued, page, django_assert_num_queries):
    """One query: the certificate with its series."""
    with django_assert_num_queries(1):
        answer = client.get(page)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Giấy này có hiệu lực" in text
    for part in ("00001/2026/CN-SKHCN", "Nguyễn Thị Ngọc Ưỡng", "**/**/1969", "Sở Khoa học và Công nghệ tỉnh Bắc Ninh"):
        assert part in text
    assert "17/05/1969" not in text
    assert "ngày và tháng được che" in text
    assert '<meta name="robots" content="noindex">' in text
    assert answer["Cache-Control"] == "no-store"
    assert len(answer.content) <= 20_000


def test_revoked_still_answers(client, issued, page, official):
    certificate_revoke(
        certificate=issued.certificate, actor=official, reason="Thi hộ", reason_class="fraud", **DECISION
    )
    answer = client.get(page)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Giấy này đã bị thu hồi" in text
    assert "Thu hồi ngày 20/11/2026" in text
    assert "Lý do: Gian lận trong học tập, kiểm tra hoặc hồ sơ" in text
    assert "Thi hộ" not in text, "the free reason stays in the register"
    assert "có hiệu lực" not in text


def test_unknown_explains_and_offers_look_up(client, db):
    answer = client.get("/xac-minh/khong-co-ma-nay/")
    assert answer.status_code == 404
    assert "Không tìm thấy giấy này" in answer.content.decode()
    assert 'name="number"' in answer.content.decode()


def test_fingerprint_is_offered_once_the_file_is_made(client, issued, page):
    assert "data-sha256" not in client.get(page).content.decode()
    made = certificate_render(certificate_id=issued.certificate.pk)
    text = client.get(page).content.decode()
    assert f'data-sha256="{made.file_sha256}" data-state="valid"' in text
    assert "js/verify-file.js" in text


@pytest.mark.parametrize(
    ("number", "name", "found"),
    [
        ("00001/2026/CN-SKHCN", "Nguyễn Thị Ngọc Ưỡng", True),
        ("1/2026/cn-skhcn", "nguyen thi ngoc uong", True),
        (" Số: 00001 / 2026 / CN-SKHCN ", "NGUYỄN  THỊ NGỌC ƯỠNG", True),
        ("00001-2026-CN-SKHCN", "Nguyễn Thị Ngọc Ưỡng", True),
        ("00001-2026-CN-SKHCN (1).pdf", "Nguyễn Thị Ngọc Ưỡng", True),
        ("1 2026 cn skhcn", "Nguyễn Thị Ngọc Ưỡng", True),
        ("số 1-2026-CN–SKHCN", "Nguyễn Thị Ngọc Ưỡng", True),
        ("00001/2026", "Nguyễn Thị Ngọc Ưỡng", False),
        ("00001/2026/CN", "Nguyễn Thị Ngọc Ưỡng", False),
        ("10000/2026/CN-SKHCN", "Nguyễn Thị Ngọc Ưỡng", False),
        ("00001/2026/CN-SKHCN", "Nguyễn Thị", False),
        ("00002/2026/CN-SKHCN", "Nguyễn Thị Ngọc Ưỡng", False),
        ("linh tinh", "Nguyễn Thị Ngọc Ưỡng", False),
    ],
)
def test_look_up_by_number_and_name(client, issued, page, number, name, found):
    answer = client.post(reverse("certificates:verify"), {"number": number, "name": name})
    if found:
        assert (answer.status_code, answer["Location"]) == (302, page)
    else:
        assert answer.status_code == 404
        assert "Không tìm thấy giấy có số và tên này" in answer.content.decode()


def test_look_up_needs_both(client, db):
    answer = client.post(reverse("certificates:verify"), {"number": "1/2026/CN-SKHCN", "name": ""})
    assert answer.status_code == 200
    assert "Có chỗ cần sửa" in answer.content.decode()


def test_look_ups_are_limited_for_each_address(client, db):
    address = reverse("certificates:verify")
    for _ in range(LOOKUPS):
        assert client.post(address, {"number": "1/2026/X", "name": "Ai Đó"}).status_code == 404
    answer = client.post(address, {"number": "1/2026/X", "name": "Ai Đó"})
    assert answer.status_code == 429
    assert "too_many_lookups" in answer.content.decode()
    assert client.get(address).status_code == 200
    elsewhere = client.post(address, {"number": "1/2026/X", "name": "Ai Đó"}, REMOTE_ADDR="203.0.113.9")
    assert elsewhere.status_code == 404


@pytest.mark.parametrize("kind", ["locmem.LocMemCache", "filebased.FileBasedCache"])
def test_look_ups_are_counted_for_the_whole_ten_minutes(client, db, clock, monkeypatch, tmp_path, kind):
    """A cache that forgets sooner by itself does not open the window sooner."""
    monkeypatch.setattr(time, "time", lambda: clock.now.timestamp())
    store = {"default": {"BACKEND": f"django.core.cache.backends.{kind}", "LOCATION": str(tmp_path / "cache")}}
    ask = partial(client.post, reverse("certificates:verify"), {"number": "1/2026/X", "name": "Ai Đó"})
    with override_settings(CACHES=store):
        for _ in range(LOOKUPS):
            assert ask().status_code == 404
        assert ask().status_code == 429
        clock.now += timedelta(minutes=9, seconds=59)
        assert ask().status_code == 429
        clock.now += timedelta(seconds=1)
        assert ask().status_code == 404


# --- One's own -------------------------------------------------------------------------------------------------------


def test_my_certificates_says_how_far_the_file_is(client, issued, learner):
    client.force_login(learner)
    address = reverse("certificates:mine")
    assert client.get(address).content.decode().count("Đang tạo tệp") == 2
    certificate_render(certificate_id=issued.certificate.pk)
    Certificate.objects.filter(file="").update(render_error="hỏng")
    text = client.get(address).content.decode()
    assert "Tải tệp PDF" in text
    assert "Chưa tạo được tệp" in text
    assert "Đang tạo tệp" not in text


def test_my_certificates_shows_nobody_elses(client, issued, stranger):
    client.force_login(stranger)
    assert "Bạn chưa có giấy nào" in client.get(reverse("certificates:mine")).content.decode()


def test_my_certificates_needs_sign_in(client, db):
    assert client.get(reverse("certificates:mine")).status_code == 302


def test_my_certificates_costs_the_same_at_any_number(client, series, province, learner):
    """Session · user · certificates with series · offices held (menu)."""
    from tests.factories.courses import complete

    client.force_login(learner)
    counts = []
    for more in (1, 6):
        for _ in range(more):
            complete(learner, course_with_steps(lessons=1))
        counts.append(_queries(client, reverse("certificates:mine")))
    assert counts[0] == counts[1] <= 4


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("learner", 200),
        ("official", 200),
        ("coordinator", 200),
        ("other_coordinator", 403),
        ("stranger", 404),
    ],
)
def test_download(client, request, issued, who, status):
    certificate_render(certificate_id=issued.certificate.pk)
    client.force_login(request.getfixturevalue(who))
    answer = client.get(reverse("certificates:download", args=[issued.certificate.uuid]))
    assert answer.status_code == status
    if status == 200:
        assert b"".join(answer.streaming_content).startswith(b"%PDF")
        assert answer["Content-Disposition"] == 'attachment; filename="00001-2026-CN-SKHCN.pdf"'
        assert answer["Content-Type"] == "application/pdf"
        assert "no-store" in answer["Cache-Control"]


def test_download_needs_sign_in(client, issued):
    answer = client.get(reverse("certificates:download", args=[issued.certificate.uuid]))
    assert answer.status_code == 302


def test_download_before_the_file_is_made_asks_again(client, issued, learner, monkeypatch):
    """With the queue down the page says so, and asks the queue once a minute at most."""
    from certificates import tasks

    asked = []
    monkeypatch.setattr(tasks.render, "apply_async", lambda **kwargs: asked.append(kwargs["args"]))
    client.force_login(learner)
    address = reverse("certificates:download", args=[issued.certificate.uuid])
    for _ in range(2):
        answer = client.get(address)
        assert answer.status_code == 202
        assert "đang được tạo" in answer.content.decode()
    assert asked == [([issued.certificate.pk],)]


# --- Officials -------------------------------------------------------------------------------------------------------


def _queries(client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


@pytest.fixture
def addresses(issued) -> dict[str, str]:
    return {
        "batches": reverse("issuing:batches"),
        "new": reverse("issuing:batch_new"),
        "batch": reverse("issuing:batch", args=[issued.batch.uuid]),
        "certificate": reverse("issuing:certificate", args=[issued.certificate.uuid]),
        "register": reverse("issuing:register", args=["giay-chung-nhan"]),
    }


@pytest.mark.parametrize(
    ("page", "who", "status"),
    [
        ("batches", "coordinator", 200),
        ("batches", "other_coordinator", 200),
        ("batches", "learner", 404),
        ("new", "coordinator", 200),
        ("new", "official", 403),
        ("new", "learner", 404),
        ("batch", "coordinator", 200),
        ("batch", "official", 200),
        ("batch", "lead", 200),
        ("batch", "other_coordinator", 403),
        ("batch", "learner", 404),
        ("batch", "stranger", 404),
        ("batch", "editor", 404),
        ("certificate", "official", 200),
        ("certificate", "coordinator", 200),
        ("certificate", "other_coordinator", 403),
        ("certificate", "learner", 404),
        ("register", "official", 200),
        ("register", "lead", 200),
        ("register", "coordinator", 403),
        ("register", "stranger", 404),
    ],
)
def test_who_opens_which_page(client, request, addresses, page, who, status):
    client.force_login(request.getfixturevalue(who))
    assert client.get(addresses[page]).status_code == status


ISSUER_SIDE = {Role.ISSUING_OFFICIAL, Role.PROVINCIAL_LEAD, Role.ADMINISTRATOR}
PROPOSING = {Role.COORDINATOR, Role.PROVINCIAL_LEAD, Role.ADMINISTRATOR}
OFFICES = [Role.TEAM_LEADER, Role.COORDINATOR, Role.ISSUING_OFFICIAL, Role.PROVINCIAL_LEAD, Role.ADMINISTRATOR]


@pytest.mark.slow
@pytest.mark.parametrize("role", [Role.LEARNER, *OFFICES, Role.EDITOR])
@pytest.mark.parametrize("place", ["department", "north", "south", "root"])
def test_role_by_unit(client, issued, addresses, province, role, place):
    """The department issues, the north proposed, the south has nothing to do with it, the root stands above all.

    What a unit issued is for those who answer for issuing; what a unit proposed is for those who propose for it.
    """
    issues = place in ("department", "root") and role in ISSUER_SIDE
    proposes = place in ("north", "root") and role in PROPOSING
    person = MembershipFactory(unit=getattr(province, place), audience=province.staff, role=role).user
    client.force_login(person)
    refused = 403 if role in OFFICES else 404
    download = reverse("certificates:download", args=[issued.certificate.uuid])
    certificate_render(certificate_id=issued.certificate.pk)
    assert client.get(addresses["batch"]).status_code == (200 if issues or proposes else refused)
    assert client.get(addresses["certificate"]).status_code == (200 if issues or proposes else refused)
    assert client.get(download).status_code == (200 if issues or proposes else refused)
    assert client.get(addresses["register"]).status_code == (200 if issues else refused)
    assert Certificate.objects.visible_to(person).exists() == (issues or proposes)
    if role in OFFICES:
        page = client.get(addresses["batches"]).content.decode()
        assert (issued.batch.title in page) == (issues or proposes)
        assert (addresses["register"] in page) == issues


def test_confirmations_are_for_their_holder_and_the_issuing_office(completion, province, learner, official):
    """Without a list nobody proposed them: the coordinator of the holder's commune has no part in them."""
    seen = Certificate.objects.visible_to
    here = MembershipFactory(unit=province.north, audience=province.staff, role=Role.COORDINATOR).user
    assert [seen(who).count() for who in (learner, official, here, AnonymousUser())] == [1, 1, 0, 0]


@pytest.mark.parametrize("who", ["coordinator", "other_coordinator", "lead", "stranger"])
def test_only_the_issuing_official_revokes(client, request, issued, who):
    client.force_login(request.getfixturevalue(who))
    address = reverse("issuing:certificate_revoke", args=[issued.certificate.uuid])
    form = {"reason": "x", "reason_class": "fraud", **POSTED}
    assert client.post(address, form).status_code in (403, 404)
    assert Certificate.objects.get(pk=issued.certificate.pk).state == CertificateState.VALID


def test_unknown_things_are_404(client, addresses, official):
    client.force_login(official)
    assert client.get(reverse("issuing:batch", args=[uuid4()])).status_code == 404
    assert client.get(reverse("issuing:register", args=["khong-co"])).status_code == 404


def test_the_list_hides_other_scopes(client, issued, other_coordinator):
    client.force_login(other_coordinator)
    assert issued.batch.title not in client.get(reverse("issuing:batches")).content.decode()


def test_from_proposal_to_revocation_in_the_browser(
    client, series, province, course, completion, coordinator, official, learner, django_capture_on_commit_callbacks
):
    client.force_login(coordinator)
    chosen = f"?course={course.uuid}&unit={province.north.uuid}&series={series.official.uuid}"
    preview = client.get(reverse("issuing:batch_new") + chosen).content.decode()
    assert "Nguyễn Thị Ngọc Ưỡng" in preview
    assert "Đề nghị cấp cho 1 người" in preview
    answer = client.post(reverse("issuing:batch_new") + chosen, {"title": "Đợt một", "shown": shown_in(preview)})
    batch = Batch.objects.get()
    assert answer["Location"] == reverse("issuing:batch", args=[batch.uuid])
    assert "Duyệt, cấp" not in client.get(answer["Location"]).content.decode()

    client.force_login(official)
    prove(client)
    page = reverse("issuing:batch", args=[batch.uuid])
    assert "Duyệt, cấp 1 giấy" in client.get(page).content.decode()
    for change, said in (
        ({"decision_date": "31/02/2026"}, "Ngày chưa đúng"),
        ({"decision_date": "01/01/2999"}, "sau ngày hôm nay"),
        ({"decision_date": "01/01/2020"}, "trước ngày 20/11/2026"),
        ({"decision_number": "1"}, "ví dụ 412/QĐ-SKHCN hoặc 15/2026/QĐ-UBND"),
        ({"confirmed": ""}, "Hãy đánh dấu ô này"),
    ):
        wrong = client.post(f"{page}duyet/", POSTED | change)
        assert wrong.status_code == 200
        assert said in wrong.content.decode()
        assert "Tôi đã kiểm tra danh sách 1 người và chịu trách nhiệm" in wrong.content.decode()
    assert not batch.certificates.exists()
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(f"{page}duyet/", POSTED, follow=True).status_code == 200
    certificate = batch.certificates.get()
    assert certificate.number in client.get(page).content.decode()

    own = reverse("issuing:certificate", args=[certificate.uuid])
    wrong = client.post(f"{own}thu-hoi/", {"reason": "", **POSTED})
    assert "Có chỗ cần sửa" in wrong.content.decode()
    for change, said in (
        ({"decision_date": "01/01/1990"}, "trước ngày 20/11/2026, là ngày cấp giấy"),
        ({"decision_number": "x"}, "chưa đúng dạng số văn bản"),
        ({"confirmed": ""}, "Hãy đánh dấu ô này"),
    ):
        wrong = client.post(f"{own}thu-hoi/", {"reason": "Thi hộ", **POSTED} | change)
        assert said in wrong.content.decode()
    certificate.refresh_from_db()
    assert certificate.state == CertificateState.VALID
    client.post(f"{own}thu-hoi/", {"reason": "Thi hộ", "reason_class": "fraud", **POSTED})
    assert "Thi hộ" in client.get(own).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("issuing:register_check", args=["giay-chung-nhan"]))
    register = client.get(reverse("issuing:register", args=["giay-chung-nhan"]))
    assert "Toàn bộ sổ nguyên vẹn" in register.content.decode()
    assert "Thu hồi" in register.content.decode()


def shown_in(page: str) -> str:
    """What the page carries of the list that it shows."""
    found = re.search(r'name="shown" value="([0-9a-f]{64})"', page)
    assert found
    return found[1]


@pytest.mark.parametrize("change", ["somebody finished", "somebody waits in another list", "nothing was shown"])
def test_only_the_list_that_was_shown_is_proposed(client, series, province, course, completion, coordinator, change):
    (other,) = completions(province, province.north, course=course)
    client.force_login(coordinator)
    address = f"{reverse('issuing:batch_new')}?course={course.uuid}&unit={province.north.uuid}"
    address += f"&series={series.official.uuid}"
    shown = shown_in(client.get(address).content.decode())
    before = 0
    if change == "somebody finished":
        completions(province, province.north, course=course)
    elif change == "somebody waits in another list":
        propose(proposer=coordinator, series=series.official, unit=province.north, course=course, only=[other])
        before = 1
    else:
        shown = ""
    answer = client.post(address, {"title": "Đợt một", "shown": shown})
    assert answer.status_code == 409
    assert "list_changed" in answer.content.decode()
    assert f'href="{escape(address)}">Quay lại</a>' in answer.content.decode()
    assert Batch.objects.count() == before
    again = client.get(address).content.decode()
    assert client.post(address, {"title": "Đợt một", "shown": shown_in(again)}).status_code == 302


def test_a_list_without_a_title_is_shown_as_it_is_now(client, series, province, course, completion, coordinator):
    """The page that asks for the title again shows who is eligible by then, and that is what it sends."""
    client.force_login(coordinator)
    address = f"{reverse('issuing:batch_new')}?course={course.uuid}&unit={province.north.uuid}"
    address += f"&series={series.official.uuid}"
    first = shown_in(client.get(address).content.decode())
    completions(province, province.north, course=course)
    answer = client.post(address, {"title": "", "shown": first})
    assert "Có chỗ cần sửa" in answer.content.decode()
    now = shown_in(answer.content.decode())
    assert now != first
    assert client.post(address, {"title": "Đợt một", "shown": now}).status_code == 302
    assert Batch.objects.get().items.count() == 2


def test_a_series_without_signer_is_explained_before_and_after(client, batch, official, series):
    series.official.signer_title = ""
    series.official.save()
    client.force_login(official)
    prove(client)
    page = reverse("issuing:batch", args=[batch.uuid])
    assert "chưa có họ tên và chức danh người ký" in client.get(page).content.decode()
    answer = client.post(f"{page}duyet/", POSTED)
    assert answer.status_code == 409
    assert "no_signer" in answer.content.decode()
    assert f'href="{page}">Quay lại</a>' in answer.content.decode()
    kind = reverse("issuing:kind", args=[series.official.code])
    assert "mục Loại giấy" in answer.content.decode()
    assert f'href="{kind}"' in client.get(page).content.decode()


def test_the_administration_leads_to_the_page_of_the_kind(client, series):
    client.force_login(UserFactory(full_name="Bùi Quang Uý", is_staff=True, is_superuser=True))
    page = reverse("admin:certificates_series_change", args=[series.official.pk])
    assert client.get(page)["Location"] == reverse("issuing:kind", args=[series.official.code])
    assert client.get(reverse("admin:certificates_series_changelist"))["Location"] == reverse("issuing:kinds")


@pytest.mark.parametrize("act", ["batch_approve", "batch_reject", "batch_items", "batch_check", "certificate_revoke"])
def test_who_signs_in_again_after_sending_a_form_is_led_to_its_page(client, issued, official, act):
    """The form went to the sign-in page, which leads back by a link; nothing was done, and the page says so."""
    target, page = issued.batch, reverse("issuing:batch", args=[issued.batch.uuid])
    if act == "certificate_revoke":
        target, page = issued.certificate, reverse("issuing:certificate", args=[issued.certificate.uuid])
    address = reverse(f"issuing:{act}", args=[target.uuid])
    assert "/tai-khoan/login/" in client.post(address, POSTED)["Location"]
    client.force_login(official)
    answer = client.get(address, follow=True)
    assert answer.redirect_chain == [(page, 302)]
    assert "Chưa ghi thay đổi nào" in answer.content.decode()
    assert client.put(address).status_code == 405


def test_the_batch_page_leads_to_what_is_to_be_done(client, batch, coordinator, official):
    page = reverse("issuing:batch", args=[batch.uuid])
    for who, leads in ((official, True), (coordinator, False)):
        client.force_login(who)
        text = client.get(page).content.decode()
        assert ('href="#duyet">Đến phần duyệt' in text) is leads
        assert text.index("Chờ duyệt") < text.index("1 người") < text.index("<h2>Danh sách")
        assert 'id="duyet"' in text


def groups_in(page: str) -> dict[str, str]:
    """The groups that a page offers, with how many are in each."""
    return dict(re.findall(r'<a class="tag"[^>]*>([^<]+) <b>([\d.]+)</b></a>', page))


def test_who_waits_elsewhere_is_not_called_unfit(client, batch, series, province, course, coordinator):
    completions(province, province.north, course=course, full_name="hoa@example.vn")
    client.force_login(coordinator)
    address = f"{reverse('issuing:batch_new')}?course={course.uuid}&unit={province.north.uuid}"
    address += f"&series={series.official.uuid}"
    text = client.get(address).content.decode()
    assert groups_in(text) == {"Đủ điều kiện": "0", "Đang ở đợt khác": "1", "Họ tên chưa in được": "1"}
    text = client.get(f"{address}&loai=name_unusable").content.decode()
    assert "«hoa@example.vn» chưa phải họ và tên đầy đủ" in text
    assert "trang Tài khoản" in text
    assert "«Đợt tháng 11»" in client.get(f"{address}&loai=waiting").content.decode()
    assert "Không có ai tên như vậy" in client.get(f"{address}&loai=waiting&q=khong+co").content.decode()


def test_four_eyes_is_explained(client, series, province, course, completion):
    both = UserFactory(full_name="Ngô Văn Hai Vai")
    for role in (Role.PROVINCIAL_LEAD, Role.ISSUING_OFFICIAL):
        MembershipFactory(user=both, unit=province.root, audience=province.staff, role=role)
    batch = propose(proposer=both, series=series.official, unit=province.north, course=course)
    client.force_login(both)
    prove(client)
    assert "người khác sẽ duyệt" in client.get(reverse("issuing:batch", args=[batch.uuid])).content.decode()
    answer = client.post(reverse("issuing:batch_approve", args=[batch.uuid]), POSTED)
    assert answer.status_code == 409
    assert "four_eyes" in answer.content.decode()


def test_exclude_and_reject(client, batch, completion, coordinator, official):
    client.force_login(coordinator)
    page = reverse("issuing:batch", args=[batch.uuid])
    chosen = {"nguoi": str(completion.uuid), "viec": "loai"}
    assert client.post(f"{page}nguoi/", chosen | {"reason": ""}).status_code == 409
    assert batch.items.get().excluded_reason == ""
    client.post(f"{page}nguoi/", chosen | {"reason": "Sai ngày sinh"})
    assert "Đã loại khỏi danh sách: Sai ngày sinh" in client.get(page).content.decode()
    client.force_login(official)
    prove(client)
    assert client.post(f"{page}duyet/", POSTED).status_code == 409
    assert "Có chỗ cần sửa" in client.post(f"{page}khong-duyet/", {}).content.decode()
    client.post(f"{page}khong-duyet/", {"khong-duyet-reason": "Danh sách trống"})
    batch.refresh_from_db()
    assert (batch.state, batch.note) == (BatchState.REJECTED, "Danh sách trống")


def test_a_coordinator_cannot_propose_for_another_unit(client, series, province, course, coordinator):
    completions(province, province.south, course=course)
    client.force_login(coordinator)
    chosen = f"?course={course.uuid}&unit={province.south.uuid}&series={series.official.uuid}"
    answer = client.post(reverse("issuing:batch_new") + chosen, {"title": "Đợt một"})
    assert answer.status_code == 200
    assert "Có chỗ cần sửa" in answer.content.decode()
    assert not Batch.objects.exists()


def test_pages_cost_the_same_number_of_queries_at_two_sizes(
    client, series, province, coordinator, official, django_assert_max_num_queries
):
    """Session, user and offices held everywhere. Then:
    list: count · batches with series, course, unit and people · registers.
    batch: batch · may see · count of the page · its people · certificates · counts · may issue · may propose · the form
    of approval: last completion. A list that is open asks for namesakes besides.
    register: series · may read · count · rows · row before the page.
    proposal: kinds of paper · what is chosen · courses of the series · certificates · other lists · structure · people.
    """
    counts: dict[str, list[int]] = {"batches": [], "batch": [], "register": [], "new": []}
    course = course_with_steps(lessons=1)
    for size in (2, 20):
        completions(province, province.north, size, course=course)
        chosen = f"?course={course.uuid}&unit={province.north.uuid}&series={series.official.uuid}"
        client.force_login(coordinator)
        counts["new"].append(_queries(client, reverse("issuing:batch_new") + chosen))
        batch = propose(proposer=coordinator, series=series.official, unit=province.north, course=course)
        approve(batch, official)
        client.force_login(official)
        counts["batches"].append(_queries(client, reverse("issuing:batches")))
        counts["batch"].append(_queries(client, reverse("issuing:batch", args=[batch.uuid])))
        counts["register"].append(_queries(client, reverse("issuing:register", args=["giay-chung-nhan"])))
    for page, (small, large) in counts.items():
        assert small == large <= 16, (page, counts)
