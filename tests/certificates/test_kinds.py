"""Kinds of paper: who makes and changes them, what stays once numbers were given, and who is told before the end."""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from certificates import tasks
from certificates.models import Basis, Certificate, CertificateState, Design, Series
from certificates.services import certificates_remind, series_save
from certificates.services.series import FIELDS
from common.errors import Refusal
from common.models import AuditEntry
from people.models import Notice, Role
from tests.certificates.test_designs import png
from tests.factories.people import MembershipFactory, UserFactory
from tests.proof import prove, with_second_step


def values_of(series: Series, **other) -> dict:
    return {name: getattr(series, name) for name in FIELDS} | other


def save(series: Series | None, actor, *, courses=(), signature=None, code="", **other) -> Series:
    base = series or Series.objects.get(code="giay-chung-nhan")
    return series_save(
        actor=actor, series=series, values=values_of(base, **other), courses=courses, signature=signature, code=code
    )


def typed(series: Series, **other) -> dict:
    """What the form of a kind of paper sends."""
    row = {
        "code": "chung-chi", "name": series.name, "kind": series.kind, "suffix": series.suffix, "is_active": "on",
        "pattern": series.pattern, "unit": str(series.unit.uuid), "place": series.place, "basis": "course",
        "design": str(series.design.uuid), "signing": "none", "signer_name": series.signer_name,
        "signer_title": series.signer_title, "remind_days": "30",
    }  # fmt: skip
    return row | other


# --- The service ----------------------------------------------------------------------------------------------------
def test_a_new_kind_is_numbered_from_its_own_register(series, official, course):
    made = save(
        None, official, code="chung-chi", name="Chứng chỉ", suffix="CC", basis=Basis.PROGRAMME,
        award_title="Kỹ năng số", courses=[course], min_score=Decimal(60),
    )  # fmt: skip
    assert (made.code, made.is_automatic, list(made.required_courses.all())) == ("chung-chi", False, [course])
    entry = AuditEntry.objects.get(act="series_add")
    assert (entry.after["award_title"], entry.after["courses"]) == ("Kỹ năng số", [course.title])


def test_a_change_is_written_with_before_and_after(series, official):
    typed_name = unicodedata.normalize("NFD", "Ngô  Thị Mới ")
    changed = save(series.official, official, signer_name=typed_name, valid_months=24)
    assert changed.signer_name == "Ngô Thị Mới"
    entry = AuditEntry.objects.get(act="series_change")
    assert entry.before == {"signer_name": "Trần Đức Hiếu", "valid_months": None}
    assert entry.after == {"signer_name": "Ngô Thị Mới", "valid_months": 24}
    save(changed, official)
    assert AuditEntry.objects.filter(act="series_change").count() == 1


def test_what_was_issued_keeps_what_it_froze(issued, series, official):
    before = Certificate.objects.values().get(pk=issued.certificate.pk)
    save(series.official, official, signer_name="Ngô Thị Mới", place="Hà Nội", valid_months=12, name="Tên mới")
    assert Certificate.objects.values().get(pk=issued.certificate.pk) == before


