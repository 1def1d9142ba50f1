"""Rules for pages that are to be published. Pure: no models, no I/O.

Lengths are counted in syllables, because Vietnamese writes a space after every syllable: "giấy chứng nhận" is one word
and three syllables. Running text has about 1.4 syllables to a word, so a sentence of 25 words has 35.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from typing import TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from cms.checks.plain import ERROR, NOTE, PAGE, WARNING, Finding, PlainPage

#: 25 words: the longest sentence that most adults take in at one reading.
LONGEST_SENTENCE = 35
#: About twelve lines on a phone.
LONGEST_PARAGRAPH = 120
LONGEST_LESSON = 15  # minutes; more is more than one idea
#: Fewer syllables than this beside pictures: what there is to learn is only in the pictures.
FEWEST_BESIDE_PICTURES = 30

# --- Reading time -----------------------------------------------------------------------------------------------------
#: Adults who read every day reach 250–300 syllables a minute; who is new to the matter, on a small screen, about 180.
#: Speech has about 200, so the words of a video are counted like those of a text: watching takes as long as reading.
SYLLABLES_A_MINUTE = 180
SECONDS_A_PICTURE = 12
SECONDS_A_TASK = 20  # finding the button, besides reading what to press
SECONDS_A_SCENARIO = 30  # thinking it over and reading what comes of it

_WORD = re.compile(r"[^\W_]+(?:[-./:’'][^\W_]+)*")
_SENTENCE_END = re.compile(r"(?<=[.!?…;])[\s»”\"')\]]+")
_VAGUE = frozenset(
    ["tại đây", "ở đây", "đây", "vào đây", "bấm vào đây", "nhấn vào đây", "xem tại đây", "xem thêm", "xem ở đây",
     "chi tiết", "link", "liên kết", "đường dẫn", "here", "click here", "bấm đây"]
)  # fmt: skip
_ADDRESS = re.compile(r"^(https?://|www\.)\S+$")


def syllables(text: str) -> int:
    """How many syllables a text has: what stands between spaces and holds a letter or digit."""
    return len(_WORD.findall(text))


def sentences(paragraph: str) -> list[str]:
    """The sentences of a paragraph; a number such as 1.500 ends none."""
    return [part for part in (piece.strip() for piece in _SENTENCE_END.split(paragraph)) if part]


def reading_seconds(page: PlainPage) -> int:
    """How long an adult who is new to the matter needs: words, pictures, things to do, situations to decide."""
    count = sum(syllables(paragraph) for text in page.texts for paragraph in text.paragraphs)
    count += sum(syllables(heading.words) for heading in page.headings)
    return (
        count * 60 // SYLLABLES_A_MINUTE
        + len(page.pictures) * SECONDS_A_PICTURE
        + page.tasks * SECONDS_A_TASK
        + len(page.scenarios) * SECONDS_A_SCENARIO
    )


def reading_minutes(page: PlainPage) -> int:
    """``reading_seconds`` in whole minutes, rounded up, at least one."""
    return max(1, -(-reading_seconds(page) // 60))


def is_far(stated: int, estimated: int) -> bool:
    """Whether the minutes that an editor states mislead: much less than reading takes, or more than twice and 5 more.

    Stated minutes hold time for trying things out, so more than the estimate is usual.
    """
    return stated < estimated - max(1, estimated // 4) or stated > 2 * estimated + 5


# --- Errors -----------------------------------------------------------------------------------------------------------
def _unusable(page: PlainPage) -> Iterator[Finding]:
    for problem in page.problems:
        yield Finding(ERROR, "unusable", PAGE, problem, "")


def _filled_in(page: PlainPage) -> Iterator[Finding]:
    for empty in page.empty:
        what = _("Ô «%(label)s» chưa điền.") % {"label": empty.label} if empty.label else _("Chưa có nội dung.")
        fix = _("Hãy điền ô này.") if empty.where == PAGE else _("Điền vào, hoặc xoá khối này nếu không cần.")
        yield Finding(ERROR, "field_empty", empty.where, what, fix)


def _pictures_described(page: PlainPage) -> Iterator[Finding]:
    for picture in page.pictures:
        if not picture.alt.strip():
            yield Finding(
                ERROR, "no_alt", picture.where, _("Hình chưa có mô tả thay thế."),
                _("Viết một hai câu nói điều hình cho thấy, cho người không nhìn được hình."),
            )  # fmt: skip


_MEDIA_WORDS = {"video": "Video", "audio": gettext_noop("Âm thanh"), "embed": gettext_noop("Video từ nơi khác")}


def _media_in_words(page: PlainPage) -> Iterator[Finding]:
    for media in page.media:
        name = _(_MEDIA_WORDS.get(media.kind, gettext_noop("Tệp nghe nhìn")))
        if media.kind == "video" and not media.has_captions:
            yield Finding(
                ERROR, "no_captions", media.where, _("%(name)s chưa có phụ đề.") % {"name": name},
                _("Thêm tệp phụ đề .vtt: người khiếm thính và người xem không bật tiếng cần phụ đề."),
            )  # fmt: skip
        if not media.has_transcript:
            yield Finding(
                ERROR, "no_transcript", media.where, _("%(name)s chưa có lời bằng chữ.") % {"name": name},
                _("Chép lời vào ô «Lời thoại»: để đọc thay cho xem, nghe khi mạng chậm."),
            )  # fmt: skip


def _scenarios_solvable(page: PlainPage) -> Iterator[Finding]:
    for scenario in page.scenarios:
        if not scenario.right:
            yield Finding(
                ERROR, "no_right_choice", scenario.where, _("Tình huống không có lựa chọn nào đúng."),
                _("Đánh dấu «Đây là cách đúng» ở ít nhất một lựa chọn."),
            )  # fmt: skip


def _rule_can_be_met(page: PlainPage) -> Iterator[Finding]:
    if page.rule == "signed_off" and not page.task.strip():
        yield Finding(
            ERROR,
            "no_task",
            _("Bài thực hành phải nộp"),
            _("Giảng viên phải xác nhận, nhưng chưa nói người học nộp gì."),
            _("Viết rõ việc phải làm và thứ phải nộp, hoặc chọn cách tính xong khác."),
        )
    if page.rule == "scenario" and not page.scenarios:
        yield Finding(
            ERROR, "no_scenario", _("Khi nào bài được tính là xong"), _("Bài tính xong khi trả lời đúng tình huống, "
            "nhưng trong bài không có tình huống nào."),
            _("Thêm một khối «Tình huống», hoặc chọn cách tính xong khác."),
        )  # fmt: skip


def _headings_in_order(page: PlainPage) -> Iterator[Finding]:
    before = 1  # the page's title
    for heading in page.headings:
        if heading.level > before + 1:
            yield Finding(
                ERROR,
                "heading_skipped",
                heading.where,
                _("Tiêu đề «%(words)s» là cấp %(level)s, ngay trước đó mới là cấp %(before)s.")
                % {"words": heading.words, "level": heading.level, "before": before},
                _("Đổi thành tiêu đề cấp %(level)s: máy đọc màn hình dựa vào thứ bậc này.") % {"level": before + 1},
            )
        before = heading.level


def _links_lead_somewhere(page: PlainPage) -> Iterator[Finding]:
    for link in page.links:
        if not link.problem:
            continue
        if link.is_outside:
            yield Finding(
                WARNING,
                "link_outside",
                link.where,
                _("Liên kết «%(words)s» (%(url)s): %(problem)s")
                % {"words": link.words, "url": link.url, "problem": link.problem},
                _("Mở thử liên kết; nếu đã đổi chỗ thì thay địa chỉ mới."),
            )
        else:
            yield Finding(
                ERROR,
                "link_broken",
                link.where,
                _("Liên kết «%(words)s» %(problem)s") % {"words": link.words, "problem": link.problem},
                _("Chọn trang hoặc tài liệu khác, hoặc bỏ liên kết."),
            )


def _no_circle(page: PlainPage) -> Iterator[Finding]:
    if page.circle:
        way = " → ".join(f"«{title}»" for title in page.circle)
        yield Finding(
            ERROR,
            "prerequisite_circle",
            _("Phải học xong trước"),
            _("Các khoá đòi lẫn nhau thành vòng, không ai bắt đầu được: %(way)s.") % {"way": way},
            _("Bỏ bớt một khoá trong vòng này."),
        )


# --- Warnings ---------------------------------------------------------------------------------------------------------
def _short_enough(page: PlainPage) -> Iterator[Finding]:
    for text in page.texts:
        if text.is_spoken:
            continue
        for paragraph in text.paragraphs:
            if (count := syllables(paragraph)) > LONGEST_PARAGRAPH:
                yield Finding(
                    WARNING,
                    "long_paragraph",
                    text.where,
                    _("Đoạn «%(beginning)s» dài %(count)s tiếng.")
                    % {"beginning": _beginning(paragraph), "count": count},
                    _("Tách thành các đoạn không quá %(most)s tiếng, mỗi đoạn một ý.") % {"most": LONGEST_PARAGRAPH},
                )
            for sentence in sentences(paragraph):
                if (count := syllables(sentence)) > LONGEST_SENTENCE:
                    yield Finding(
                        WARNING,
                        "long_sentence",
                        text.where,
                        _("Câu «%(beginning)s» dài %(count)s tiếng.")
                        % {"beginning": _beginning(sentence), "count": count},
                        _("Tách thành các câu không quá %(most)s tiếng.") % {"most": LONGEST_SENTENCE},
                    )


def _one_idea(page: PlainPage) -> Iterator[Finding]:
    if page.kind != "lesson":
        return
    estimated = reading_minutes(page)
    if max(estimated, page.minutes or 0) > LONGEST_LESSON:
        stated = gettext_noop(
            "Bài dài: ghi %(minutes)s phút, ước tính %(estimated)s phút; nên không quá %(most)s phút."
        )
        unstated = gettext_noop("Bài dài: ước tính %(estimated)s phút; nên không quá %(most)s phút.")
        yield Finding(
            WARNING, "long_lesson", _("Số phút học"),
            _(stated if page.minutes else unstated)
            % {"minutes": page.minutes, "estimated": estimated, "most": LONGEST_LESSON},
            _("Tách thành hai bài, mỗi bài một việc."),
        )  # fmt: skip
    if page.minutes is not None and is_far(page.minutes, estimated):
        yield Finding(
            WARNING,
            "minutes_far",
            _("Số phút học"),
            _("Ghi %(minutes)s phút, nhưng đọc và làm theo ước tính khoảng %(estimated)s phút.")
            % {"minutes": page.minutes, "estimated": estimated},
            _("Sửa số phút cho sát: người học dựa vào đó để sắp xếp thời gian."),
        )


def _links_say_where(page: PlainPage) -> Iterator[Finding]:
    for link in page.links:
        words = " ".join(link.words.casefold().split()).strip(" .:,»«")
        if words in _VAGUE or _ADDRESS.match(words) or not words:
            yield Finding(
                WARNING,
                "vague_link",
                link.where,
                _("Chữ của liên kết «%(words)s» không nói liên kết dẫn tới đâu.") % {"words": link.words},
                _("Viết tên trang hoặc việc làm ở đó, ví dụ «Cổng Dịch vụ công quốc gia»."),
            )


def is_shouting(words: str) -> bool:
    """Whether a text cries: an accented word of four letters all in capitals, or three capital words in a row.

    Acronyms such as OTP, UBND or CNSCĐ carry no accents over their letters and rarely stand three together.
    """
    row = 0
    for word in _WORD.findall(words):
        capital = len(word) > 1 and word.isupper() and word.isalpha()
        row = row + 1 if capital else 0
        marked = any(unicodedata.combining(letter) for letter in unicodedata.normalize("NFD", word))
        if row >= 3 or (capital and marked and len(word) >= 4):
            return True
    return False


def _no_shouting(page: PlainPage) -> Iterator[Finding]:
    written = [(text.where, paragraph) for text in page.texts if not text.is_spoken for paragraph in text.paragraphs]
    for where, words in [*written, *((heading.where, heading.words) for heading in page.headings)]:
        if is_shouting(words):
            yield Finding(
                WARNING,
                "all_caps",
                where,
                _("«%(beginning)s» có chữ viết hoa toàn bộ, khó đọc.") % {"beginning": _beginning(words)},
                _("Viết thường; muốn nhấn mạnh thì in đậm hoặc dùng hộp nhấn mạnh."),
            )


def _said_in_short(page: PlainPage) -> Iterator[Finding]:
    if page.summary is not None and not page.summary.strip():
        yield Finding(
            WARNING,
            "no_summary",
            _("Tóm tắt"),
            _("Chưa có tóm tắt."),
            _("Viết một câu: bài này giúp người học làm được gì."),
        )


def _looked_after(page: PlainPage) -> Iterator[Finding]:
    if page.has_owner is False:
        yield Finding(
            WARNING, "no_owner", _("Người phụ trách nội dung"), _("Chưa có người phụ trách nội dung."),
            _("Chọn người sẽ sửa khi dịch vụ hoặc quy định thay đổi."),
        )  # fmt: skip
    if page.has_review_date is False:
        yield Finding(
            WARNING, "no_review_date", _("Rà soát lại vào ngày"), _("Chưa có ngày rà soát lại."),
            _("Chọn một ngày, thường là sau 6 tháng."),
        )  # fmt: skip


def _not_only_pictures(page: PlainPage) -> Iterator[Finding]:
    written = sum(syllables(paragraph) for text in page.texts for paragraph in text.paragraphs)
    if page.kind == "lesson" and page.pictures and written < FEWEST_BESIDE_PICTURES:
        yield Finding(
            WARNING,
            "only_pictures",
            _("Nội dung"),
            _("Bài gần như chỉ có hình: %(written)s tiếng bằng chữ.") % {"written": written},
            _("Viết bằng chữ điều cần học: hình không tải được hoặc không nhìn được thì vẫn còn chữ."),
        )


def _drawings_unread(page: PlainPage) -> Iterator[Finding]:
    drawings = sum(picture.is_drawing for picture in page.pictures)
    if drawings:
        yield Finding(
            NOTE, "drawing_unread", _("Nội dung"), ngettext(
                "Chữ nằm trong %(count)s hình vẽ (SVG) không được kiểm tự động.",
                "Chữ nằm trong %(count)s hình vẽ (SVG) không được kiểm tự động.",
                drawings,
            )
            % {"count": drawings},
            _("Hãy tự đọc lại chữ trong hình."),
        )  # fmt: skip


_RULES: tuple[Callable[[PlainPage], Iterator[Finding]], ...] = (
    _unusable, _filled_in, _rule_can_be_met, _no_circle, _pictures_described, _media_in_words, _scenarios_solvable,
    _headings_in_order, _links_lead_somewhere, _short_enough, _one_idea, _links_say_where, _no_shouting,
    _said_in_short, _looked_after, _not_only_pictures, _drawings_unread,
)  # fmt: skip
_ORDER = {ERROR: 0, WARNING: 1, NOTE: 2}


def check(page: PlainPage) -> list[Finding]:
    """Everything that is found, errors first; each thing once."""
    found = dict.fromkeys(finding for rule in _RULES for finding in rule(page))
    return sorted(found, key=lambda finding: _ORDER[finding.level])


K = TypeVar("K", bound=Hashable)


def circle(start: K, wanted: Iterable[K], asks: Mapping[K, Collection[K]]) -> list[K]:
    """The way from ``start`` over what it asks for back to itself; empty when there is none.

    ``wanted`` is what ``start`` is to ask for from now on, ``asks`` what every other asks for today. A circle that
    does not go through ``start`` is not its fault, and is not walked for ever.
    """
    came_from: dict[K, K] = {}
    waiting = list(dict.fromkeys(wanted))
    came_from.update(dict.fromkeys(waiting, start))
    while waiting:
        here = waiting.pop()
        if here == start:
            way = [start]
            while (last := came_from[way[-1]]) != start:
                way.append(last)
            return [start, *reversed(way[1:]), start]
        for further in asks.get(here, ()):
            if further not in came_from:
                came_from[further] = here
                waiting.append(further)
    return []


def _beginning(text: str, words: int = 8) -> str:
    """The first words of a text, to find it by."""
    parts = text.split()
    return " ".join(parts[:words]) + (" …" if len(parts) > words else "")
