"""What somebody who is new wants to do first, and the lesson that begins it. The choices are data."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.text import fold
from courses.models import Course, Step, StepKind
from people.models import CITIZEN, User


@dataclass(frozen=True)
class Choice:
    """One answer: the first published course that names one of ``topics`` (codes of ``content_topics.yaml``).

    The lesson whose title holds one of ``words``, the first word first, is where the person begins; without one, its
    first step. Words are those of the courses, whatever the language of the page.
    """

    code: str
    text: str | Promise
    hint: str | Promise
    topics: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


CHOICES = (
    Choice(
        "dich-vu-cong",
        _("Làm giấy tờ trên mạng"),
        _("Nộp hồ sơ, xem kết quả mà không phải đi lại"),
        ("T-A02", "T-A03"),
        ("dịch vụ công", "nộp hồ sơ", "trực tuyến"),
    ),
    Choice(
        "suc-khoe",
        _("Khám chữa bệnh thuận tiện hơn"),
        _("Sổ sức khoẻ điện tử, đặt lịch khám"),
        ("T-A04",),
        ("sức khoẻ", "khám"),
    ),
    Choice(
        "thanh-toan",
        _("Chuyển tiền, mua bán trên mạng"),
        _("Trả tiền điện, quét mã, mua hàng"),
        ("T-A09", "T-A08"),
        ("thanh toán", "chuyển tiền", "mua"),
    ),
    Choice(
        "an-toan",
        _("Tránh bị lừa qua điện thoại"),
        _("Giữ mật khẩu, nhận ra tin nhắn và cuộc gọi lừa đảo"),
        ("T-A11",),
        ("lừa đảo", "bảo vệ", "an toàn"),
    ),
    Choice(
        "giup-ba-con",
        _("Giúp bà con dùng điện thoại, dịch vụ số"),
        _("Dành cho thành viên Tổ công nghệ số cộng đồng"),
        ("T-A17",),
        ("hướng dẫn", "giúp"),
    ),
)
#: Answered by the audience that the person's unit listed them as.
WORK = Choice("cong-viec", _("Học cho công việc của tôi"), _("Khoá học dành cho đơn vị và nghề của bạn"))


def choices_for(user: User) -> list[tuple[Choice, Course]]:
    """The choices for which there is something to learn today, each with its course; two queries."""
    courses = list(Course.objects.published().prefetch_related("topics", "audiences").order_by("title", "pk"))
    found = [(choice, course) for choice in CHOICES if (course := _by_topic(courses, choice.topics))]
    own = set(user.memberships.in_force().values_list("audience__code", flat=True)) - {CITIZEN}
    work = next((course for course in courses if own & {audience.code for audience in course.audiences.all()}), None)
    return [(WORK, work), *found] if work else found


def first_step(choice: Choice, course: Course) -> Step | None:
    """Where the person begins; None in a course without steps."""
    steps = list(course.steps.filter(is_active=True))
    words = [fold(word) for word in choice.words]
    lessons = [step for step in steps if step.kind == StepKind.LESSON]
    fitting = (step for word in words for step in lessons if word in fold(step.title))
    return next(fitting, steps[0] if steps else None)


def _by_topic(courses: list[Course], topics: tuple[str, ...]) -> Course | None:
    """The first course of the first topic that has one."""
    for code in topics:
        for course in courses:
            if any(topic.code == code for topic in course.topics.all()):
                return course
    return None
