"""Uploads: sound files of every kind pass untouched, everything else is refused with a reason or cleaned."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cms import uploads
from cms.uploads import captions
from cms.uploads.base import KINDS
from tests.factories import uploads as made
from tests.factories.media import png

LIMITS = uploads.Limits(
    megabytes={"picture": 10, "drawing": 1, "document": 20, "audio": 30, "video": 48, "captions": 1},
    pixels=50_000_000,
    unpacked_mb=20,
    entries=300,
    ratio=100,
)
VTT = b"WEBVTT\n\n00:01.000 --> 00:04.000\nXin ch\xc3\xa0o.\n"
SOUND = {
    "gif": made.raster("gif"), "jpg": made.raster("jpeg"), "jpeg": made.raster("jpeg"), "png": made.raster("png"),
    "webp": made.raster("webp"), "svg": made.svg("<circle r='3'/>"), "pdf": made.pdf(),
    "zip": made.archive({"a.txt": b"x"}),
    "docx": made.office("docx"), "xlsx": made.office("xlsx"), "pptx": made.office("pptx"), "odt": made.office("odt"),
    "ods": made.office("ods"), "odp": made.office("odp"), "txt": "Chào bạn".encode(), "mp3": made.mp3(),
    "mp4": made.mp4(), "vtt": VTT,
}  # fmt: skip


def _check(name, content, limits=LIMITS):
    check = uploads.check_picture if name.rpartition(".")[2].lower() in uploads.PICTURES else uploads.check_document
    return check(name=name, file=BytesIO(content), limits=limits)


def _refused(name, content, limits=LIMITS):
    with pytest.raises(uploads.UnsafeFile) as caught:
        _check(name, content, limits)
    refusal = caught.value
    assert refusal.text.endswith(".")
    assert not set("<>&") & set(refusal.text + refusal.fix)
    assert refusal.fix.endswith((".", ")."))
    return refusal


def test_there_is_a_sound_file_for_every_kind():
    assert set(SOUND) == set(KINDS)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_sound_files_pass_untouched(kind):
    assert _check(f"tep.{kind}", SOUND[kind]) is None
    assert _check(f"TEP.{kind.upper()}", SOUND[kind]) is None


@pytest.mark.parametrize("named", sorted(KINDS))
def test_no_kind_passes_for_another(named):
    """Every sound file under every other name: refused, but for plain words, which are many things."""
    same = ({"jpg", "jpeg"}, {"txt", "vtt"}, {"zip", "docx", "xlsx", "pptx", "odt", "ods", "odp"})
    for kind, content in SOUND.items():
        if kind == named or any({kind, named} <= group for group in same):
            continue
        assert _refused(f"a.{named}", content).code == "mislabelled", (kind, named)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.exe", b"MZ\x90\x00", "extension"), ("a", b"x", "extension"), ("a.svgz", b"x", "extension"),
        ("a.png", b"", "empty"), ("a.html", made.HTML, "extension"), ("a.txt", made.HTML, "mislabelled"),
        ("a.png", b"MZ\x90\x00" + b"\0" * 99, "mislabelled"), ("a.svg", made.HTML, "mislabelled"),
        ("a.docx", b"\xd0\xcf\x11\xe0" + b"\0" * 99, "mislabelled"), ("a.mp4", made.mp4(brand=b"qt  "), "mislabelled"),
        ("a.mp4", made.mp4(brand=b"heic"), "mislabelled"), ("a.jpg", b"\0\0\0\x20ftypavif" + b"\0" * 99, "mislabelled"),
        ("a.docx", made.office("docx", says="xlsx"), "mislabelled"),
        ("a.odt", made.office("odt", says="ods"), "mislabelled"),
        ("a.docx", SOUND["zip"], "mislabelled"), ("a.xlsx", SOUND["odt"], "mislabelled"),
        ("a.odt", SOUND["docx"], "mislabelled"),
    ],
)  # fmt: skip
def test_names_must_say_what_is_inside(name, content, code):
    assert _refused(name, content).code == code


def test_a_refusal_says_what_the_file_really_is():
    assert "bên trong là ảnh PNG" in _refused("a.jpg", SOUND["png"]).text
    assert "trang web HTML" in _refused("a.svg", made.HTML).text


@pytest.mark.parametrize("kind", ["png", "svg", "pdf", "mp3", "mp4", "vtt"])
def test_every_kind_has_a_weight(kind):
    tiny = uploads.Limits({**dict.fromkeys(LIMITS.megabytes, 0)}, 10, 1, 1, 1)
    refusal = _refused(f"a.{kind}", SOUND[kind], tiny)
    assert refusal.code == "too_heavy"
    assert "MB" in refusal.text


# --- Photographs ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jpg", SOUND["jpg"] + made.HTML),
        ("a.jpg", SOUND["jpg"] + SOUND["zip"]),
        ("a.jpg", SOUND["jpg"] + SOUND["pdf"]),
        ("a.jpg", made.jpeg_with(0xFE, made.HTML)),
        ("a.jpg", made.jpeg_with(0xE5, b"<?php system($_GET[0]); ?>")),
        ("a.gif", SOUND["gif"] + made.HTML),
        ("a.gif", SOUND["gif"] + SOUND["zip"]),
        ("a.gif", made.gif_with_comment(b"<script>alert(1)</script>")),
        ("a.png", SOUND["png"] + made.HTML),
        ("a.png", made.png_with_text("<svg onload=alert(1)>")),
        ("a.webp", SOUND["webp"] + SOUND["zip"]),
        ("a.webp", made.raster("webp", xmp=b"<script>1</script>")),
    ],
)
def test_pictures_that_hide_code_or_files_are_refused(name, content):
    assert _refused(name, content).code == "polyglot"


@pytest.mark.parametrize(
    ("name", "content", "secret"),
    [
        ("a.gif", made.gif_with_comment(b"*/=1;alert(document.cookie)//"), b"alert"),
        ("a.gif", SOUND["gif"] + b"/*;alert(1)*/", b"alert"),
        ("a.jpg", SOUND["jpg"] + b"\0" * 50 + b"eval(name)", b"eval"),
        ("a.jpg", made.jpeg_from_a_phone(), b"Xuan Luong"),
        ("a.jpg", made.jpeg_with(0xFE, b"hello"), b"hello"),
        ("a.png", made.png_with_text("toạ độ 21.3"), b"Comment"),
        ("a.webp", made.raster("webp", xmp=b"<x:xmpmeta>nha</x:xmpmeta>"), b"xmpmeta"),
    ],
)
def test_what_is_no_picture_is_cut_out_and_the_picture_stays(name, content, secret):
    assert secret in content
    clean = _check(name, content)
    assert secret not in clean
    before, after = Image.open(BytesIO(content)), Image.open(BytesIO(clean))
    assert before.size == after.size
    assert before.convert("RGB").tobytes() == after.convert("RGB").tobytes()
    assert _check(name, clean) is None


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_keeps_which_way_is_up_and_nothing_else_of_its_camera(orientation):
    clean = _check("a.jpg", made.jpeg_from_a_phone(orientation))
    exif = Image.open(BytesIO(clean)).getexif()
    assert exif.get(0x0112, 1) == orientation
    assert set(exif) <= {0x0112}


@pytest.mark.parametrize("kind", ["gif", "png", "webp"])
def test_moving_pictures_go_on_moving(kind):
    content = made.raster(kind, frames=3)
    assert _check(f"a.{kind}", content) is None
    assert Image.open(BytesIO(content)).n_frames == 3


@pytest.mark.parametrize(
    ("name", "content", "limits"),
    [
        ("a.png", made.png_bomb(), LIMITS),
        ("a.png", png(100, 100), uploads.Limits(LIMITS.megabytes, 9_999, 1, 1, 1)),
        ("a.gif", made.raster("gif", frames=5), uploads.Limits(LIMITS.megabytes, 60 * 40 * 4, 1, 1, 1)),
        ("a.webp", made.raster("webp", frames=5), uploads.Limits(LIMITS.megabytes, 60 * 40 * 4, 1, 1, 1)),
        ("a.png", made.raster("png", frames=5), uploads.Limits(LIMITS.megabytes, 60 * 40 * 4, 1, 1, 1)),
    ],
)
def test_walls_of_pixels_are_refused(name, content, limits):
    assert _refused(name, content, limits).code == "too_many_pixels"


@pytest.mark.parametrize("kind", ["gif", "jpg", "png", "webp"])
def test_torn_pictures_are_refused(kind):
    content = SOUND[kind]
    for end in (20, len(content) // 2, len(content) - 3):
        assert _refused(f"a.{kind}", content[:end]).code == "broken"


@settings(max_examples=300, deadline=None)
@given(kind=st.sampled_from(["gif", "jpg", "png", "webp"]), data=st.data())
def test_no_damage_breaks_the_check(kind, data):
    """Whatever bytes are changed: a refusal, or a picture that Pillow reads; never another exception."""
    content = bytearray(SOUND[kind])
    for _ in range(data.draw(st.integers(1, 6))):
        content[12 + data.draw(st.integers(0, 10**6)) % (len(content) - 12)] = data.draw(st.integers(0, 255))
    try:
        clean = _check(f"a.{kind}", bytes(content))
    except uploads.UnsafeFile:
        return
    Image.open(BytesIO(clean or bytes(content))).load()


# --- Drawings -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "content",
    [
        made.svg("<rect width='3' height='3' fill='url(#g)' style=\"fill:url('#g'); clip-path: url( #c )\"/>"),
        made.svg("<style>.a{fill:red}</style><g class='a'><use href='#b'/></g>"),
        made.svg("<image href='data:image/png;base64,AAAA'/>"),
        made.svg("<metadata><r:RDF xmlns:r='urn:r'><r:li r:resource='http://x.vn'/></r:RDF></metadata>"),
        made.svg("<text>javascript là gì?</text>", before='<?xml version="1.0" encoding="UTF-8"?>\n<!-- Vẽ tay -->\n'),
        made.svg(before='<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/svg11.dtd">'),
        made.svg("<circle r='3'><animate attributeName='r' to='5' dur='1s'/></circle>"),
    ],
)
def test_drawings_that_draw_pass(content):
    assert _check("a.svg", content) is None


@pytest.mark.parametrize(
    ("content", "code", "told"),
    [
        (made.svg("<script>alert(1)</script>"), "svg_script", "<script>"),
        (made.svg("<s:script xmlns:s='http://www.w3.org/2000/svg'>1</s:script>"), "svg_script", "<script>"),
        (made.svg(attributes="onload='alert(1)'"), "svg_event", "onload"),
        (made.svg("<circle OnClick='x'/>"), "svg_event", "onclick"),
        (made.svg("<foreignObject><p>x</p></foreignObject>"), "svg_element", "<foreignobject>"),
        (made.svg("<h:body xmlns:h='http://www.w3.org/1999/xhtml'/>"), "svg_element", "<body>"),
        (made.svg("<iframe src='x'/>"), "svg_element", "<iframe>"),
        (made.svg("<a href='javascript:alert(1)'><circle r='1'/></a>"), "svg_script", "href"),
        (made.svg("<a xlink:href=' java\tscript:alert(1)'/>"), "svg_external", "href"),
        (made.svg("<image href='https://evil.example/x.png'/>"), "svg_external", "evil.example"),
        (made.svg("<image xlink:href='//evil.example/x.png'/>"), "svg_external", "evil.example"),
        (made.svg("<image href='data:image/svg+xml;base64,AAAA'/>"), "svg_external", "href"),
        (made.svg("<use href='x.svg#a'/>"), "svg_external", "x.svg"),
        (made.svg("<feImage href='file:///etc/passwd'/>"), "svg_external", "passwd"),
        (made.svg("<style>@import 'https://evil.example/a.css';</style>"), "svg_external", "<style>"),
        (made.svg("<style>a{background:u\\72l(https://evil.example)}</style>"), "svg_external", "<style>"),
        (made.svg("<rect style='fill:url(https://evil.example/#a)'/>"), "svg_external", "style"),
        (made.svg("<rect fill='url( &quot;http://evil.example&quot; )'/>"), "svg_external", "fill"),
        (made.svg("<a><set attributeName='xlink:href' to='javascript:1'/></a>"), "svg_event", "xlink:href"),
        (made.svg("<a><animate attributeName='onclick' to='x'/></a>"), "svg_event", "onclick"),
        (made.svg(before="<?xml-stylesheet href='https://evil.example'?>"), "svg_instruction", "xml-stylesheet"),
        (made.svg("&x;", before='<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), "svg_entities", "ENTITY"),
        (made.svg("&b;", before='<!DOCTYPE svg [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>'), "svg_entities", "ENTITY"),
        (made.svg("<g>"), "svg_syntax", "dòng 1"),
        (b"<?xml version='1.0'?><plan/>", "svg_root", "<svg>"),
        (made.svg("<g/>" * 20_001), "svg_large", "phần tử"),
        (made.svg("<g id='a'><use href='#b'/></g><g id='b'><use href='#a'/></g>"), "svg_bomb", "vòng tròn"),
        (
            made.svg("".join(f"<g id='a{n}'>" + f"<use href='#a{n - 1}'/>" * 10 + "</g>" for n in range(12))),
            "svg_bomb",
            "nhân hình",
        ),
    ],
)
def test_drawings_that_do_more_are_refused_by_name(content, code, told):
    refusal = _refused("a.svg", content)
    shown = told.replace("<", "‹").replace(">", "›")
    assert (refusal.code, shown in refusal.text) == (code, True), refusal.text


# --- Archives and documents -----------------------------------------------------------------------------------------
ZEROS = b"\0" * 1_000_000
NESTED = made.archive({"c.txt": b"x"})
MACRO = made.office("xlsx", {"xl/vbaProject.bin": b"x"})


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.zip", made.archive({f"{n}.bin": ZEROS for n in range(21)}), "zip_bomb"),
        ("a.zip", made.archive({f"{n}.bin": ZEROS for n in range(15)}), "zip_bomb"),
        ("a.zip", made.archive({f"{n}.txt": b"" for n in range(301)}), "zip_bomb"),
        ("a.zip", made.archive({"x" * 200 + f"{n}.txt": b"" for n in range(3000)}), "zip_bomb"),
        ("a.zip", made.archive_of_overlaps(), "zip_bomb"),
        ("a.zip", made.archive_that_lies(), "broken"),
        ("a.docx", made.office("docx", {f"word/media/{n}.bmp": ZEROS for n in range(21)}), "zip_bomb"),
        ("a.xlsx", made.office("xlsx", {f"xl/{n}.xml": ZEROS for n in range(15)}), "zip_bomb"),
        ("a.zip", made.archive({"b.zip": NESTED}), "nested"),
        ("a.zip", made.archive({"b.txt": NESTED}), "nested"),
        ("a.zip", made.archive({"b.rar": b"Rar!"}), "nested"),
        ("a.zip", made.archive({"../../etc/passwd": b"x"}), "path"),
        ("a.zip", made.archive({"/etc/passwd": b"x"}), "path"),
        ("a.zip", made.archive({"..\\x.txt": b"x"}), "path"),
        ("a.zip", made.archive({"game.exe": b"x"}), "program"),
        ("a.zip", made.archive({"anh.jpg": b"MZ\x90\x00" + b"\0" * 60}), "program"),
        ("a.zip", made.archive({"trang.html": made.HTML}), "program"),
        ("a.zip", SOUND["zip"] + made.HTML, "polyglot"),
        ("a.zip", b"PK\x05\x06" + b"\0" * 18, "polyglot"),
        ("a.zip", SOUND["zip"][:-10], "broken"),
        ("a.zip", SOUND["zip"][:40] + b"\xff" + SOUND["zip"][41:], "broken"),
        ("a.docx", made.office("docx", {"word/vbaProject.bin": b"x"}), "macro"),
        ("a.xlsx", made.office("xlsx", {"xl/macrosheets/sheet1.xml": b"<x/>"}), "macro"),
        ("a.odt", made.office("odt", {"Basic/Standard/Module1.xml": b"<x/>"}), "macro"),
        ("a.ods", made.office("ods", {"Scripts/python/x.py": b"x"}), "macro"),
        ("a.docx", made.office("docx", {"word/embeddings/oleObject1.bin": b"x"}), "active"),
        ("a.pptx", made.office("pptx", {"ppt/activeX/activeX1.xml": b"<x/>"}), "active"),
        (
            "a.docx",
            made.office("docx", {"word/_rels/settings.xml.rels": made.relations("attachedTemplate", "http://e.vn/a.dotm")}),
            "external",
        ),
        ("a.docx", made.office("docx", {"word/embeddings/a.xlsx": MACRO}), "macro"),
        ("a.docx", made.office("docx", {"[Content_Types].xml": b"<!DOCTYPE a [<!ENTITY x 'y'>]><a/>"}), "broken"),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_archives_that_blow_up_hide_or_run_are_refused(name, content, code):
    assert _refused(name, content).code == code


def test_documents_inside_documents_are_no_crime():
    chart = made.office("docx", {"word/embeddings/so-lieu.xlsx": made.office("xlsx")})
    assert _check("a.docx", chart) is None
    assert _check("a.zip", made.archive({"bai/a.docx": chart, "b.pdf": made.pdf()})) is None
    deep = made.office("docx", {"word/embeddings/a.docx": made.office("docx", {"word/embeddings/b.docx": chart})})
    assert _refused("a.docx", deep).code == "zip_bomb"


def test_links_in_documents_are_no_crime():
    rels = {"word/_rels/document.xml.rels": made.relations("hyperlink", "https://dichvucong.gov.vn")}
    assert _check("a.docx", made.office("docx", rels)) is None


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.svg", made.svg("<image href='&lt;img src=x onerror=alert(1)&gt;'/>")),
        ("a.svg", made.svg("<a><set attributeName='on&lt;b&gt;' to='x'/></a>")),
        ("a.zip", made.archive({"<img src=x onerror=alert(1)>.exe": b"x"})),
        ("a.docx", made.office("docx", {"word/_rels/a.rels": made.relations("oleObject", "&lt;script&gt;")})),
        ("a.vtt", b"WEBVTT\n\n<img onerror=alert(1)> --> x\ny"),
        ("a.<img src=x onerror=alert(1)>", b"x"),
    ],
)
def test_what_a_refusal_quotes_can_not_run_in_the_page_that_shows_it(name, content):
    """Wagtail's page for many uploads writes the words of a refusal into the page as HTML."""
    assert "‹" in _refused(name, content).text


