"""The designs that the platform brings along: golden by text and picture, PDF/A-3a to the letter, bytes that stay."""

from __future__ import annotations

import hashlib
import io
from datetime import date

import pikepdf
import pytest
import zxingcpp
from django.core.files.base import ContentFile
from django.test import override_settings
from PIL import Image, ImageDraw

from certificates import drawing, rendering
from certificates.defaults import SHIPPED, designs_ensure_shipped, series_ensure_defaults, shipped_text
from certificates.design_language import body_missing
from certificates.fitting import QR_SAYS, fit_faults
from certificates.models import Asset, Certificate, Design, DesignState, Paper, Series
from certificates.samples import SAMPLES, must_be_seen, sample_certificate
from certificates.services import certificate_render
from common.pdf import pages_measured
from tests.certificates.test_files import NAME, frozen, pdf_picture, pdf_text, shipped

pytestmark = [pytest.mark.slow, pytest.mark.anywhere]

CODES = [code for code, *_ in SHIPPED]
#: SHA-256 of what was issued before designs were kept in the database. Never change a hash here: people hold the files.
ISSUED = {
    "chung-nhan": "82e0ac65f25c16691e687ff77d97e67b0cd0734489c464df3a7d5f99bc5b0600",
    "xac-nhan": "2417d2572f18c82d8105859a9cdd95677d6817a13fe6205c26a5563974f38624",
}


# --- The first version ----------------------------------------------------------------------------------------------
@override_settings(BASE_URL="http://localhost:8000")
@pytest.mark.parametrize("code", ISSUED)
def test_papers_of_the_first_version_keep_their_very_bytes(code):
    assert hashlib.sha256(rendering.certificate_pdf(frozen(code))).hexdigest() == ISSUED[code]


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("code", ISSUED)
def test_the_last_day_is_printed_when_there_is_one(tmp_path, code, version):
    text = " ".join(
        pdf_text(rendering.certificate_pdf(frozen(code, version, expires_on=date(2028, 11, 17))), tmp_path).split()
    )
    assert "17/11/2028" in text
    assert "17/11/2028" not in pdf_text(rendering.certificate_pdf(frozen(code, version)), tmp_path)


# --- Golden ---------------------------------------------------------------------------------------------------------
GOLDEN = {
    "chung-nhan": ["GIẤY CHỨNG NHẬN", "Theo Quyết định số 412/QĐ-SKHCN ngày 18/11/2026", "KT. GIÁM ĐỐC"],
    "xac-nhan": ["GIẤY XÁC NHẬN", "Hoàn thành khoá học trực tuyến", "KT. GIÁM ĐỐC"],
    "tham-gia": ["GIẤY XÁC NHẬN THAM GIA", "Xác nhận ông/bà", "KT. GIÁM ĐỐC"],
    "the-vi": ["THẺ CHỨNG NHẬN"],
}


