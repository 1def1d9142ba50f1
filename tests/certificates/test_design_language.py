"""The language of designs: what it takes, what it refuses and where, and that nothing typed gets past it."""

from __future__ import annotations

import pytest
import tinyhtml5
from hypothesis import given
from hypothesis import strategies as st

from certificates.design_language import FIELDS, REQUIRED, TAGS, Fault, body_missing, body_read
from certificates.design_style import style_read

ART = {"khung.svg": "file:///designs/khung.svg"}


def faults(source: str) -> list[tuple[int, int, str]]:
    return [(fault.line, fault.column, fault.text) for fault in body_read(source)[1]]


def styled(source: str) -> list[tuple[int, int, str]]:
    return [(fault.line, fault.column, fault.text) for fault in style_read(source, ART)[1]]


# --- What is written ------------------------------------------------------------------------------------------------
def test_fields_are_filled_and_escaped():
    template, found = body_read("<p>Ông/bà {{ ho_ten }}{{so}}</p>")
    assert found == []
    assert template.render({"ho_ten": "A & <b>B</b>", "so": "1"}) == "<p>Ông/bà A &amp; &lt;b&gt;B&lt;/b&gt;1</p>"


@pytest.mark.parametrize(
    ("day", "drawn"), [("17/05/1969", "<div><p>Sinh 17/05/1969</p></div>"), ("", "<div><p>Không rõ</p></div>")]
)
def test_conditions_hold_what_is_there(day, drawn):
    there = "{% if ngay_sinh %}<p>Sinh {{ ngay_sinh }}</p>{% endif %}"
    template, found = body_read(f"<div>{there}{{% if not ngay_sinh %}}<p>Không rõ</p>{{% endif %}}</div>")
    assert found == []
    assert template.render({"ngay_sinh": day}) == drawn


def test_signs_and_notes():
    template, found = body_read("<!-- ghi chú --><p>1 &lt; 2 &amp; 3 > 2 & 1 &#272;&nbsp;</p>")
    assert found == []
    assert template.render({}) == "<p>1 &lt; 2 &amp; 3 &gt; 2 &amp; 1 Đ\xa0</p>"


# --- What is refused, and where -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("<p>a</p>\n  <script>alert(1)</script>", (2, 3, "Không dùng được thẻ <script>.")),
        ('<img src="x">', (1, 1, "Không dùng được thẻ <img>.")),
        ("<svg><path/></svg>", (1, 1, "Không dùng được thẻ <svg>.")),
        ('<p style="top:0">a</p>', (1, 1, "Thẻ <p> không được có «style».")),
        ('<p onclick="a()">a</p>', (1, 1, "Thẻ <p> không được có «onclick».")),
        ('<p class="{{ ho_ten }}">a</p>', (1, 1, "Tên lớp của <p> chưa đúng.")),
        ("<p>\n{{ ten }}</p>", (2, 1, "Không có ô «ten».")),
        ("<p>a {{ ho_ten.__class__ }}</p>", (1, 6, "Không có ô «ho_ten.__class__».")),
        ("<p>{{ ho_ten|safe }}</p>", (1, 4, "Không có ô «ho_ten|safe».")),
        ("<p>{% include 'x' %}</p>", (1, 4, "Không hiểu {% include 'x' %}.")),
        ("<p>{% if la %}</p>", (1, 4, "Không có ô «la».")),
        ("<p>{% if so %}a</p>", (1, 15 + 1, "</p> đóng sai chỗ.")),
        ("<p>{% endif %}</p>", (1, 4, "{% endif %} đóng sai chỗ.")),
        ("<p>a", (1, 1, "<p> chưa được đóng.")),
        ("<div><p>a</div>", (1, 10, "</div> đóng sai chỗ.")),
        ("<p><div>a</div></p>", (1, 4, "<div> không nằm được trong <p>.")),
        ("<ul><p>a</p></ul>", (1, 5, "Trong <ul> chỉ có <li>.")),
        ("<li>a</li>", (1, 1, "<li> phải nằm trong <ul> hoặc <ol>.")),
        ("<ul>a</ul>", (1, 5, "Chữ không nằm thẳng trong danh sách.")),
        ("<p>{{ ho_<b>ten</b> }}</p>", (1, 4, "Dấu {{ lẻ.")),
        ("<p>a < b</p>", (1, 6, "Dấu < lẻ.")),
        ("<p>&nhammlem;</p>", (1, 4, "Không hiểu «&nhammlem;».")),
        ("<p>&#8;</p>", (1, 4, "Không hiểu «&#8;».")),
        ("<!doctype html><p>a</p>", (1, 1, "Không cần dòng <!…>.")),
        ("<?php 1 ?><p>a</p>", (1, 1, "Không dùng được <?…>.")),
        ("<div/>", (1, 1, "<div/> không có nghĩa.")),
        ("<p>a\u202eb</p>", (1, 5, "Có ký tự không in được (mã 202E).")),
        ("<p>\n\x00</p>", (2, 1, "Có ký tự không in được (mã 0000).")),
    ],
)
def test_faults_say_where(source, place):
    assert place in faults(source)


