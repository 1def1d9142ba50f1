"""Posters to print, for anybody."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from allauth.core import ratelimit
from allauth.core.internal.ratelimit import consume
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from courses.models import Course, Step, StepKind
from courses.posters import Poster, poster_asked, poster_of_course, poster_of_lesson, poster_pdf

#: Browsers and proxies may keep a poster for an hour.
PUBLIC_SECONDS = 3600


@require_safe
def poster_course(request: HttpRequest, slug: str) -> HttpResponse:
    """The poster of a published course."""
    course = get_object_or_404(Course.objects.published(), slug=slug)
    return _poster(request, poster_of_course(course), f"ap-phich-{course.slug}")


@require_safe
def poster_step(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The poster of a lesson of a published course."""
    lessons = Step.objects.filter(kind=StepKind.LESSON, is_active=True, course__is_published=True)
    step = get_object_or_404(lessons.select_related("course"), uuid=uuid)
    name = step.path.strip("/").rpartition("/")[2]
    return _poster(request, poster_of_lesson(step), f"ap-phich-{name}")


def _poster(request: HttpRequest, poster: Poster, name: str) -> HttpResponse:
    """What was made lately is handed out to everybody; making one is limited, for it costs a tenth of a second."""
    paper = request.GET.get("kho", "a4")
    html, pdf = poster_asked(poster=poster, paper=paper)
    if pdf is None:
        if not consume(request, app="allauth.account", action="poster", limit_get=True):
            return cast(HttpResponse, ratelimit.respond_429(request))
        pdf = poster_pdf(html=html, paper=paper)
    response = HttpResponse(pdf, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}-{paper}.pdf"'
    response.headers["Cache-Control"] = f"public, max-age={PUBLIC_SECONDS}"
    return response
