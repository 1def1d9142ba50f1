"""Rules about looks: weight of the style sheets, tokens, rules that nothing uses, who may lean on which sheet."""

from __future__ import annotations

import gzip
import re
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from PIL import Image

from lms import identity
from lms.assets import BUNDLES, MANAGE, SITE, bundle_css, bundle_parts

ROOT: Path = settings.BASE_DIR
ROOMS = ["lms", "cms", "kpi", "quizzes", "certificates", "courses", "people", "common"]
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
COLOUR = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch|lab)a?\(|:\s*(?:white|black|red|green|gray|grey)\b", re.I)
#: What the two sheets may weigh as they travel. The promise is 20 KB for the public one; growth shows here first.
MOST_BYTES = {SITE: 14_000, MANAGE: 9_000}


def rules(css: str) -> str:
    """A sheet without what is said in comments and strings."""
    return re.sub(r"\"[^\"]*\"|'[^']*'", "", COMMENT.sub("", css))


def classes(css: str) -> set[str]:
    """The class names that selectors of a sheet ask for."""
    return set(re.findall(r"\.(-?[a-zA-Z_][\w-]*)", re.sub(r"\{[^{}]*\}", "{}", rules(css))))


@cache
def templates() -> dict[str, str]:
    """Every template by the name under which others take it."""
    files = [file for room in ROOMS for file in (ROOT / room / "templates").rglob("*.html")]
    return {str(file).split("/templates/", 1)[1]: file.read_text(encoding="utf-8") for file in files}


@cache
def mentioned() -> str:
    """All text in which a class may be named: templates, Python, scripts."""
    python = [file.read_text(encoding="utf-8") for room in ROOMS for file in (ROOT / room).rglob("*.py")]
    scripts = [file.read_text(encoding="utf-8") for file in (ROOT / "static" / "js").glob("*.js")]
    return "\n".join([*templates().values(), *python, *scripts])


def parents(name: str) -> list[str]:
    """The templates that a page is built on, nearest first."""
    found = re.search(r'{%\s*extends\s+"([^"]+)"', templates().get(name, ""))
    return [] if not found or found[1] == name else [found[1], *parents(found[1])]


def taken(name: str) -> set[str]:
    """A page with all that it is built on and takes in by name."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        if (one := waiting.pop()) in seen or one not in templates():
            continue
        seen.add(one)
        waiting += re.findall(r'{%\s*(?:extends|include)\s+"([^"]+)"', templates()[one])
    return seen


def named_in(text: str) -> set[str]:
    """The class names written in class attributes, whatever conditions stand between them."""
    attributes = re.findall(r'class="((?:[^"{]|{%.*?%}|{{.*?}})*)"', text)
    return {word for one in attributes for word in re.sub(r"{%.*?%}|{{.*?}}", " ", one).split()}


@pytest.mark.parametrize("bundle", BUNDLES)
def test_a_sheet_is_light_whole_and_its_own(bundle):
    css = bundle_css(bundle)
    assert finders.find(bundle), "the sheet is not offered to staticfiles"
    assert len(gzip.compress(css.encode(), 9)) <= MOST_BYTES[bundle]
    assert not re.search(r"url\(\s*['\"]?(?:https?:)?//", css)
    assert "@import" not in css
    assert rules(css).count("{") == rules(css).count("}")


def test_every_part_is_in_one_sheet_and_tokens_come_first():
    parts = [part for bundle in BUNDLES for part in bundle_parts(bundle)]
    folder = ROOT / "static" / "css"
    assert sorted(parts) == sorted({*folder.rglob("*.css")} - {folder / "cms.css"})
    assert parts[0] == folder / "tokens.css"


def test_colours_and_fonts_are_named_among_the_tokens_alone():
    for bundle in BUNDLES:
        for part in bundle_parts(bundle):
            if part.name != "tokens.css":
                text = rules(part.read_text(encoding="utf-8"))
                assert COLOUR.findall(text) == [], part.name
                assert re.findall(r"font-family: (?!var)", text) == [], part.name


def test_every_token_is_used_and_every_used_one_is_there():
    css = "".join(bundle_css(bundle) for bundle in BUNDLES)
    named, used = set(re.findall(r"(--[\w-]+):", css)), set(re.findall(r"var\((--[\w-]+)", css))
    assert named == used


def test_night_names_the_same_tokens_whoever_asked_for_it():
    """The night of the system and the one that was chosen are written twice; they must not drift apart."""
    tokens = COMMENT.sub("", (ROOT / "static/css/tokens.css").read_text(encoding="utf-8"))
    blocks = {head.strip(): " ".join(body.split()) for head, body in re.findall(r"([^{}]+)\{([^{}]*)\}", tokens)}
    assert blocks[":root:not([data-scheme=sang])"] == blocks[":root[data-scheme=toi]"]
    contrast = ":root[data-contrast=cao]"
    assert blocks[f"{contrast}:not([data-scheme=sang])"] == blocks[f"{contrast}[data-scheme=toi]"]


@pytest.mark.parametrize("bundle", BUNDLES)
def test_no_rule_is_kept_that_nothing_uses(bundle):
    assert [name for name in sorted(classes(bundle_css(bundle))) if not re.search(rf"\b{name}\b", mentioned())] == []


def test_the_sign_between_two_crumbs_is_never_underlined():
    """The underline of a link goes through every box below it but an inline block: in a flex box there is none."""
    about = [said for who, said in re.findall(r"([^{}]*)\{([^{}]*)\}", rules(bundle_css(SITE))) if ".crumbs a" in who]
    assert len(about) > 1
    assert not any("flex" in said or "grid" in said for said in about)


def test_public_pages_lean_on_the_public_sheet_alone():
    """A class that only the officials' sheet knows must not be used by a page that does not load it."""
    official = classes(bundle_css(MANAGE)) - classes(bundle_css(SITE))
    wrong = {}
    for name in templates():
        line = parents(name)
        loads = "css/manage.css" in "".join(templates().get(one, "") for one in [name, *line])
        if "base.html" in line and not loads:
            used = set().union(*(named_in(templates()[one]) for one in taken(name)))
            # Words that only tell a state or a kind beside a class of the public sheet.
            if lost := (used & official) - {"what", "note", "person", "state", "said", "known"}:
                wrong[name] = sorted(lost)
    assert wrong == {}


def test_every_icon_is_drawn_and_every_drawing_is_used():
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static/img/icons.svg").read_text(encoding="utf-8")))
    # The pattern page shows them all; it is no use of them.
    pages = "\n".join(text for name, text in templates().items() if name != "styleguide.html")
    used = set(re.findall(r'{% icon (?:sign\|default:)?"([\w-]+)" %}', pages))
    shown = set(re.findall(r'{% icon "([\w-]+)" %}', templates()["styleguide.html"]))
    assert drawn == used == shown


def test_the_sprite_is_light_and_takes_its_colour_from_the_words():
    sprite = (ROOT / "static/img/icons.svg").read_text(encoding="utf-8")
    assert len(gzip.compress(sprite.encode())) <= 2_000
    assert not COLOUR.search(sprite)


@pytest.mark.parametrize(
    ("name", "size", "most"),
    [("card.png", (1200, 630), 60_000), ("mark-180.png", (180, 180), 4_000), ("mark-192.png", (192, 192), 4_000),
     ("mark-512.png", (512, 512), 8_000), ("favicon.ico", (32, 32), 4_000)],
)  # fmt: skip
def test_pictures_of_the_mark_are_there_and_light(name, size, most):
    file = ROOT / "static" / "img" / name
    assert file.stat().st_size <= most
    with Image.open(file) as picture:
        assert picture.size == size


def test_the_drawn_mark_is_that_of_the_svg():
    """The circle and the stroke where mark.svg has them, in its colours."""
    svg = (ROOT / "static/img/mark.svg").read_text(encoding="utf-8")
    drawn = identity.mark(320)
    for colour, spot in {identity.GOLD: (11.5, 19), identity.WHITE: (21, 16), identity.GREEN: (3, 16)}.items():
        red, green, blue, _ = drawn.getpixel((round(spot[0] * 10), round(spot[1] * 10)))
        assert f"#{red:02x}{green:02x}{blue:02x}" == colour
        assert colour in svg or colour.replace("ffffff", "fff") in svg