@pytest.mark.parametrize("code", CODES)
def test_golden_text(tmp_path, code):
    text = " ".join(pdf_text(rendering.certificate_pdf(frozen(code, 2)), tmp_path).split())
    everywhere = ["UBND TỈNH ĐẮK LẮK", "SỞ KHOA HỌC VÀ CÔNG NGHỆ", "00042/2026/CN-SKHCN", NAME, "Sinh ngày 17/05/1969"]
    everywhere += ["5 kỹ năng số cơ bản", "Đắk Lắk, ngày 18 tháng 11 năm 2026", *GOLDEN[code]]
    if code != "the-vi":
        everywhere += ["CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "1,5 giờ", "Trần Đức Hiếu"]
    for part in everywhere:
        assert part in text, part


SIZE = {Paper.LANDSCAPE: (1169, 827), Paper.PORTRAIT: (827, 1169), Paper.CARD: (337, 213)}


@override_settings(BASE_URL="https://hocso.bacninh.gov.vn")
@pytest.mark.parametrize("code", CODES)
def test_golden_picture(tmp_path, code):
    """The sheet has its size; the code leads to the public page; only the name changes where the name stands."""
    certificate = frozen(code, 2)
    picture = pdf_picture(rendering.certificate_pdf(certificate), tmp_path)
    width, height = SIZE[Paper(certificate.design.paper)]
    assert (abs(picture.width - width) <= 2, abs(picture.height - height) <= 2) == (True, True)
    (read,) = zxingcpp.read_barcodes(picture.resize((picture.width * 3, picture.height * 3)))
    assert read.text == "https://hocso.bacninh.gov.vn/xac-minh/Zq3n0-A8b_Xk2Lw9Tt5RcVhJm1p/"
    other = pdf_picture(rendering.certificate_pdf(frozen(code, 2, holder_name="Trần Văn Đức")), tmp_path)
    left, top, right, bottom = _changed(picture, other)
    assert 0 < left < right < picture.width
    assert 0.25 < top / picture.height < bottom / picture.height < 0.55


def _changed(one: Image.Image, two: Image.Image) -> tuple[int, int, int, int]:
    from PIL import ImageChops

    found = ImageChops.difference(one.convert("L"), two.convert("L")).getbbox()
    assert found is not None
    return found


@pytest.mark.parametrize("code", CODES)
def test_shipped_designs_are_sound_and_fit_everybody(code):
    design = shipped(code)
    sound = drawing.design_read(design.body, design.style, design.paper)
    assert [*sound.faults, *sound.style_faults, *body_missing(sound.template)] == []
    for sample in SAMPLES:
        certificate = sample_certificate(sample, design)
        html, css = drawing.page_of(certificate, design)
        pages = pages_measured(html=html, css=css, art=drawing.ART)
        assert fit_faults(pages, paper=Paper(design.paper), expected=must_be_seen(certificate)) == [], sample.key


# --- PDF/A-3a -------------------------------------------------------------------------------------------------------
@pytest.fixture
def signature(db, settings):
    picture = Image.new("RGBA", (300, 120), (0, 0, 0, 0))
    ImageDraw.Draw(picture).line([(10, 100), (120, 20), (290, 90)], fill=(20, 40, 160, 255), width=6)
    kept = io.BytesIO()
    picture.save(kept, "PNG")
    digest = hashlib.sha256(kept.getvalue()).hexdigest()
    return Asset.objects.create(
        sha256=digest, name="Chữ ký", media_type="image/png", file=ContentFile(kept.getvalue(), name=f"{digest}.png")
    )


@pytest.mark.parametrize("code", CODES)
def test_the_file_is_what_pdf_a_3a_asks(signature, code):
    certificate = frozen(code, 2, signature=signature)
    certificate.design.logo = signature
    with pikepdf.open(io.BytesIO(rendering.certificate_pdf(certificate))) as pdf:
        root = pdf.Root
        assert str(root.Lang) == "vi"
        assert bool(root.MarkInfo.Marked) is True
        assert bool(root.ViewerPreferences.DisplayDocTitle) is True
        (intent,) = root.OutputIntents
        assert (str(intent.S), "/DestOutputProfile" in intent) == ("/GTS_PDFA1", True)
        with pdf.open_metadata() as told:
            assert (told["pdfaid:part"], told["pdfaid:conformance"]) == ("3", "A")
            assert told["dc:title"] == f"{certificate.design.name} số 00042/2026/CN-SKHCN – {NAME}"
            assert told["dc:creator"] == [certificate.issuer_name]
            assert "5 kỹ năng số cơ bản" in told["dc:description"]
            assert told["dc:identifier"] == "urn:uuid:00000000-0000-0000-0000-000000000007"
            assert told["xmp:CreateDate"].startswith("2026-11-18")
            assert told["xmp:ModifyDate"].startswith("2026-11-18")
        assert root.Metadata.read_bytes().count(b"<rdf:RDF") == 1
        assert pdf.trailer.ID
        assert not pdf.is_encrypted
        _fonts_are_inside(pdf)
        _pictures_are_left_as_they_are(pdf)
        assert "/JavaScript" not in root.get("/Names", {})


def _fonts_are_inside(pdf: pikepdf.Pdf) -> None:
    fonts = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and one.get("/Type") == "/Font"]
    whole = [font for font in fonts if font.Subtype == "/Type0"]
    assert whole
    assert {str(font.Subtype) for font in fonts} <= {"/Type0", "/CIDFontType2", "/CIDFontType0"}, "none of the base 14"
    for font in whole:
        assert "/ToUnicode" in font
        (inner,) = font.DescendantFonts
        assert "Be-Vietnam-Pro" in str(inner.BaseFont)
        assert "/FontFile2" in inner.FontDescriptor or "/FontFile3" in inner.FontDescriptor


def _pictures_are_left_as_they_are(pdf: pikepdf.Pdf) -> None:
    """PDF/A forbids a reader to smooth pictures."""
    pictures = [one for one in pdf.objects if isinstance(one, pikepdf.Stream) and one.get("/Subtype") == "/Image"]
    for picture in pictures:
        assert bool(picture.get("/Interpolate", False)) is False


