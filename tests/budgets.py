"""What each public page may cost a phone: the budgets of the design, page by page. One table for the test that fails
(``tests/lms/test_budgets.py``) and for the measurements in a browser (``tests/bench/bench_web.py``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

#: A thousand bytes, as networks and phones count.
KB = 1_000
#: What the design allows a course page (60 KB) and a lesson (50 KB without media), and what is kept free of it: a page
#: that grows by a script or a picture of its own is to be noticed long before.
LIGHT, FULL, LESSON_PAGE = 40 * KB, 45 * KB, 50 * KB
#: The design's, for guests; who is signed in gets a script or two for what they left.
MOST_REQUESTS, SIGNED_IN_REQUESTS = 8, 10
#: The style sheet of the public site, compressed.
STYLE_BYTES = 20 * KB
#: A first view on a phone of the reference device (see ``tests/bench/vitals.py``).
LCP_MS, INP_MS, CLS = 2_500, 200, 0.1
#: Who is signed in: somebody in the middle of the course, somebody who has finished it.
LEARNER, GRADUATE = "learner", "graduate"


@dataclass(frozen=True)
class Page:
    """A page and what it may cost. ``path`` may name places that only a loaded platform knows: ``{attempt}``.

    ``first`` and ``repeat`` are bytes on the wire with headers, without pictures of the content; ``requests`` are
    those of a first view with its pictures. ``who`` is signed in; "" is a guest.
    """

    name: str
    path: str
    first: int = LIGHT
    repeat: int = 10 * KB
    requests: int = MOST_REQUESTS
    who: str = ""


#: A browser that comes back to a page that is kept for everybody is told that it has not changed.
UNCHANGED = 1 * KB
COURSE = "/khoa-hoc/5-ky-nang-so-co-ban/"
LESSON = f"{COURSE}lam-quen-vneid-va-dich-vu-cong/"

PAGES = [
    Page("home", "/", FULL, repeat=UNCHANGED),
    Page("catalogue", "/khoa-hoc/", FULL, repeat=UNCHANGED),
    Page("search", "/khoa-hoc/?q=ky+nang+so", FULL, repeat=UNCHANGED),
    Page("for an audience", "/khoa-hoc/?doi_tuong=nguoi_dan", FULL, repeat=UNCHANGED),
    Page("paths", "/lo-trinh/", FULL, repeat=UNCHANGED),
    Page("path", "/lo-trinh/giao-vien-day-hoc-so/", FULL, repeat=UNCHANGED),
    Page("course", COURSE, FULL, repeat=UNCHANGED),
    # A small script for each thing that a reader may do; none of them holds up the text.
    Page("lesson", LESSON, LESSON_PAGE, repeat=UNCHANGED, requests=12),
    Page("news", "/tin-tuc/", repeat=UNCHANGED),
    Page("help", "/tro-giup/", repeat=UNCHANGED),
    Page("accessibility", "/kha-nang-tiep-can/", repeat=UNCHANGED),
    Page("privacy", "/quyen-rieng-tu/", repeat=UNCHANGED),
    Page("ways of reading", "/viec-hoc/cach-doc/"),
    Page("verification", "/xac-minh/"),
    Page("certificate", "/xac-minh/{certificate}/"),
    # The key of the device brings four scripts of its own.
    Page("sign in", "/tai-khoan/login/", FULL, requests=12),
    Page("sign up", "/tai-khoan/signup/"),
    Page("quiz, before", "/kiem-tra/bat-dau/{quiz}/"),
    Page("home, signed in", "/", FULL, who=LEARNER, requests=SIGNED_IN_REQUESTS),
    Page("course, signed in", COURSE, FULL, who=LEARNER, requests=SIGNED_IN_REQUESTS),
    Page("lesson, signed in", LESSON, LESSON_PAGE, who=LEARNER, requests=14),
    Page("my learning", "/viec-hoc/", who=LEARNER, requests=SIGNED_IN_REQUESTS),
    Page("certificates", "/chung-nhan/", who=GRADUATE, requests=SIGNED_IN_REQUESTS),
    Page("account", "/tai-khoan/", who=LEARNER, requests=SIGNED_IN_REQUESTS),
    Page("quiz, question", "/kiem-tra/{attempt}/", LESSON_PAGE, who=LEARNER, requests=11),
    Page("quiz, last look", "/kiem-tra/{attempt}/xem-lai/", LESSON_PAGE, who=LEARNER, requests=11),
    Page("quiz, result", "/kiem-tra/{done}/", LESSON_PAGE, who=GRADUATE, requests=SIGNED_IN_REQUESTS),
]


def places(*, learner: Any, graduate: Any) -> dict[str, str]:
    """What the paths name, of a learner who is in the middle of the course and of one who has finished it.

    Needs the written course, and series that number confirmations.
    """
    from certificates.models import Certificate
    from courses.models import Step, StepKind
    from courses.services import enrolment_start, step_complete
    from quizzes.kinds import KINDS
    from quizzes.models import Quiz
    from quizzes.services import attempt_start, attempt_submit

    quiz = Quiz.objects.select_related("step__course").get(step__course__path=COURSE, purpose="final")
    lessons = Step.objects.filter(course=quiz.step.course, kind=StepKind.LESSON, is_active=True)
    attempts = []
    for person, done in ((learner, lessons[1:3]), (graduate, lessons)):
        enrolment, _ = enrolment_start(user=person, course=quiz.step.course)
        for lesson in done:
            step_complete(enrolment=enrolment, step=lesson)
        attempts.append(attempt_start(quiz=quiz, enrolment=enrolment)[0])
    paper = attempts[1].paper
    answers = {position: KINDS[item["kind"]].right(item) for position, item in enumerate(paper, start=1)}
    attempt_submit(attempt=attempts[1], answers=answers, idempotency_key=uuid4())
    return {
        "quiz": str(quiz.step.uuid),
        "attempt": str(attempts[0].uuid),
        "done": str(attempts[1].uuid),
        "certificate": Certificate.objects.get(completion__user=graduate).token,
    }