REFUSED = {
    "no number": ({"pattern": "{nam}/{ky_hieu}"}, "pattern_unclear"),
    "two ways to read": ({"pattern": "{so}{nam}"}, "pattern_unclear"),
    "numbers of another kind": ({"suffix": "XN-HS"}, "number_shared"),
    "a path without path": ({"basis": Basis.PATH}, "rule_unclear"),
    "a programme without courses": ({"basis": Basis.PROGRAMME, "award_title": "x"}, "rule_unclear"),
    "half a signer": ({"signer_title": ""}, "signer_half"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_is_refused(series, official, what):
    change, code = REFUSED[what]
    with pytest.raises(Refusal) as refused:
        save(series.official, official, **change)
    assert (refused.value.code, bool(refused.value.fix)) == (code, True)


@pytest.mark.parametrize("change", [{"pattern": "{so}/{nam}/{ky_hieu}"}, {"suffix": "CN"}])
def test_once_numbers_of_this_year_were_given_they_read_as_they_read(issued, series, official, change, clock):
    with pytest.raises(Refusal) as refused:
        save(series.official, official, **change)
    assert (refused.value.code, "1 số" in refused.value.text) == ("numbers_given", True)
    clock.now += timedelta(days=60)  # a new year, a new row of numbers
    assert save(series.official, official, **change)


def test_a_register_does_not_change_hands(issued, series, official, province):
    with pytest.raises(Refusal) as refused:
        save(series.official, official, unit=province.north)
    assert refused.value.code == "unit_fixed"


def test_the_automatic_kind_stays_by_course(series, official):
    with pytest.raises(Refusal) as refused:
        save(series.automatic, official, basis=Basis.PROGRAMME, award_title="x")
    assert refused.value.code == "rule_unclear"


def test_only_who_answers_for_the_unit(series, coordinator, province):
    local = UserFactory(full_name="Bùi Thị Xã")
    MembershipFactory(user=local, unit=province.north, audience=province.staff, role=Role.ISSUING_OFFICIAL)
    for actor in (coordinator, local):
        with pytest.raises(Refusal) as refused:
            save(series.official, actor)
        assert refused.value.code == "not_allowed"
    with pytest.raises(Refusal):  # nor hand one's own over to somebody else
        save(None, local, code="x", suffix="X")
    assert save(None, local, code="x", suffix="X", unit=province.north).unit == province.north


# --- Pages ----------------------------------------------------------------------------------------------------------
@pytest.fixture
def desk(client, official):
    client.force_login(official)
    prove(client)
    return client


def test_who_may_open_what(client, series, official, coordinator, stranger):
    addresses = [
        reverse("issuing:kinds"),
        reverse("issuing:kind_new"),
        reverse("issuing:kind", args=["giay-chung-nhan"]),
    ]
    for who, expected in ((official, 200), (coordinator, 403), (stranger, 404)):
        client.force_login(who)
        prove(client)
        assert [client.get(address).status_code for address in addresses] == [expected] * 3
        if expected != 200:
            assert client.post(addresses[2], typed(series.official, name="X")).status_code == expected
    assert not Series.objects.filter(name="X").exists()


def test_who_keeps_the_system_sets_up_before_anybody_has_an_office(client, series):
    root = with_second_step(UserFactory(full_name="Bùi Quang Uý", is_staff=True, is_superuser=True))
    client.force_login(root)
    prove(client)
    page = reverse("issuing:kind", args=[series.official.code])
    assert client.get(page).status_code == 200
    client.post(page, typed(series.official, signer_name="Ngô Thị Mới", signer_title="Giám đốc"))
    series.official.refresh_from_db()
    assert (series.official.signer_name, series.official.signer_title) == ("Ngô Thị Mới", "Giám đốc")


def test_a_kind_is_made_and_changed_on_its_page(desk, series, course):
    made = typed(series.official, name="Chứng chỉ", suffix="CC", required_courses=[str(course.uuid)], picture=png())
    answer = desk.post(reverse("issuing:kind_new"), made)
    assert answer.status_code == 302, answer.context["form"].errors
    found = Series.objects.get(code="chung-chi")
    assert (found.signature.media_type, list(found.required_courses.all())) == ("image/png", [course])
    page = desk.get(answer["Location"]).content.decode()
    assert f"00001/{timezone.localdate().year}/CC" in page
    assert "selected" in page.split('name="required_courses"')[1]
    assert desk.post(answer["Location"], typed(found, drop_picture="on", is_active="")).status_code == 302
    found.refresh_from_db()
    assert (found.signature, found.is_active, found.code) == (None, False, "chung-chi")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"code": "giay-chung-nhan"}, "code"),
        ({"pattern": "{so}{nam}"}, "pattern"),
        ({"suffix": "XN-HS"}, "suffix"),
        ({"min_score": "101"}, "min_score"),
        ({"valid_months": "0"}, "valid_months"),
        ({"remind_days": "400"}, "remind_days"),
        ({"basis": "path"}, "basis"),
        ({"signer_title": ""}, "signer_title"),
        ({"unit": "x"}, "unit"),
    ],
)
def test_wrong_input_is_said_beside_its_field(desk, series, change, field):
    answer = desk.post(reverse("issuing:kind_new"), typed(series.official, **({"suffix": "CC"} | change)))
    assert answer.status_code == 400
    assert field in answer.context["form"].errors
    assert Series.objects.count() == 2


def test_the_list_asks_the_same_however_many_there_are(desk, series, official):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(reverse("issuing:kinds")).status_code == 200
        return len(queries)

    few = asked()
    for number in range(5):
        save(None, official, code=f"k{number}", suffix=f"K{number}")
    assert asked() == few


# --- Before the end -------------------------------------------------------------------------------------------------
REVOKED = {"state": "revoked", "ended_on": date(2026, 11, 20), "ended_reason": "Thi hộ", "ended_class": "fraud"}


def ending(certificate: Certificate, day: date) -> Certificate:
    Certificate.objects.filter(pk=certificate.pk).update(expires_on=day)
    certificate.refresh_from_db()
    return certificate


def test_a_holder_is_told_once_in_time(issued, clock, learner):
    ending(issued.certificate, date(2027, 1, 30))
    assert certificates_remind() == 0  # 71 days before
    clock.now += timedelta(days=41)  # 30 days before: remind_days
    assert tasks.remind() == 1
    assert certificates_remind() == 0
    notice = Notice.objects.get(user=learner)
    assert "30/01/2027" in notice.body
    assert notice.path == f"/khoa-hoc/{issued.certificate.completion.course.slug}/"


@pytest.mark.parametrize("why", ["over", "revoked", "has a later one", "not wanted"])
def test_who_need_not_be_told_is_not(issued, why, series, clock):
    certificate = ending(issued.certificate, date(2026, 12, 1))
    if why == "over":
        clock.now += timedelta(days=20)
    elif why == "revoked":
        Certificate.objects.filter(pk=certificate.pk).update(**REVOKED)
    elif why == "not wanted":
        Series.objects.update(remind_days=0)
    else:
        later = Certificate.objects.get(pk=certificate.pk)
        later.pk, later.seq, later.number, later.expires_on = None, 99, "99/2026", date(2028, 12, 1)
        later.uuid, later.token, later.state = "00000000-0000-0000-0000-000000000009", "t" * 27, CertificateState.VALID
        Certificate.objects.filter(pk=certificate.pk).update(award="path:1")
        later.award = "path:1"
        Certificate.objects.filter(pk=certificate.pk).update(completion=certificate.completion)
        from tests.factories.courses import complete, course_with_steps

        later.completion = complete(certificate.holder, course_with_steps(lessons=1))
        later.save()
    assert certificates_remind() == 0


def test_reminding_costs_the_same_to_ask_however_many_hold(issued):
    with CaptureQueriesContext(connection) as queries:
        assert certificates_remind() == 0
    assert len(queries) == 2


def test_designs_offered_are_the_general_ones_in_use(desk, series):
    Design.objects.filter(code="the-vi").update(state="retired")
    page = desk.get(reverse("issuing:kind_new")).content.decode()
    assert "Giấy xác nhận tham gia" in page
    assert "Thẻ chứng nhận bỏ ví" not in page