@pytest.mark.parametrize("code", CODES)
def test_the_structure_says_what_is_what(code):
    with pikepdf.open(io.BytesIO(rendering.certificate_pdf(frozen(code, 2)))) as pdf:
        parts = list(_structure(pdf.Root.StructTreeRoot))
        kinds = [str(part.S) for part in parts]
        assert kinds.count("/H1") == 1
        assert kinds.count("/P") >= 5
        (figure,) = [part for part in parts if part.S == "/Figure"]
        assert str(figure.Alt) == QR_SAYS
        assert "/BBox" in figure.A
        link = next(part for part in parts if part.S == "/Link")
        assert link is not None
        numbers = pdf.Root.StructTreeRoot.ParentTree.Nums
        assert len(numbers) >= 2


def _structure(node: pikepdf.Object):
    for child in node.get("/K", []) if isinstance(node.get("/K"), pikepdf.Array) else [node.K]:
        if isinstance(child, pikepdf.Dictionary) and child.get("/Type") == "/StructElem":
            yield child
            yield from _structure(child)


@pytest.mark.parametrize("code", CODES)
def test_the_same_row_gives_the_same_bytes(code, signature):
    made = {rendering.certificate_pdf(frozen(code, 2, signature=signature)) for _ in range(3)}
    assert len(made) == 1


def test_the_signature_and_the_room_for_the_seal_are_drawn(tmp_path, signature):
    plain = pdf_picture(rendering.certificate_pdf(frozen(version=2)), tmp_path).copy()
    signed = pdf_picture(rendering.certificate_pdf(frozen(version=2, signature=signature)), tmp_path)
    left, top, right, bottom = _changed(plain, signed)
    assert 0.6 < left / plain.width < right / plain.width < 0.95
    assert 0.7 < top / plain.height < bottom / plain.height < 0.95
    without = frozen(version=2)
    without.design.has_seal = False
    assert _changed(plain, pdf_picture(rendering.certificate_pdf(without), tmp_path))


# --- What was issued stays ------------------------------------------------------------------------------------------
def test_nothing_that_happens_later_changes_an_issued_file(issued, learner, course, province, series, signature):
    """Renamed holder, transferred person, other course title, other signer, signature, logo, design, unit name."""
    before = certificate_render(certificate_id=issued.certificate.pk)
    learner.full_name = "Nguyễn Thị Khác"
    learner.save()
    learner.memberships.update(unit=province.south)
    course.title = "Tên mới"
    course.save()
    official = Series.objects.get(pk=series.official.pk)
    newer = Design.objects.create(
        code=official.design.code, version=99, name="Mẫu khác",
        body=official.design.body.replace("<h1>", "<h1>Bản mới "), style=official.design.style, logo=signature,
    )  # fmt: skip
    Series.objects.update(design=newer, signature=signature, signer_name="Người Khác", place="Hà Nội")
    type(province.department).objects.filter(pk=province.department.pk).update(name="Sở Khác")
    fresh = Certificate.objects.select_related("design__logo", "signature").get(pk=issued.certificate.pk)
    assert fresh.design.version == 2
    assert hashlib.sha256(rendering.certificate_pdf(fresh)).hexdigest() == before.file_sha256


# --- Loading --------------------------------------------------------------------------------------------------------
def test_a_new_province_starts_with_the_shipped_designs(series):
    assert (series.automatic.design.code, series.automatic.design.version) == ("xac-nhan", 2)
    assert (series.official.design.code, series.official.design.version) == ("chung-nhan", 2)
    assert set(Design.objects.filter(state=DesignState.PUBLISHED).values_list("code", flat=True)) == set(CODES)


def test_a_province_with_file_kept_designs_goes_over_and_its_papers_keep_theirs(province):
    old = Design.objects.create(code="chung-nhan", version=1, name="Giấy chứng nhận")
    kept = Series.objects.create(
        code="giay-chung-nhan",
        name="Giấy",
        kind="certificate",
        suffix="CN",
        unit=province.department,
        design=old,
        place="x",
    )
    for _ in range(2):
        series_ensure_defaults(unit=province.department)
        kept.refresh_from_db()
        old.refresh_from_db()
        assert (kept.design.version, bool(kept.design.body), old.state) == (2, True, DesignState.RETIRED)
    assert Design.objects.filter(code="chung-nhan").count() == 2


def test_a_version_of_the_province_itself_is_left_alone(series):
    own = Design.objects.create(code="chung-nhan", version=3, name="Của tỉnh", body="<p></p>")
    Series.objects.filter(pk=series.official.pk).update(design=own)
    designs_ensure_shipped()
    assert Series.objects.get(pk=series.official.pk).design == own


def test_unknown_codes_have_no_shipped_text():
    assert shipped_text("../../settings") == ("", "")
