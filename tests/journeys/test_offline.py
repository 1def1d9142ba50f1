"""The network goes: a page of ours says so, and nothing of a person was kept for it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys import looking, people

pytestmark = pytest.mark.sweep(on="sqlite")


def test_a_learner_without_network_is_told_so_and_goes_on_when_it_is_back(house, visit, snapshot):
    page = visit(offline_page=True)
    page.clock.install()
    people.sign_in(page, "nguoihoc")
    page.goto("/viec-hoc/")
    page.clock.fast_forward(6_000)  # the page is at rest
    page.evaluate("navigator.serviceWorker.ready.then((one) => one.active)")
    page.reload()  # from here on the worker stands between
    page.goto("/tai-khoan/")
    kept = page.evaluate(
        """async () => {
          const names = await caches.keys();
          const lists = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
          return lists.flat().map((request) => new URL(request.url).pathname);
        }"""
    )
    assert sorted(path.split(".")[0] for path in kept) == [
        "/ngoai-tuyen/", "/static/css/site", "/static/img/icons", "/static/img/mark", "/static/js/site",
    ]  # fmt: skip

    page.context.set_offline(True)
    page.goto("/khoa-hoc/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Máy của bạn đang không có mạng")
    expect(page.get_by_text("nguoihoc@")).to_have_count(0)
    assert page.evaluate("getComputedStyle(document.querySelector('.btn')).minHeight") == "52px", "without its clothes"
    assert looking.violations(page) == []
    snapshot(page, "khong-co-mang")

    page.context.set_offline(False)  # the page that was wanted comes by itself
    expect(page.get_by_role("heading", level=1)).to_have_text("Khoá học", timeout=15_000)