# --- Papers, films, sound -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.pdf", made.pdf(after=made.HTML), "polyglot"),
        ("a.pdf", made.pdf()[:-7], "broken"),
        ("a.pdf", made.pdf(b"/OpenAction<</S/JavaScript/JS(app.alert(1))>>"), "active"),
        ("a.pdf", made.pdf(b"/AA<</S/J#61vaScript>>"), "active"),
        ("a.pdf", made.pdf(b"/Names<</EmbeddedFile 3 0 R>>"), "active"),
        ("a.txt", b"xin ch\xe0o", "encoding"),
        ("a.mp4", made.mp4(after=made.HTML), "polyglot"),
        ("a.mp4", made.mp4(with_moov=False), "broken"),
        ("a.mp4", made.mp4()[:-5], "polyglot"),
        ("a.mp3", b"ID3\x04\0\0\0\0\0\x0a" + b"\0" * 500, "broken"),
        ("a.mp3", b"\xff\xfb\x50\x00 khong phai tieng", "broken"),
    ],
)
def test_papers_and_films_are_read_to_the_end(name, content, code):
    assert _refused(name, content).code == code


def test_sound_without_a_tag_and_words_in_utf16_pass():
    assert _check("a.mp3", made.mp3(tag=False)) is None
    assert _check("a.txt", "Chào".encode("utf-16")) is None


