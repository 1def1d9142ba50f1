"""Marks stand on what was looked for, in the spelling of the text, whatever the spelling of the question."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from common.text import fold, folded_with_places, search_words
from courses.highlights import LENGTH, excerpt, marked

SYLLABLES = "chuyển đổi số hoà hòa lừa đảo Đường ngừng khuỷu tay quốc gia OTP mã VNeID 12,5 nghiêng qua ĐẶT".split()
vietnamese = st.lists(st.sampled_from(SYLLABLES), max_size=60).map(" ".join)
#: Anything people paste, with many letters that take marks, decomposed or not.
anything = st.one_of(
    vietnamese,
    vietnamese.map(lambda text: unicodedata.normalize("NFD", text)),
    st.text(alphabet=st.characters(max_codepoint=0x1EFF, exclude_categories=["Cs"]), max_size=200),
    st.text(max_size=80),
)


def _plain(pieces):
    return "".join(piece.text for piece in pieces)


def _hits(pieces):
    return [piece.text for piece in pieces if piece.is_hit]


@example("ᬆ")  # unfolds into a letter and a mark that takes room of its own
@given(anything)
def test_folding_letter_by_letter_gives_the_words_of_search_and_their_places(text):
    folded, places = folded_with_places(text)
    assert len(places) == len(folded) + 1
    found = list(re.finditer(r"[^\W_]+", folded))
    assert [word[0] for word in found] == search_words(text)
    for word in found:
        assert fold(text[places[word.start()] : places[word.end()]]) == word[0]


@given(anything, st.one_of(vietnamese, st.text(max_size=20)))
def test_marking_loses_and_adds_nothing(text, words):
    assert _plain(marked(text, words)) == text


@given(anything, st.lists(st.sampled_from(SYLLABLES), min_size=1, max_size=3).map(" ".join))
def test_every_mark_holds_only_words_that_were_looked_for(text, words):
    *whole, last = search_words(words)
    for hit in _hits(marked(text, words)):
        for word in search_words(hit):
            assert word in whole or word.startswith(last)


@given(vietnamese, st.integers(min_value=40, max_value=300), st.sampled_from(SYLLABLES))
@example("chuyển chuyển chuyển chuyển chuyển chuyển đổi", 40, "đổi")
@example("số " * 20 + "chuyển", 40, "chuyển")
def test_an_excerpt_is_a_part_of_the_text_of_the_length_asked_for(text, length, words):
    pieces = excerpt(text, words, length=length)
    shown = _plain(pieces).removeprefix("… ").removesuffix(" …")
    assert shown in text
    assert len(shown) <= length
    if any(word == fold(words) for word in search_words(text)):
        assert _hits(pieces), "a word that is there is shown"


@given(vietnamese, vietnamese)
def test_nfc_and_nfd_get_their_marks_in_the_same_places(text, words):
    composed = [unicodedata.normalize("NFC", hit) for hit in _hits(marked(text, words))]
    decomposed = _hits(marked(unicodedata.normalize("NFD", text), words))
    assert composed == [unicodedata.normalize("NFC", hit) for hit in decomposed]


@pytest.mark.parametrize(
    ("text", "words", "hits"),
    [
        ("Nhận ra lừa đảo qua mạng", "lua da", ["lừa đảo"]),
        ("Chuyển đổi số là gì?", "CHUYEN DOI SO", ["Chuyển đổi số"]),
        ("Sức khoẻ, sức khỏe", "khoe", ["khoẻ", "khỏe"]),
        # One after the other counts before each by itself.
        ("Số điện thoại; đổi số; số khác", "đổi số", ["đổi số"]),
        ("Đổi mật khẩu, ghi số", "đổi số", ["Đổi", "số"]),
        ("Mã (OTP) là gì", "ma otp", ["Mã", "OTP"]),
        ("Nền tảng số", "tang", ["tảng"]),
        ("Nền tảng số", "!?", []),
        ("", "số", []),
    ],
)
def test_what_is_marked(text, words, hits):
    assert _hits(marked(text, words)) == hits


def test_an_excerpt_shows_where_most_of_the_words_stand_together():
    text = "Mã ở đây. " + "Chữ khác. " * 60 + "Không đọc mã xác thực OTP cho ai." + " Chữ khác." * 60
    pieces = excerpt(text, "mã otp")
    assert "mã xác thực OTP" in _plain(pieces)
    assert (pieces[0].text, pieces[-1].text) == ("… ", " …")
    assert len(_plain(pieces)) <= LENGTH + 4


def test_without_the_words_the_beginning_is_shown():
    assert _plain(excerpt("Chữ khác. " * 60, "mã")).startswith("Chữ khác. Chữ")


@pytest.mark.parametrize("length", [40, 60, 200])
@pytest.mark.parametrize("before", [0, 1, 8, 30, 70])
@pytest.mark.parametrize("letters", [1, 25, 38])
def test_an_excerpt_of_any_length_shows_a_word_of_any_length_wherever_it_stands(length, before, letters):
    word = "ô" * letters
    pieces = excerpt("khác " * before + word + " khác" * before, word, length=length)
    assert _hits(pieces) == [word]
    assert len(_plain(pieces).strip("… ")) <= length
