"""A question as learners meet it, for whoever writes it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from random import Random
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from cms.questions.media import files_named
from quizzes.kinds import KINDS
from quizzes.questions import content_normal, content_problems
from quizzes.services.library import media_rows


def as_learner(content: Mapping[str, Any]) -> SafeString:
    """The question with its fields, mixed as a paper mixes it; the same mix each time, so that nothing jumps about."""
    if content_problems(content):
        return SafeString("")
    item = copy.deepcopy(content_normal(content))
    kind = KINDS[item["kind"]]
    kind.arrange(item, Random(7), True)  # noqa: S311  (a preview is no exam)
    context = {"item": item, "kind": kind, "files": files_named(media_rows(item))}
    return render_to_string("cms/questions/as_learner.html", context)
