"""Every page speaks Vietnamese: what every test is answered is read for words that cannot be Vietnamese.

A word written with plain letters alone is Vietnamese only if it is built like a Vietnamese syllable: "xem", "quay",
"trang". "save", "next", "page" are not. What is neither a syllable nor one of the names below is English on a page, and
fails the test that asked for the page, whichever test that is: a sentence that nobody translated is found by the first
test that meets it, in every role and state that those tests reach. Listened to are the tests that walk all pages
(``WALKS``), or all tests with ``--vietnamese``. The browser's sweep asks the same of what scripts write
(``tests.journeys.looking``).

The reading costs a millisecond a page: text that was found good once is not read again.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

import pytest
from openpyxl import load_workbook

#: Names and loan words that people here write as they are, by reason.
NAMES: dict[str, str] = {
    "services and programs that people know by name": (
        "Zalo VNeID VssID eTax YouTube Google Microsoft Authenticator Windows Linux macOS Android iPhone Chrome Moodle "
        "Excel Word Office Wagtail JavaScript LibreOffice Facebook Viettel"
    ),
    "shops of phones, and programs that read screens": "ch play app store nvda talkback voiceover axe core",
    "what everybody here calls so": "email sms internet web website wi fi wifi video camera logo chat cookie csrf",
    "a people of this country": "khmer",
    "words of the province's decisions": "onetouch mobiedu smedx voso postmart lazada shopee tiki sendo alibaba pa",
    "kinds of files and codes, as their endings and standards are called": (
        "pdf xlsx csv docx pptx odt ods odp txt xml svg gif jpg jpeg png webp vtt webvtt zip rar json html css otp "
        "qti gift aiken yaml scorm rsa ec sha uuid pkcs wcag https http moocs"
    ),
    "abbreviations with a vowel": "aa ubnd attt iot eid stem steam kpi ocop ai it stt id tap",
    "keys of a keyboard": "enter ctrl tab esc",
    "units": "kb mb gb px mm mg kg mmol mmhg",
    "Roman numerals": "i ii iii iv vi vii viii ix xi xii",
    "names of statistics": "cronbach",
    "made-up places and addresses of examples": "hocso xuan luong",
}
#: What stands in other programs and must be called as it stands there.
PHRASES = re.compile(r"“Make in Việt Nam”|Page Up|Page Down|Print to PDF|Save as|Chuyen doi so|chuyen doi so")


def _words(*texts: str) -> frozenset[str]:
    return frozenset(word for text in texts for word in text.lower().split())


# --- What a Vietnamese syllable without marks looks like --------------------------------------------------------------
# A closing p, t, c or ch asks for a tone mark, and ê, ô, ơ, ư, ă, â, đ are marks themselves: what is left is little.
_BEFORE_ANY = "b|ch|d|h|kh|l|m|nh|n|ph|r|s|th|tr|t|v|x|"
_BACK = (
    "a|ai|ao|au|ay|am|an|ang|anh|o|oi|om|on|ong|oa|oai|oay|oan|oang|oanh|oam|oe|oen|u|ua|ui|um|un|ung|uy|uya|uynh|uyn"
)
_FRONT = "e|eo|em|en|eng|i|ia|iu|im|in|inh|y"
SYLLABLE = re.compile(
    rf"(?:(?:{_BEFORE_ANY})(?:{_BACK}|{_FRONT})"
    rf"|(?:c|g|ng)(?:{_BACK})"
    rf"|(?:k|gh|ngh)(?:{_FRONT})"
    r"|gi(?:a|ai|ao|au|ay|am|an|ang|anh|o|oi|om|on|ong|u|ua|ui|um|un|ung|eo|em|en|eng|m|n)?"
    r"|qu(?:a|ai|ao|au|ay|an|ang|anh|e|eo|en|y|ynh|yn)?)"
)
#: English words that are built like syllables: a text of nothing else is English.
LOOKALIKE = _words("no on in do so go me my he the them then than can an a i am you us men main sum plan hi bye")

_HIDDEN = re.compile(
    r"<!--.*?-->|<(script|style|code|kbd|samp|textarea)\b(?![^>]*/>).*?</\1\s*>"
    r"|<(\w+)\b[^>]*\b(?:lang=\"?en|translate=\"?no)\b[^>]*>.*?</\2\s*>",
    re.S | re.I,
)
# Values of attributes may hold a ">": those of Wagtail's scripts do.
_TAG = re.compile(r"""<(?:[^<>"']|"[^"]*"|'[^']*')*>""")
_HEARD = re.compile(
    r"\s(?:alt|title|placeholder|aria-label|aria-description|aria-roledescription|data-confirm)="
    r"(?:\"([^\"]*)\"|'([^']*)')",
    re.I,
)
_BUTTON = re.compile(r"<input\b[^>]*\btype=\"?(?:submit|button|reset)\b[^>]*>", re.I)
_VALUE = re.compile(r"\bvalue=\"([^\"]*)\"")
_META = re.compile(r"<meta (?:name|property)=\"(?:description|og:title|og:description)\" content=\"([^\"]*)\"")
#: Addresses, files, codes, placeholders: for machines, though people see them; and words that were cut off.
_MACHINE = re.compile(
    r"https?://\S+|[\w.+-]+@[\w.-]+|/[\w/.%?=&-]+|\S*[\d_{}%<>=\\]\S*|\b[\w-]+(?:\.[\w-]+)+|\*?\.[a-z]{2,5}\b|\b\w{1,3}…"
)
_WORD = re.compile(r"[^\W\d_]+")
_PLAIN = re.compile(r"[A-Za-z]+")


@dataclass(frozen=True)
class Find:
    """English on a page: the text it stands in, and the words that gave it away."""

    text: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"«{self.text[:100]}» ({', '.join(self.words)})"


ALLOWED = _words(*NAMES.values())


def is_foreign(word: str) -> bool:
    """Whether ``word`` can be no Vietnamese, and is no name."""
    lower = word.lower()
    if len(word) < 2 or not _PLAIN.fullmatch(word) or lower in ALLOWED:
        return False
    # Abbreviations have no vowel: QĐ, HĐND, KHCN.
    return not SYLLABLE.fullmatch(lower) and not (word.isupper() and not set(lower) & set("aeiouy"))


#: Days as machines write them, and years cut into thousands: "2026-11-20", "năm 2.026".
_FORMS = re.compile(r"(?<![\w/.=-])\d{4}-\d\d-\d\d(?![\w-])|(?:[Nn]ăm|/) ?[12]\.\d{3}\b")


def english_in(text: str) -> Find | None:
    """What is not written as people here write: English words, foreign forms of days and years."""
    if forms := _FORMS.findall(text):
        return Find(" ".join(text.split()), tuple(forms))
    words = _WORD.findall(PHRASES.sub(" ", _MACHINE.sub(" ", text)))
    found = tuple(word for word in words if is_foreign(word))
    if not found and words and all(word.lower() in LOOKALIKE for word in words) and len(text.strip()) > 1:
        found = tuple(words)
    return Find(" ".join(text.split()), found) if found else None


def texts_of(page: str) -> Iterator[str]:
    """All that a person reads or hears of an HTML page."""
    # Where an address may break it is one address still.
    page = _HIDDEN.sub(" ", page).replace("<wbr>", "")
    yield from _TAG.split(page)
    for pattern in (_HEARD, _META):
        for groups in pattern.findall(page):
            yield next(filter(None, groups), "") if isinstance(groups, tuple) else groups
    for button in _BUTTON.findall(page):
        yield from _VALUE.findall(button)


class Reader:
    """Reads pages, and remembers what it has read."""

    def __init__(self) -> None:
        self.good: set[str] = set()

    def judge(self, texts: Iterable[str]) -> list[Find]:
        found = []
        for raw in texts:
            text = raw.strip()
            if not text or text in self.good:
                continue
            if find := english_in(unescape(text)):
                found.append(find)
            else:
                self.good.add(text)
        return found

    def judge_page(self, page: str) -> list[Find]:
        return self.judge(texts_of(page))


READER = Reader()


# --- Listening to every test ------------------------------------------------------------------------------------------
class Heard:
    """What the running test was answered in English; empty between tests."""

    def __init__(self) -> None:
        self.found: dict[str, None] = {}

    def note(self, place: str, found: Iterable[Find]) -> None:
        for find in found:
            self.found[f"{place}: {find}"] = None

    def take(self) -> list[str]:
        found = list(self.found)
        self.found.clear()
        return found


HEARD = Heard()
#: Tests that walk pages for their words. Others bring contents of their own, such as files that are wrong on purpose.
WALKS = ("tests/lms/test_role_matrix.py", "tests/lms/test_empty_forms.py", "tests/lms/test_pages.py")
#: Answers for those who run the house, in the language of its log.
FOR_MACHINES = frozenset({"/suc-khoe/"})


def _strings(value: Any) -> Iterator[str]:
    """The sentences in an answer for scripts: one word alone is a key or a state."""
    if isinstance(value, str):
        if " " in value:
            yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _strings(one)


def _headings(content: bytes) -> Iterator[str]:
    """The first lines of a workbook: what follows are people."""
    book = load_workbook(io.BytesIO(content), read_only=True)
    for sheet in book:
        yield sheet.title
        for row in sheet.iter_rows(max_row=3, values_only=True):
            yield from (cell for cell in row if isinstance(cell, str))


def _overheard(place: str, parts: Iterable[bytes], response: Any) -> Iterator[bytes]:
    """What is handed out piece by piece is judged when the last piece is gone."""
    kept = []
    for part in parts:
        kept.append(part)
        yield part
    HEARD.note(place, judge_answer(response, b"".join(kept)))


def judge_answer(response: Any, content: bytes) -> list[Find]:
    """What is English in an answer, whatever kind of file it is."""
    kind = response.headers.get("Content-Type", "").split(";")[0]
    if kind == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":
        return READER.judge(_headings(content))
    if kind not in {"text/html", "text/csv", "application/json"}:
        return []
    text = content.decode(response.charset, errors="replace")
    if kind == "text/html":
        return READER.judge_page(text)
    if kind == "text/csv":
        return READER.judge(re.split(r"[;,\n]", text.partition("\n")[0]))
    return READER.judge(_strings(json.loads(text)))


def _listen() -> None:
    """Every answer of every test client passes by here, and every page that becomes a paper."""
    from django.test import Client
    from weasyprint import HTML

    asked, laid_out = Client.request, HTML.__init__

    def request(self: Any, **environ: Any) -> Any:
        response = asked(self, **environ)
        place = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        if environ["PATH_INFO"] in FOR_MACHINES:
            return response
        if response.streaming:
            response.streaming_content = _overheard(place, response.streaming_content, response)
        else:
            HEARD.note(place, judge_answer(response, response.content))
        return response

    def paper(self: Any, *args: Any, **kwargs: Any) -> None:
        HEARD.note("on paper", READER.judge_page(kwargs.get("string") or ""))
        laid_out(self, *args, **kwargs)

    Client.request, HTML.__init__ = request, paper  # type: ignore[method-assign]


def _letters() -> Iterator[tuple[str, str]]:
    """What was sent while the test ran, by e-mail and by text message."""
    from django.core import mail

    from people.sms import MemoryBackend

    for letter in getattr(mail, "outbox", []):
        yield "e-mail", f"{letter.subject}\n{letter.body}"
        for content, _ in getattr(letter, "alternatives", []):
            yield "e-mail", _HIDDEN.sub(" ", str(content))
    for message in MemoryBackend.outbox:
        yield "text message", message.text


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--vietnamese", action="store_true", help="every test fails that is answered in English")


def pytest_sessionstart() -> None:
    _listen()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    from people.sms import MemoryBackend

    HEARD.take()
    try:
        result = yield
        for kind, text in _letters():
            HEARD.note(kind, READER.judge(_TAG.sub("\n", text).splitlines()))
    finally:
        # Django empties its own outbox; what one test sent is not for the next one to answer for.
        MemoryBackend.outbox.clear()
    is_walk = item.config.getoption("vietnamese") or item.nodeid.startswith(WALKS)
    give_verdict(is_excused=not is_walk or item.get_closest_marker("english") is not None)
    return result


def give_verdict(*, is_excused: bool) -> None:
    """Fail the running test if it was answered in English, and begin anew."""
    found = HEARD.take()
    if found and not is_excused:
        pytest.fail("English where people read:\n  " + "\n  ".join(found), pytrace=False)
