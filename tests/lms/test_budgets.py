"""Every public page keeps its budget: bytes, requests, nobody else's hosts (design, section 6)."""

from __future__ import annotations

import gzip
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from cms.services import course_load, paths_load
from cms.services.courses import FOLDER
from courses.loading import frameworks_load, topics_load
from people.loading import audiences_load
from tests import budgets, weighing
from tests.bench import scores
from tests.budgets import Page
from tests.factories import cms as make
from tests.factories.certificates import series_defaults


@pytest.fixture
def site(province, learner, stranger, settings, tmp_path):
    """A written course as an installation has it, one who is learning it and one who has finished it."""
    settings.MEDIA_ROOT = tmp_path
    cache.clear()
    audiences_load()
    topics_load()
    frameworks_load()
    for file in FOLDER.glob("*/course.yaml"):
        # What the paths lead over besides needs only to be there: loading it all takes seconds.
        slug = file.parent.name
        course_load(folder=file.parent) if slug in budgets.COURSE else make.course(slug, lessons=1)
    paths_load()
    series_defaults(province)
    return SimpleNamespace(
        places=budgets.places(learner=learner, graduate=stranger),
        people={"": Client(), budgets.LEARNER: _signed_in(learner), budgets.GRADUATE: _signed_in(stranger)},
    )


def _signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def over(page: Page, weight: weighing.Weight) -> list[str]:
    """What a page costs too much, each with what weighs how much."""
    said = []
    if weight.bytes > page.first:
        said.append(f"first view {weight.bytes:,} bytes instead of {page.first:,}:\n{weight}")
    if weight.repeat > page.repeat:
        said.append(f"next view {weight.repeat:,} bytes instead of {page.repeat:,}")
    if weight.requests > page.requests:
        said.append(f"{weight.requests} requests instead of {page.requests}:\n{weight}")
    said += [f"asks another house for {address}" for address in weight.foreign]
    said += [f"keeps no place for the picture {address}" for address in weight.placeless]
    return said


@pytest.mark.slow
@pytest.mark.skipif(connection.vendor != "sqlite", reason="pages weigh the same on every database")
def test_every_page_keeps_its_budget(site):
    wrong = {}
    for page in budgets.PAGES:
        weight = weighing.weigh(site.people[page.who], page.path.format(**site.places))
        if said := over(page, weight):
            wrong[page.name] = said
    assert not wrong, "\n".join(f"{name}: {line}" for name, said in wrong.items() for line in said)


def test_the_style_sheet_of_the_public_site_is_small():
    size = len(gzip.compress(Path(finders.find("css/site.css")).read_bytes(), 9))
    assert size <= budgets.STYLE_BYTES, f"{size:,} bytes compressed"


# --- The scales themselves ------------------------------------------------------------------------------------------
class Pages:
    """Stands for the test client: one page, and whatever files it names beside the static ones."""

    def __init__(self, html: str, **files: bytes) -> None:
        self.answers = {"/thu/": html.encode(), **{f"/media/{name}": content for name, content in files.items()}}

    def get(self, path, headers=None):
        content = self.answers.get(path)
        return HttpResponse(content or b"", status=404 if content is None else 200)


def _weigh(html, **files):
    return weighing.weigh(Pages(html, **files), "/thu/")


def _img(name, more=""):
    return f'<img src="/media/{name}" width="4" height="3" {more}>'


@pytest.mark.parametrize(
    ("html", "named"),
    [
        ('<link rel="stylesheet" href="/static/css/site.css">', ["/static/css/site.css"]),
        ('<link rel="icon" href="/static/img/mark.svg"><a href="/media/a">x</a>', ["/static/img/mark.svg"]),
        ('<script src="/static/js/site.js" type="module"></script>' * 2, ["/static/js/site.js"]),
        ('<svg><use href="/static/img/mark.svg#x"></use></svg><svg><use href="#y"/></svg>', ["/static/img/mark.svg"]),
        (_img("a"), ["/media/a"]),
        (f"<template>{_img('a')}</template><noscript>{_img('a')}</noscript>", []),
        (
            _img("a", 'loading="lazy"') + _img("b", 'loading="lazy"') + _img("c", 'loading="lazy"'),
            ["/media/a", "/media/b"],
        ),
        ('<video preload="none" src="/media/a" poster="/media/b"></video>', ["/media/b"]),
        ('<video src="/media/a"></video>', ["/media/a"]),
        ('<img src="data:image/png;base64,x" width="1" height="1">', []),
        (
            '<picture><source type="image/avif" srcset="/media/a 400w, /media/b 800w" sizes="100vw">'
            '<source type="image/webp" srcset="/media/c 800w"><img src="/media/c" width="4" height="3"></picture>',
            ["/media/b"],
        ),
    ],
)
def test_what_a_browser_fetches_by_itself(html, named):
    weight = _weigh(html, a=b"x" * 10, b=b"x" * 10, c=b"x" * 10)
    assert [part.address for part in weight.parts] == ["/thu/", *named]
    assert weight.placeless == ()