def test_faults_say_how_to_mend():
    (fault,) = body_read("<p>{{ hoten }}</p>")[1]
    assert "ho_ten, ngay_sinh" in fault.fix
    assert str(fault).startswith("Dòng 1, cột 4: Không có ô «hoten».")


@pytest.mark.parametrize(
    "source", ["<div>" * 40 + "</div>" * 40, "<br>" * 400, "a" * 20_001], ids=["deep", "many", "long"]
)
def test_size_has_its_limits(source):
    assert faults(source)


# --- What a paper must show -----------------------------------------------------------------------------------------
def whole(without: str = "", **inside: str) -> str:
    fields = [name for name in (*REQUIRED, "chuc_danh", "nguoi_ky") if name != without]
    parts = [
        f"{{% if {inside[name]} %}}{{{{ {name} }}}}{{% endif %}}" if name in inside else f"{{{{ {name} }}}}"
        for name in fields
    ]
    return f"<h1>Giấy</h1><p>{''.join(parts)}</p>"


def test_a_whole_paper_lacks_nothing():
    assert body_missing(body_read(whole())[0]) == []
    assert body_missing(body_read(whole(ho_ten="ho_ten"))[0]) == []


@pytest.mark.parametrize("name", REQUIRED)
def test_what_is_missing_is_named(name):
    (fault,) = body_missing(body_read(whole(without=name))[0])
    assert f"{{{{ {name} }}}}" in fault.text


def test_a_field_under_another_condition_is_not_always_there():
    (fault,) = body_missing(body_read(whole(ho_ten="ngay_sinh"))[0])
    assert "ho_ten" in fault.text


def test_title_and_signer_are_asked_for():
    assert [fault.text for fault in body_missing(body_read(whole().replace("h1", "h2"))[0])] == ["Thiếu tên giấy."]
    assert "Người ký" in body_missing(body_read(whole(without="chuc_danh"))[0])[0].text


# --- Style ----------------------------------------------------------------------------------------------------------
def test_a_sound_style_is_written_anew():
    source = """
    /* khung */ body { background: url("khung.svg") no-repeat 0 0 / 297mm 210mm; }
    .ten .dai-0, h1 { font-size: 29.50pt; color: #9b1c1f !important; margin: 0 auto }
    .chi-tiet i::before { content: "–"; }
    """
    written, found = style_read(source, ART)
    assert found == []
    assert written == (
        'body{background:url("file:///designs/khung.svg") no-repeat 0 0 / 297mm 210mm}\n'
        ".ten .dai-0, h1{font-size:29.5pt;color:#9b1c1f!important;margin:0 auto}\n"
        '.chi-tiet i::before{content:"–"}'
    )


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("@import 'x.css';", (1, 1, "Không dùng được @import.")),
        ("@font-face{src:url(x)}", (1, 1, "Không dùng được @font-face.")),
        ("@page{size:A3}", (1, 1, "Không dùng được @page.")),
        (".a{background:url(https://x.vn/a.png)}", (1, 15, "Không lấy được hình này.")),
        ('.a{background:url("file:///etc/passwd")}', (1, 15, "Không lấy được hình này.")),
        ('.a{background:url("data:image/png;base64,AA")}', (1, 15, "Không lấy được hình này.")),
        (".a{background:image-set('x')}", (1, 15, 'Giá trị «image-set("x")» của «background» không dùng được.')),
        (".a{font-family:Arial}", (1, 4, "Không dùng được thuộc tính «font-family».")),
        (".a{display:none}", (1, 12, "«display: none» không dùng được trên giấy.")),
        (".a{position:fixed}", (1, 13, "«position: fixed» không dùng được trên giấy.")),
        (".a{top:-40mm}", (1, 8, "«top» âm đẩy chữ ra ngoài chỗ của nó.")),
        (".a{left:9000mm}", (1, 9, "«9000mm» lớn hơn cả trang giấy.")),
        (".a{width:calc(1px + 2px)}", (1, 10, "Giá trị «calc(1px + 2px)» của «width» không dùng được.")),
        (".a{width:var(--x)}", (1, 10, "Giá trị «var(--x)» của «width» không dùng được.")),
        (".a{--x:1}", (1, 4, "Không dùng được thuộc tính «--x».")),
        (".a{content:attr(href)}", (1, 12, "Giá trị «attr(href)» của «content» không dùng được.")),
        (".a{width:3furlong}", (1, 10, "Không dùng đơn vị «furlong».")),
        (".a{.b{color:red}}", (1, 4, "Không hiểu đoạn này.")),
        ("..a{color:red}", (1, 1, "Không hiểu «..a».")),
        (".a", (1, 2, "Không hiểu đoạn này.")),
        (".a{color:}", (1, 4, "«color» chưa có giá trị.")),
    ],
)
def test_faults_of_a_style_say_where(source, place):
    assert place in styled(source)


