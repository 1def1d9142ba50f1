import random
import unicodedata
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common import text
from common.templatetags import vi


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Chuyển đổi số", "chuyen doi so"),
        ("ĐẮK LẮK", "dak lak"),
        ("hoà", "hoa"),
        ("hòa", "hoa"),
        (unicodedata.normalize("NFD", "Nguyễn Thị Ưỡng"), "nguyen thi uong"),
        ("  hai   khoảng\ttrắng ", "hai khoang trang"),
    ],
)
def test_fold(written, folded):
    assert text.fold(written) == folded


@given(st.text(max_size=40))
def test_fold_is_stable_and_blind_to_form(words):
    assert text.fold(text.fold(words)) == text.fold(words)
    assert text.fold(unicodedata.normalize("NFD", words)) == text.fold(unicodedata.normalize("NFC", words))


@given(st.text(max_size=40))
def test_nfc_is_idempotent(words):
    assert text.nfc(text.nfc(words)) == text.nfc(words)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("nguyễn thị  hoà", "Nguyễn Thị Hoà"),
        ("TRẦN VĂN ĐỨC", "Trần Văn Đức"),
        ("Giàng A Pao", "Giàng A Pao"),
        ("Y Bhăm Niê", "Y Bhăm Niê"),
    ],
)
def test_names_typed_without_capitals_are_tidied_and_others_left_alone(typed, name):
    assert text.tidy_name(typed) == name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Nguyễn Thị Ước", "N. T. Ư."),
        ("Đỗ Văn Ẩn", "Đ. V. Â."),
        ("ứng  hoà", "Ư. H."),
        (unicodedata.normalize("NFD", "Lò Thị Ế"), "L. T. Ê."),
        ("", ""),
    ],
)
def test_initials(name, shown):
    assert text.initials(name) == shown


def test_people_are_sorted_by_given_name_in_dictionary_order():
    right = [
        "Lê Văn An",
        "Trần Thị Ánh",
        "Bùi Ân",
        "Võ Ấn",
        "Hồ Bình",
        "Lý Dũng",
        "Lê Dương",
        "Vi Đào",
        "Vũ Đức",
        "Tạ Oanh",
        "Chu Ổn",
        "Hà Uyên",
        "Đỗ Ước",
    ]
    assert sorted(random.Random(7).sample(right, len(right)), key=text.sort_key) == right


def test_tones_decide_between_equal_words():
    assert sorted(["mạ", "má", "mã", "mả", "mà", "ma"], key=text.sort_key) == ["ma", "mà", "mả", "mã", "má", "mạ"]


def test_same_given_name_is_sorted_by_family_name():
    assert sorted(["Trần Văn An", "Lê Thị An", "Lê Đức An"], key=text.sort_key) == [
        "Lê Đức An",
        "Lê Thị An",
        "Trần Văn An",
    ]


@pytest.mark.parametrize(
    ("value", "places", "shown"), [(1234, 0, "1.234"), (1234.5, 1, "1.234,5"), (None, 0, "–"), (Decimal("0"), 0, "0")]
)
def test_numbers(value, places, shown):
    assert text.vi_number(value, places) == shown


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (4311, 5235, "82,3\u00a0%"),
        (5234, 5235, "99,9\u00a0%"),
        (1, 1, "100\u00a0%"),
        (3, None, "–"),
        (3, 0, "–"),
        (0, 9, "0\u00a0%"),
    ],
)
def test_percent_never_rounds_up_to_a_target_that_was_not_reached(part, whole, shown):
    assert text.vi_percent(part, whole) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Decimal("79.99"), "79,9"),
        (Decimal("79.95"), "79,9"),
        (Decimal("99.99"), "99,9"),
        (Decimal("80.00"), "80"),
        (Decimal("80.04"), "80"),
        (80.1, "80,1"),
        (100, "100"),
        (0, "0"),
        (None, "–"),
    ],
)
def test_scores_never_round_up_to_a_pass(value, shown):
    assert text.vi_score(value) == shown
    assert vi.score(value) == shown


def test_birth_dates_are_masked():
    assert text.masked_birth_date(date(1969, 5, 17)) == "**/**/1969"
    assert text.masked_birth_date(None) == ""


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Tỉnh Bắc Ninh", "tỉnh Bắc Ninh"),
        ("Phường Bắc Giang", "phường Bắc Giang"),
        ("Thị trấn Đồi Ngô", "thị trấn Đồi Ngô"),
        ("Sở Khoa học và Công nghệ", "Sở Khoa học và Công nghệ"),
        ("Phường 7", "Phường 7"),
        ("Thành phố Hồ Chí Minh", "Thành phố Hồ Chí Minh"),
        ("Tỉnh uỷ", "Tỉnh uỷ"),
        ("Xã hội học tập", "Xã hội học tập"),
    ],
)
def test_a_place_of_the_state_within_a_sentence(name, said):
    assert text.amid(name) == said
