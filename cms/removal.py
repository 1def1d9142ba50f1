"""What must not be deleted: pages that people learnt, and pictures, files and shared pieces that published pages show.

Held at the models, so that every way of deleting meets it: one page, many at once, a course with all below it, a
command. What people did stays in ``courses`` whatever happens to pages; the page itself is what they can look up again.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db.models import Model
from django.db.models.signals import pre_delete
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Orderable, Page, ReferenceIndex

from cms.models import CoursePage, LessonPage, QuizPage
from common.errors import Refusal
from common.wording import number
from courses.models import Completion, Enrolment, StepCompletion, Submission
from quizzes.models import Attempt

#: How many places of use a refusal names.
PLACES_TOLD = 5


class DeleteRefused(Refusal):
    """What is to be deleted is needed: by people who learnt it, or by pages that are published."""


def history_problem(page: Page) -> str:
    """Why a page must stay because people learnt it, without those below it; empty when nobody did."""
    page = page.specific
    title = page.get_admin_display_title()
    if isinstance(page, CoursePage):
        learning = Enrolment.objects.filter(course__key=page.translation_key)
        people = learning.values("user").distinct().count()
        finished = Completion.objects.filter(course__key=page.translation_key).values("user").distinct().count()
        if people:
            return _(
                "Khoá «%(title)s» đã có %(people)s người học, %(finished)s người hoàn thành nên không xoá được."
            ) % {"title": title, "people": number(people), "finished": number(finished)}
    elif isinstance(page, LessonPage | QuizPage) and (people := _people_of_step(page)):
        return _("«%(title)s» đã có %(people)s người học nên không xoá được.") % {
            "title": title,
            "people": number(people),
        }
    return ""


def _people_of_step(page: LessonPage | QuizPage) -> int:
    """How many people finished the step of a page, handed something in there, or were asked there."""
    finished = StepCompletion.objects.filter(step__key=page.translation_key)
    handed_in = Submission.objects.filter(step__key=page.translation_key)
    asked = Attempt.objects.filter(quiz__step__key=page.translation_key)
    first, *others = (rows.order_by().values_list("enrolment__user") for rows in (finished, handed_in, asked))
    return first.union(*others).count()


FIX_PAGE = gettext_noop("Hãy bấm «Gỡ xuống» thay cho xoá: người học không thấy nữa, kết quả đã học vẫn còn.")


def history_problems(page: Page) -> list[str]:
    """Why a page cannot be deleted with all that is below it; what to do instead comes last."""
    pages = [page, *page.get_descendants().specific()] if page.numchild else [page]
    problems = [problem for each in pages if (problem := history_problem(each))]
    return [*problems, _(FIX_PAGE)] if problems else []


def published_uses(thing: Model) -> list[str]:
    """The titles of the published pages that show ``thing``, also through a piece that lessons share."""
    pages: dict[int, str] = {}
    waiting: list[Model] = [thing]
    seen: set[tuple[str, Any]] = set()
    while waiting:
        here = waiting.pop()
        for user, _references in ReferenceIndex.get_grouped_references_to(here):
            if isinstance(user, Page):
                if user.live:
                    pages[user.pk] = user.get_admin_display_title()
            elif (user._meta.label, user.pk) not in seen:
                seen.add((user._meta.label, user.pk))
                waiting.append(user)
    return list(pages.values())


def on_page_deleted(sender: Any, instance: Page, **kwargs: Any) -> None:
    """Raise DeleteRefused for a page that people learnt."""
    if problem := history_problem(instance):
        raise DeleteRefused(problem, code="learnt", fix=_(FIX_PAGE), link=_way(instance))


def on_thing_deleted(sender: Any, instance: Any, **kwargs: Any) -> None:
    """Raise DeleteRefused for what published pages show."""
    titles = published_uses(instance)
    if not titles:
        return
    named = ", ".join(f"«{title}»" for title in titles[:PLACES_TOLD])
    more = _(" và %(count)s trang khác") % {"count": len(titles) - PLACES_TOLD} if len(titles) > PLACES_TOLD else ""
    raise DeleteRefused(
        _("«%(instance)s» đang dùng ở %(named)s%(more)s nên không xoá được.")
        % {"instance": instance, "named": named, "more": more},
        code="in_use",
        fix=_("Hãy thay hoặc bỏ nó ở các trang đó, xuất bản lại, rồi xoá."),
        link=_way(instance),
    )


def _way(thing: Any) -> tuple[str, str]:
    """Back to where the thing is edited."""
    if isinstance(thing, Page):
        return reverse("wagtailadmin_pages:edit", args=[thing.pk]), _("Mở trang")
    return getattr(thing, "usage_url", "") or reverse("wagtailadmin_home"), _("Xem nơi đang dùng")


def connect() -> None:
    """Stand before every deletion; called once when the room is ready."""
    for page_type in (CoursePage, LessonPage, QuizPage):
        pre_delete.connect(on_page_deleted, sender=page_type, dispatch_uid=f"cms.removal.{page_type.__name__}")
    shared = [
        model
        for model in apps.get_app_config("cms").get_models()
        if not issubclass(model, Page | Orderable) and not model._meta.auto_created
    ]
    for model in (get_image_model(), get_document_model(), *shared):
        pre_delete.connect(on_thing_deleted, sender=model, dispatch_uid=f"cms.removal.{model._meta.label}")