# --- Captions -------------------------------------------------------------------------------------------------------
HEAD = "WEBVTT\n\n"
CUE = "00:01.000 --> 00:04.000\nChào\n"


@pytest.mark.parametrize(
    "text",
    [
        HEAD + CUE,
        "\ufeff" + HEAD + CUE,
        "WEBVTT - Bài 1\r\n\r\n1\r\n00:00:01.000 --> 00:00:04.000 line:0 align:start\r\n<v An>Chào</v>\r\n",
        HEAD + "NOTE ghi chú\n\nSTYLE\n::cue{color:red}\n\n" + CUE + "\ngiới thiệu\n00:04.000 --> 00:05.000\nHai\ndòng",
        HEAD + "100:00:01.000 --> 100:00:04.000\nDài\n",
    ],
)
def test_sound_captions_pass(text):
    assert captions.problem_in(text.encode()) is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "Dòng 1"), ("1\n" + CUE, "Dòng 1 phải là WEBVTT"), ("WEBVTTx\n\n" + CUE, "Dòng 1"),
        ("WEBVTT\n" + CUE, "Dòng 2"),
        (HEAD, "không có câu"), (HEAD + "00:00:01,000 --> 00:00:04,000\nx", "Dòng 3"),
        (HEAD + "00:61.000 --> 00:62.000\nx", "Dòng 3"), (HEAD + "00:05.000 --> 00:04.000\nx", "trước khi bắt đầu"),
        (HEAD + CUE + "\n00:00.500 --> 00:09.000\nx", "Dòng 6"), (HEAD + "Chào\nbạn", "thiếu dòng thời gian"),
        (HEAD + CUE + "00:05.000 --> 00:06.000\nx", "thiếu dòng trống"),
        (HEAD + "00:01.000 --> 00:04.000", "không có chữ"),
        (HEAD + "00:01.000 --> 00:04.000 màu:đỏ\nx", "«màu:đỏ»"), (HEAD + "00:01.000-->00:04.000\nx", "viết sai"),
    ],
)  # fmt: skip
def test_mistakes_in_captions_are_told_by_line(text, told):
    problem, fix = captions.problem_in(text.encode())
    assert told in problem
    assert fix.endswith((".", ")."))


def test_captions_of_another_kind_are_told_how_to_become_one():
    assert "dấu phẩy thành dấu chấm" in captions.problem_in((HEAD + "00:00:01,000 --> 00:00:04,000\nx").encode())[1]
    assert "Dòng 3" in captions.problem_in(HEAD.encode() + b"\xe0\n")[0]
    assert _refused("a.vtt", b"1\n00:00:01,000 --> 00:00:04,000\nx").code == "captions"


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet="01:.,-> \n\tabcNOTE", max_size=80))
def test_no_text_breaks_the_grammar(text):
    found = captions.problem_in((HEAD + text).encode("utf-8", "replace"))
    assert found is None or (found[0].endswith(".") and found[1])
