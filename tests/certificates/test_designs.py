"""Designs from draft to use: rights, versions, faults said in time, pictures taken in, what goes out of use."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from certificates import drawing
from certificates.fitting import fit_faults
from certificates.models import Asset, Certificate, Design, DesignState, Paper, Series
from certificates.samples import SAMPLES, must_be_seen, sample_certificate
from certificates.services import (
    asset_keep,
    design_copy,
    design_draft,
    design_drop,
    design_publish,
    design_retire,
    design_save,
    trials,
)
from certificates.services.designs import design_for
from common.errors import Refusal
from common.models import AuditEntry
from common.pdf import Drawn, pages_measured
from people.models import Role
from tests.certificates.test_files import shipped
from tests.factories.people import MembershipFactory, UserFactory
from tests.proof import prove

pytestmark = [pytest.mark.slow, pytest.mark.anywhere]


@pytest.fixture
def design(series) -> Design:
    return Design.objects.get(code="chung-nhan", state=DesignState.PUBLISHED)


@pytest.fixture
def draft(design, official) -> Design:
    return design_draft(design=design, actor=official)[0]


def typed(draft: Design, **other) -> dict:
    """What the form of a draft sends."""
    draft.refresh_from_db()
    row = {"name": draft.name, "paper": draft.paper, "body": draft.body, "style": draft.style, "has_seal": "on"}
    return {**row, "seen": draft.changed_at.isoformat(), "sample": "60-chu", **other}


def png(size=(200, 100), mode="RGBA", kind="PNG", name="chu-ky.png", **more) -> SimpleUploadedFile:
    data = io.BytesIO()
    Image.new(mode, size, (10, 20, 30, 0)[: len(mode)]).save(data, kind, **more)
    return SimpleUploadedFile(name, data.getvalue())


def save(draft: Design, actor, **values) -> Design:
    row = {name: getattr(draft, name) for name in ("name", "paper", "body", "style", "has_seal")}
    return design_save(draft=draft, actor=actor, seen="", values=row | values, logo=draft.logo)


def counted(ask) -> int:
    with CaptureQueriesContext(connection) as queries:
        ask()
    return len(queries)


# --- Versions -------------------------------------------------------------------------------------------------------
def test_a_draft_is_one_and_starts_from_the_version_in_use(design, official, lead):
    draft, created = design_draft(design=design, actor=official)
    assert (created, draft.version, draft.state, draft.body) == (True, 3, DesignState.DRAFT, design.body)
    assert design_draft(design=design, actor=lead) == (draft, False)


def test_publishing_moves_kinds_of_paper_and_leaves_what_was_issued(design, draft, official, issued, series):
    before = Certificate.objects.get(pk=issued.certificate.pk).design
    save(draft, official, body=draft.body.replace("Chứng nhận ông/bà", "Trao cho ông/bà"))
    design_publish(draft=draft, actor=official)
    design.refresh_from_db()
    assert design.state == DesignState.RETIRED
    assert Series.objects.get(pk=series.official.pk).design == draft
    assert Certificate.objects.get(pk=issued.certificate.pk).design == before == design
    entry = AuditEntry.objects.get(act="design_publish")
    assert (entry.actor, entry.detail["kinds"]) == (official, 1)


@pytest.mark.parametrize("act", ["save", "publish", "drop"])
def test_what_was_published_is_never_edited(design, official, act):
    acts = {
        "save": lambda: save(design, official),
        "publish": lambda: design_publish(draft=design, actor=official),
        "drop": lambda: design_drop(draft=design, actor=official),
    }
    with pytest.raises(Refusal) as refused:
        acts[act]()
    assert refused.value.code == "not_a_draft"


def test_two_editors_do_not_overwrite_each_other(draft, official, clock):
    from datetime import timedelta

    seen = draft.changed_at.isoformat()
    clock.now += timedelta(seconds=5)
    save(draft, official, name="Một")
    with pytest.raises(Refusal) as refused:
        design_save(draft=draft, actor=official, seen=seen, values={"name": "Hai"}, logo=None)
    assert refused.value.code == "changed_since"


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"body": "<p>{{ ho_ten }}"}, "design_unsound", "Dòng 1, cột 1"),
        ({"style": ".a{position:fixed}"}, "design_unsound", "position"),
        ({"body": "<h1>Giấy</h1><p>{{ ho_ten }}</p>"}, "design_unsound", "Thiếu ô {{ so }}"),
    ],
)
def test_an_unsound_draft_is_kept_and_not_published(draft, official, change, code, words):
    save(draft, official, **change)
    with pytest.raises(Refusal) as refused:
        design_publish(draft=draft, actor=official)
    assert (refused.value.code, words in refused.value.fix) == (code, True)


@pytest.mark.parametrize(
    ("css", "words"),
    [
        ("main { padding-top: 80mm; height: 120mm; }", "đè lên"),
        (".ten .dai-4 { font-size: 60pt; }", ""),
        (".chi-tiet { font-size: 3pt; }", "nhỏ hơn"),
        (".qr { width: 9mm; height: 9mm; }", "Mã QR nhỏ"),
        (".kiem-tra p { margin-left: 20mm; }", "đè lên mã QR"),
        (".nha-nuoc { top: 0; }", "mép giấy"),
        (".kiem-tra { position: static; margin-top: 250mm; }", ""),
    ],
)
def test_what_does_not_fit_is_not_published(draft, official, css, words):
    save(draft, official, style=f"{draft.style}\n{css}")
    with pytest.raises(Refusal) as refused:
        design_publish(draft=draft, actor=official)
    assert refused.value.code == "design_unfit"
    assert words in refused.value.fix


def test_text_that_is_not_drawn_is_missed():
    design = shipped("chung-nhan")
    certificate = sample_certificate(SAMPLES[0], design)
    html, css = drawing.page_of(certificate, design)
    pages = pages_measured(html=html, css=css, art=drawing.ART)
    fit = {"paper": Paper.LANDSCAPE, "expected": must_be_seen(certificate)}
    assert fit_faults(pages, **fit) == []
    without = [[one for one in pages[0] if certificate.number not in one.text]]
    assert fit_faults(without, **fit) == [f"Không thấy đủ «{certificate.number}» trên giấy."]
    twice = [*pages, [Drawn("x", 0, 0, 1, 1, 12)]]
    assert fit_faults(twice, **fit) == ["Chữ tràn sang trang khác: giấy thành 2 trang."]


# --- Variants, copies, out of use -----------------------------------------------------------------------------------
def test_a_variant_is_used_for_its_unit_and_those_below(design, official, province, series):
    draft, _ = design_draft(design=design, actor=official, unit=province.north)
    assert (draft.code, draft.unit, draft.version) == ("chung-nhan", province.north, 1)
    design_publish(draft=draft, actor=official)
    assert design_for(series=series.official, unit=province.north) == draft
    assert design_for(series=series.official, unit=province.south) == design
    assert Series.objects.get(pk=series.official.pk).design == design
    design_retire(design=draft, actor=official)
    assert design_for(series=series.official, unit=province.north) == design


def test_a_copy_is_a_design_of_its_own(design, official):
    copy = design_copy(design=design, actor=official, name="Chứng chỉ số")
    assert (copy.code, copy.version, copy.state, copy.body) == ("chung-chi-so", 1, DesignState.DRAFT, design.body)
    for name, code in (("", "name_missing"), ("Chứng chỉ số", "name_taken"), ("…", "name_taken")):
        with pytest.raises(Refusal) as refused:
            design_copy(design=design, actor=official, name=name)
        assert refused.value.code == code


def test_a_design_in_use_is_not_retired(design, official, series):
    with pytest.raises(Refusal) as refused:
        design_retire(design=design, actor=official)
    assert refused.value.code == "design_used"
    Series.objects.filter(pk=series.official.pk).update(is_active=False)
    assert design_retire(design=design, actor=official).state == DesignState.RETIRED
    assert design_retire(design=design, actor=official).state == DesignState.RETIRED
    assert AuditEntry.objects.filter(act="design_retire").count() == 1


# --- Pictures -------------------------------------------------------------------------------------------------------
def test_a_picture_is_kept_once_under_its_hash_without_what_it_carried(official):
    from PIL.PngImagePlugin import PngInfo

    told = PngInfo()
    told.add_text("Author", "bi mat")
    one = asset_keep(file=png(pnginfo=told), actor=official)
    two = asset_keep(file=png(name="khac.png"), actor=official)
    assert one == two
    stored = one.file.open().read()
    assert b"bi mat" not in stored
    with Image.open(io.BytesIO(stored)) as kept:
        assert (kept.mode, kept.size, kept.format) == ("RGBA", (200, 100), "PNG")


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (lambda: SimpleUploadedFile("a.svg", b"<svg onload='a()'/>"), "file_unknown"),
        (lambda: SimpleUploadedFile("a.png", b""), "file_empty"),
        (lambda: SimpleUploadedFile("a.png", b"\x89PNG\r\n\x1a\n" + b"x" * 50), "picture_broken"),
        (lambda: png(name="a.jpg"), "file_mislabelled"),
        (lambda: png(size=(3001, 50)), "picture_size"),
        (lambda: png(size=(20, 20)), "picture_size"),
        (lambda: SimpleUploadedFile("a.png", png().read() + b"x" * 2_100_000), "file_too_big"),
        (lambda: SimpleUploadedFile("a.pdf", b"%PDF-1.7"), "file_unknown"),
    ],
)
def test_other_files_are_refused(official, file, code):
    with pytest.raises(Refusal) as refused:
        asset_keep(file=file(), actor=official)
    assert (refused.value.code, refused.value.status) == (code, 400)
    assert not Asset.objects.exists()


# --- Rights ---------------------------------------------------------------------------------------------------------
def pages(design: Design, draft: Design) -> dict[str, tuple[str, str]]:
    def at(name: str, *more: str, of: Design = design) -> str:
        return reverse(f"issuing:{name}", args=[of.uuid, *more])

    return {
        "list": ("get", reverse("issuing:designs")),
        "version": ("get", at("design")),
        "draft": ("get", at("design", of=draft)),
        "save": ("post", at("design", of=draft)),
        "start": ("post", at("design_draft")),
        "publish": ("post", at("design_publish", of=draft)),
        "retire": ("post", at("design_retire")),
        "drop": ("post", at("design_drop", of=draft)),
        "picture": ("get", at("design_picture", "60-chu")),
        "pdf": ("get", at("design_pdf", "60-chu", of=draft)),
    }


def test_who_may_open_what(client, design, draft, official, coordinator, stranger):
    for who, expected in ((official, {200, 302, 400, 409}), (coordinator, {403}), (stranger, {404})):
        client.force_login(who)
        prove(client)
        for name, (method, address) in pages(design, draft).items():
            if who == official and name == "drop":
                continue
            status = getattr(client, method)(address).status_code
            assert status in expected, (name, who.full_name)
    client.logout()
    for method, address in pages(design, draft).values():
        assert "/tai-khoan/login/" in getattr(client, method)(address)["Location"]


def test_an_official_of_another_unit_reads_and_copies_and_does_not_change(client, design, draft, province):
    other = UserFactory(full_name="Bùi Thị Xã")
    MembershipFactory(user=other, unit=province.north, audience=province.staff, role=Role.ISSUING_OFFICIAL)
    client.force_login(other)
    prove(client)
    page = client.get(reverse("issuing:design", args=[design.uuid])).content.decode()
    assert "Sao chép" in page
    assert "Sửa thành bản mới" not in page
    for name, (method, address) in pages(design, draft).items():
        if name in ("draft", "save", "publish", "drop", "pdf", "start", "retire"):
            assert getattr(client, method)(address).status_code == 403, name
    form = {"viec": "sao-chep", "sao-chep-name": "Mẫu của xã"}
    answer = client.post(reverse("issuing:design_draft", args=[design.uuid]), form)
    copy = Design.objects.get(code="mau-cua-xa")
    assert answer["Location"] == reverse("issuing:design", args=[copy.uuid])
    assert client.get(answer["Location"]).status_code == 200


# --- Pages ----------------------------------------------------------------------------------------------------------
@pytest.fixture
def desk(client, official):
    client.force_login(official)
    prove(client)
    return client


def test_a_draft_is_typed_tried_and_published(desk, draft, series):
    page = reverse("issuing:design", args=[draft.uuid])
    answer = desk.post(page, typed(draft, body=draft.body.replace("<h1>", "<h1>Tờ ")))
    assert answer["Location"] == f"{page}?mau=60-chu"
    text = desk.get(answer["Location"]).content.decode()
    assert "vừa một trang, đủ chữ" in text
    assert f"/mau/{draft.uuid}/anh/60-chu.png" in text
    text = desk.get(f"{page}?kiem-tra=1").content.decode()
    assert text.count("vừa một trang, đủ chữ") == len(SAMPLES)
    answer = desk.post(reverse("issuing:design_publish", args=[draft.uuid]), follow=True)
    assert "Đã công bố" in answer.content.decode()
    assert Series.objects.get(pk=series.official.pk).design == draft


def test_who_may_change_a_design_is_not_led_to_the_editors(desk, design):
    text = desk.get(reverse("issuing:design", args=[design.uuid])).content.decode()
    assert "Sửa thành bản mới" in text
    assert 'href="/cms/"' not in text


def test_the_preview_while_typing_is_the_fragment_alone(desk, draft):
    page = reverse("issuing:design", args=[draft.uuid])
    answer = desk.post(page, typed(draft, body="<h1>{{ ten }}</h1>"), HTTP_X_PREVIEW="1")
    text = answer.content.decode()
    assert "<html" not in text
    assert "Dòng 1, cột 5:" in text
    draft.refresh_from_db()
    assert draft.body == "<h1>{{ ten }}</h1>"
    assert f'value="{draft.changed_at.isoformat()}"' in text
    assert desk.get(reverse("issuing:design_picture", args=[draft.uuid, "60-chu"])).status_code == 404


def test_a_logo_is_put_in_and_taken_away(desk, draft):
    page = reverse("issuing:design", args=[draft.uuid])
    desk.post(page, typed(draft, picture=png()))
    draft.refresh_from_db()
    assert draft.logo.media_type == "image/png"
    desk.post(page, typed(draft))
    draft.refresh_from_db()
    assert draft.logo is not None
    desk.post(page, typed(draft, drop_picture="on"))
    draft.refresh_from_db()
    assert draft.logo is None
    answer = desk.post(page, typed(draft, picture=SimpleUploadedFile("a.svg", b"<svg/>")))
    assert answer.status_code == 400
    assert "Không nhận loại tệp này." in answer.content.decode()


def test_samples_are_drawn_as_picture_and_pdf(desk, design):
    picture = desk.get(reverse("issuing:design_picture", args=[design.uuid, "ngan"]))
    assert picture["Content-Type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")
    pdf = desk.get(reverse("issuing:design_pdf", args=[design.uuid, "ngan"]))
    assert pdf.content.startswith(b"%PDF")
    assert desk.get(reverse("issuing:design_pdf", args=[design.uuid, "khong-co"])).status_code == 404


def test_without_poppler_the_preview_is_the_pdf(desk, design, monkeypatch):
    monkeypatch.setattr(trials.shutil, "which", lambda name: None)
    text = desk.get(reverse("issuing:design", args=[design.uuid])).content.decode()
    assert "Mở bản xem thử (PDF)" in text
    assert ".png" not in text.split("</header>", 1)[1]
    assert desk.get(reverse("issuing:design_picture", args=[design.uuid, "ngan"])).status_code == 404
    assert desk.get(reverse("issuing:designs")).status_code == 200


def test_the_list_asks_the_same_however_many_there_are(desk, design, official):
    few = counted(lambda: desk.get(reverse("issuing:designs")))
    for number in range(5):
        copy = design_copy(design=design, actor=official, name=f"Mẫu {number}")
        Design.objects.filter(pk=copy.pk).update(state=DesignState.PUBLISHED)
    assert counted(lambda: desk.get(reverse("issuing:designs"))) == few


@override_settings(CACHES={"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}})
def test_a_file_kept_version_has_a_page_without_pictures(desk, series):
    old = Design.objects.create(code="chung-nhan", version=1, name="Giấy chứng nhận", state=DesignState.RETIRED)
    text = desk.get(reverse("issuing:design", args=[old.uuid])).content.decode()
    assert "dưới dạng tệp" in text
    answer = desk.post(reverse("issuing:design_draft", args=[old.uuid]))
    draft = Design.objects.get(code="chung-nhan", state=DesignState.DRAFT)
    assert answer["Location"].endswith(f"{draft.uuid}/")
    assert "<h1>" in draft.body
