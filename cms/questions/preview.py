"""A question as learners meet it, for whoever writes it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from random import Random
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from cms.questions.media import files_named
from quizzes.kinds import KINDS
from quizzes.questions import content_normal, content_problems
from quizzes.rules import Saved
from quizzes.screens.questions import questions_of
from quizzes.services.library import media_rows


def _item(content: Mapping[str, Any]) -> dict[str, Any]:
    """The question as a paper holds it; mixed the same each time, so that nothing jumps about."""
    item = copy.deepcopy(content_normal(content))
    KINDS[item["kind"]].arrange(item, Random(7), True)  # noqa: S311  (a preview is no exam)
    return item


def as_learner(content: Mapping[str, Any]) -> SafeString:
    """A frame with the learners' own page of the question, and what they read once it is answered right.

    A frame, because the admin and the learners' pages dress the same words differently.
    """
    if content_problems(content):
        return SafeString("")
    item = _item(content)
    right = Saved(KINDS[item["kind"]].right(item), timezone.now(), checked=True)
    asked, told = questions_of([item], {}), questions_of([item], {1: right})
    page = render_to_string("cms/questions/learner_page.html", {"asked": asked[0], "told": told[0]})
    return render_to_string("cms/questions/learner_frame.html", {"page": page})


def in_short(content: Mapping[str, Any]) -> SafeString:
    """The words of a question, to be read beside others."""
    if content_problems(content):
        return SafeString("")
    item = content_normal(content)
    context = {"item": item, "kind": KINDS[item["kind"]], "files": files_named(media_rows(item))}
    return render_to_string("cms/questions/in_short.html", context)