# --- Nothing gets past ----------------------------------------------------------------------------------------------
PIECES = st.sampled_from(
    [
        *("<p>", "</p>", "<div class='a'>", "</div>", "<br>", "<ul><li>", "</li></ul>", "<h1>", "</h1>", "<b>", "</b>"),
        *(
            "<script>",
            "</script>",
            "<img src=x onerror=a()>",
            "<a href='javascript:a()'>",
            "<svg onload=a()>",
            "<style>",
        ),
        *(
            "{{ ho_ten }}",
            "{% if so %}",
            "{% if not so %}",
            "{% endif %}",
            "{{",
            "%}",
            "&lt;script&gt;",
            "&#60;",
            "<!--",
        ),
        *("-->", "<![CDATA[", "]]>", "<?x", "</", "<", ">", "'", '"', "\\", "\n", "chữ", "<table><p>", "<title>", "]>"),
    ]
)


@given(st.lists(PIECES | st.text(max_size=6), max_size=25).map("".join))
def test_whatever_is_typed_only_known_elements_come_out(source):
    """No exception; the written HTML parses back into known elements with nothing but a class; fields stay text."""
    template, found = body_read(source)
    assert all(isinstance(fault, Fault) and fault.text and fault.fix for fault in found)
    written = template.render(dict.fromkeys(FIELDS, "<script>x</script>"))
    document = tinyhtml5.parse(
        f"<!doctype html><html><head></head><body>{written}</body></html>", namespace_html_elements=False
    )
    for element in document.iter():
        if isinstance(element.tag, str):
            assert element.tag in TAGS | {"html", "head", "body"}
            assert set(element.attrib) <= {"class"}


@given(st.lists(PIECES, max_size=25).map("".join))
def test_a_sound_body_is_read_by_others_as_it_was_written(source):
    """The tree that the layout engine builds has as many elements, in the same order, as the one that was checked."""
    template, found = body_read(source)
    if not found:
        written = template.render(dict.fromkeys(FIELDS, "x"))
        document = tinyhtml5.parse(f"<!doctype html><body>{written}</body>", namespace_html_elements=False)
        built = [one.tag for one in document.find("body").iter() if isinstance(one.tag, str)][1:]
        assert built == _opened(written)


def _opened(written: str) -> list[str]:
    return [part.split(">")[0].split()[0] for part in written.split("<")[1:] if not part.startswith("/")]


CSS_PIECES = st.sampled_from(
    [
        *(
            ".a",
            "h1",
            "{",
            "}",
            ":",
            ";",
            "color",
            "red",
            "url(",
            ")",
            "'x'",
            "@import ",
            "width",
            "1mm",
            "-",
            "\\",
            "/*",
        ),
        *(
            "*/",
            "<",
            ">",
            "</style>",
            "content",
            "position",
            "fixed",
            "expression(",
            "!important",
            "background",
            "http://x",
        ),
        *("\n", "khung.svg", '"', "\\66", ",", "rgb(1,2,3)", "::after", "[a=b]", "--x", "var(--x)", "1e999mm", "%"),
    ]
)


@given(st.lists(CSS_PIECES | st.text(max_size=4), max_size=30).map("".join))
def test_whatever_is_typed_only_known_drawings_are_named(source):
    written, found = style_read(source, ART)
    assert all(fault.text and fault.fix for fault in found)
    for unwanted in ("@", "expression", "http", "</", "\\", "var("):
        assert unwanted not in written.lower()
    assert written.lower().count("url(") == written.count('url("file:///designs/khung.svg")')
