"""Figures read the same on the paper, on the public page and on the officials' pages, and never better than earned."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from certificates import rendering
from certificates.models import Certificate
from certificates.wording import claim_said, score_text
from common.text import vi_hours


@pytest.mark.parametrize(
    ("hours", "text"),
    [("2.0", "2 giờ"), ("1.5", "1,5 giờ"), ("0.5", "0,5 giờ"), ("10.0", "10 giờ"), ("1200.0", "1.200 giờ")],
)
def test_hours(hours, text):
    assert vi_hours(Decimal(hours)) == text


@pytest.mark.parametrize(
    ("score", "text"),
    [
        (None, ""),
        ("0.00", "0/100"),
        ("87.50", "87,5/100"),
        ("90.00", "90/100"),
        ("100.00", "100/100"),
        ("79.99", "79,9/100"),
        ("99.96", "99,9/100"),
        ("66.66", "66,6/100"),
    ],
)
def test_score(score, text):
    assert score_text(None if score is None else Decimal(score)) == text


@given(st.decimals(min_value=0, max_value=100, places=2))
def test_a_score_never_looks_better_than_it_is(score):
    said = Decimal(score_text(score).removesuffix("/100").replace(",", "."))
    assert said <= score < said + Decimal("0.1")


@pytest.mark.parametrize(
    ("hours", "score"), [("2.0", "87.50"), ("1.5", "79.99"), ("2.0", "100.00"), ("1.0", None)], ids=str
)
def test_paper_and_pages_say_the_same(client, issued, official, hours, score):
    Certificate.objects.filter(pk=issued.certificate.pk).update(course_hours=hours, score=score)
    certificate = Certificate.objects.select_related("design").get(pk=issued.certificate.pk)
    paper = rendering.context_for(certificate)
    client.force_login(official)
    for address in (
        reverse("certificates:verify_token", args=[certificate.token]),
        reverse("issuing:certificate", args=[certificate.uuid]),
    ):
        page = client.get(address).content.decode()
        assert f"<dd>{paper['hours']}</dd>" in page
        if score is None:
            assert "/100" not in page
        else:
            assert f"<dd>{paper['score']}</dd>" in page


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("score", "90.00", "90"),
        ("score", "87.50", "87,5"),
        ("score", "79.99", "79,99"),
        ("score", "0.00", "0"),
        ("course_hours", "40.0", "40"),
        ("course_hours", "1200.5", "1.200,5"),
        ("score", "", "(trống)"),
    ],
)
def test_a_claim_of_the_register_keeps_every_figure_and_no_empty_nought(name, value, text):
    assert claim_said(name, value) == text