@pytest.mark.parametrize(
    ("sizes", "wide"),
    [("100vw", "800"), ("", "800"), ("10rem", "400"), ("(max-width: 20rem) 100vw, 150px", "400"), ("600px", "1600")],
)
def test_the_phone_takes_the_narrowest_that_fills_its_place(sizes, wide):
    assert weighing.chosen("/400 400w, /800 800w, /1600 1600w", sizes) == f"/{wide}"


def test_modules_and_styles_bring_their_parts(monkeypatch, tmp_path):
    files = {
        "a.js": 'import { b } from "./b.js";\nimport "./c.js";\nconst later = () => import("./d.js");\n',
        "b.js": "export const b = 1;\n",
        "c.js": "",
        "a.css": '@import "b.css"; @font-face { src: url(f.woff2) } p { background: url("data:x") }',
        "b.css": "",
        "f.woff2": "f" * 5000,
    }
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    monkeypatch.setattr(weighing.finders, "find", lambda path: tmp_path / path if (tmp_path / path).exists() else None)
    weight = _weigh('<script src="/static/a.js"></script><link rel="stylesheet" href="/static/a.css">')
    assert [part.address for part in weight.parts[1:]] == [f"/static/{name}" for name in files]
    assert weight.bytes > 5000
    # Names within a module say nothing of its content: the browser asks for them again.
    assert [part.address for part in weight.parts if part.again] == ["/static/b.js", "/static/c.js"]
    with pytest.raises(AssertionError, match=r"weg\.js is named by a page and is not there"):
        _weigh('<script src="/static/weg.js"></script>')


def test_a_page_beyond_its_budget_says_what_weighs_how_much():
    html = (
        f'<script src="//lua-dao.example/x.js"></script>{_img("a")}<img src="/media/b">'
        f'<script src="/static/js/site.js"></script>{"x" * 2000}'
    )
    weight = _weigh(html, a=b"x" * 70_000, b=b"x")
    said = "\n".join(over(Page("thu", "/thu/", first=1_000, repeat=1_000, requests=2), weight))
    assert "first view 3," in said
    assert "next view 2," in said
    assert "4 requests instead of 2" in said
    assert " 70,400  picture  /media/a" in said
    assert "asks another house for //lua-dao.example/x.js" in said
    assert "keeps no place for the picture /media/b" in said
    # Pictures of the content count as requests, not as weight of the page.
    assert over(Page("thu", "/thu/", first=5_000, repeat=5_000, requests=4), weight) == said.splitlines()[-2:]


# --- The scores of the bench ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(("value", "score"), [(0, 1), (2_500, 0.9), (4_000, 0.5), (60_000, 0)])
def test_a_curve_goes_through_its_two_points(value, score):
    assert scores.curve(value, tenth=2_500, median=4_000) == pytest.approx(score, abs=0.005)


def test_shifts_add_up_within_a_window_only():
    assert scores.session_shift([(0, 0.1), (900, 0.1), (2_500, 0.15)]) == pytest.approx(0.2)
    assert scores.session_shift([(number * 900, 0.1) for number in range(7)]) == pytest.approx(0.6)
    assert scores.session_shift([]) == 0


def test_only_what_blocks_after_the_first_paint_counts():
    assert scores.blocking([(0, 500), (900, 200), (2_000, 40)], since=1_000) == 150
    assert scores.performance({"fcp": 1_800, "lcp": 2_500, "tbt": 200, "cls": 0.1}) == 90
