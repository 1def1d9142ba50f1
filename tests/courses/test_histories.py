"""Random histories of publishing and learning, through the real services on the database.

Editors add, remove and reorder steps, make them optional, leave modules empty, close and open the course again, and try
to publish it without anything that could be completed. Meanwhile people enrol, finish lessons, pass quizzes and begin
anew; years go by. Whatever the order: percentages stay between 0 and 100, what was finished stays finished and as it
was, and nobody unfinished in an open course stands before a wall.

    pytest tests/courses/test_histories.py --hypothesis-show-statistics      (how many histories, and what was in them)
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from certificates.models import Certificate
from certificates.services import register_verify
from common.errors import Refusal
from courses import rules, services
from courses.models import Completion, CompletionStanding, Course, Enrolment, Step, StepCompletion
from courses.services import settling
from kpi import rollup
from kpi.models import Counted, Recurrence
from tests.factories.certificates import series_defaults
from tests.factories.kpi import IndicatorFactory
from tests.factories.people import AudienceFactory, MembershipFactory, StructureFactory, UnitFactory
from tests.lanes import draws

pytestmark = pytest.mark.slow

PEOPLE, STEPS, MODULES = 3, 4, 2
BEGAN = datetime(2026, 1, 10, 3, tzinfo=UTC)
KINDS = ["lesson", "quiz", "lesson", "quiz"]

people = st.integers(0, PEOPLE - 1)
steps = st.integers(0, STEPS - 1)
placed = st.tuples(steps, st.booleans(), st.none() | st.integers(0, MODULES - 1))
outlines = st.tuples(
    st.just("publish"),
    st.lists(placed, max_size=STEPS, unique_by=lambda row: row[0]),
    st.sets(st.integers(0, MODULES - 1)),
    st.booleans(),  # whether the job comes before the next event
)
acts = st.one_of(
    outlines,
    st.tuples(st.just("learn"), people, steps, st.none() | st.integers(50, 100)),
    st.tuples(st.just("go_on"), people, st.integers(1, STEPS)),
    st.tuples(st.just("go_on"), people, st.integers(1, STEPS)),
    st.tuples(st.just("renew"), people),
    st.tuples(st.just("years_go_by"), st.integers(100, 500)),
    st.tuples(st.just("close"), st.booleans()),
)
all_required = ("publish", [(n, True, n % MODULES) for n in range(STEPS)], {0, 1}, True)


@dataclass
class World:
    """What the history knows beside the database."""

    users: list[Any]
    key: uuid.UUID = field(default_factory=uuid.uuid4)
    steps: list[uuid.UUID] = field(default_factory=lambda: [uuid.uuid4() for _ in range(STEPS)])
    modules: list[uuid.UUID] = field(default_factory=lambda: [uuid.uuid4() for _ in range(MODULES)])
    now: datetime = BEGAN
    settled: bool = True
    completions: dict[int, dict[str, Any]] = field(default_factory=dict)
    done: dict[int, dict[str, Any]] = field(default_factory=dict)

    @property
    def course(self) -> Course:
        return Course.objects.get(key=self.key)


class Histories(TestCase):
    @settings(max_examples=draws(40), deadline=None, suppress_health_check=list(HealthCheck))
    @given(history=st.lists(acts, min_size=3, max_size=12))
    def test_whatever_happens_progress_is_right(self, history):
        world = _world()
        for act, *words in [all_required, *history]:
            getattr(self, act)(world, *words)
            world.now += timedelta(days=1)
            self.check(world)
        event(f"{len(history) // 5 * 5}–{len(history) // 5 * 5 + 4} events")
        self.the_end(world)

    # --- What happens ------------------------------------------------------------------------------------------------
    def publish(self, world, rows, modules, at_once):
        """Also what editors should not: an outline without anything required is refused and changes nothing."""
        outline = _outline(world, rows, modules)
        if not any(required for _, required, _ in rows):
            before = list(Step.objects.order_by("pk").values())
            with pytest.raises(Refusal, match="bắt buộc"):
                services.course_outline_publish(outline=outline)
            assert list(Step.objects.order_by("pk").values()) == before
            event("an empty course was refused")
            return
        services.course_outline_publish(outline=outline)
        world.settled = False
        if at_once:
            self.settle(world)

    def close(self, world, by_hand):
        """Closed as a whole, or because its last required step went by a way around the editor."""
        if by_hand:
            services.course_close(key=world.key)
        else:
            services.course_outline_publish(outline=_outline(world, [(0, False, None)], set(), is_published=False))
            world.settled = False
        event("the course was closed")

    def learn(self, world, person, step, score):
        """Press the button, or pass the quiz; refused where the course is closed or the step is gone."""
        user, row = world.users[person], Step.objects.get(key=world.steps[step])
        try:
            enrolment, _ = services.enrolment_start(user=user, course=world.course, at=world.now)
        except Refusal as refusal:
            if refusal.code != "course_closed":
                raise
            return
        grade = Decimal(score) if score is not None and KINDS[step] == "quiz" else None
        if row.is_active:
            services.step_complete(enrolment=enrolment, step=row, at=world.now, score=grade)
        else:
            with pytest.raises(Refusal):
                services.step_complete(enrolment=enrolment, step=row, at=world.now)

    def go_on(self, world, person, times):
        """Do what the platform says comes next."""
        course = world.course
        if not course.is_published:
            return
        enrolment, _ = services.enrolment_start(user=world.users[person], course=course, at=world.now)
        for _ in range(times):
            done = set(enrolment.step_completions.values_list("step_id", flat=True))
            if (step := rules.next_step(_active(course), done, enrolment.last_step_id)) is not None:
                services.step_complete(enrolment=enrolment, step=step, at=world.now)

    def renew(self, world, person):
        try:
            _, created = services.enrolment_renew(user=world.users[person], course=world.course, at=world.now)
        except Refusal as refusal:
            if refusal.code not in {"course_closed", "not_finished", "still_valid"}:
                raise
        else:
            event("learnt anew" if created else "an open round was given back")

    def years_go_by(self, world, days):
        world.now += timedelta(days=days)

    def settle(self, world):
        if services.enrolments_settle(course_id=world.course.pk, at=world.now):
            event("settling completed somebody")
        world.settled = True
        assert not Enrolment.objects.nothing_left().exists()

    # --- What must hold ----------------------------------------------------------------------------------------------
    def check(self, world):
        course = world.course
        active = _active(course)
        for enrolment in Enrolment.objects.select_related("completion").prefetch_related("step_completions"):
            done = {row.step_id for row in enrolment.step_completions.all()}
            finished = hasattr(enrolment, "completion")
            progress = rules.progress(active, done, finished=finished)
            assert isinstance(progress.percent, int)
            assert 0 <= progress.percent <= 100
            assert progress.percent == 100 or not finished
            if course.is_published and not finished and world.settled:
                step = rules.next_step(active, done, enrolment.last_step_id)
                assert step in rules.steps_left(active, done)
        self.check_what_was_done_stays(world, active)

    def check_what_was_done_stays(self, world, active):
        done = {row["id"]: row for row in StepCompletion.objects.values()}
        completions = {row["id"]: row for row in Completion.objects.values()}
        assert world.done.items() <= done.items()
        assert world.completions.items() <= completions.items()
        for pk in completions.keys() - world.completions.keys():
            event("somebody finished")
            self.check_newly_finished(world, completions[pk], active)
        world.done, world.completions = done, completions

    def check_newly_finished(self, world, row, active):
        """Nobody is completed who lacks something at that moment; what is claimed is what was true then."""
        required = [step for step in active if step.required]
        scores = dict(StepCompletion.objects.filter(enrolment=row["enrolment_id"]).values_list("step_id", "score"))
        assert required
        assert {step.pk for step in required} <= scores.keys()
        graded = [scores[step.pk] for step in required if scores[step.pk] is not None]
        user = next(user for user in world.users if user.pk == row["user_id"])
        assert row["score"] == (graded[-1] if graded else None)
        assert (row["learner_name"], row["course_title"]) == (user.full_name, "Khoá")
        assert row["course_revision"] == world.course.revision
        assert row["course_level"] == "thanh_thao"
        assert row["valid_until"] > world.now.date() - timedelta(days=2)

    def the_end(self, world):
        """Settled, everybody can finish by doing what comes next; and every count can be made anew."""
        services.course_outline_publish(outline=_outline(world, [(0, True, None), (2, True, 1)], {0, 1}))
        self.settle(world)
        self.check(world)
        for person in range(PEOPLE):
            self.go_on(world, person, STEPS)
        self.check(world)
        assert not Enrolment.objects.filter(completion=None).exists()
        made = Completion.objects.count()
        assert Certificate.objects.count() == CompletionStanding.objects.count() == made
        report = register_verify(series=Certificate.objects.first().series)
        assert report.ok, report
        assert Counted.objects.exists()
        assert rollup.counted_rebuild(check=True).drifted == 0


def _world() -> World:
    StructureFactory()
    citizen = AudienceFactory()
    commune, department = UnitFactory(), UnitFactory()
    series_defaults(type("Province", (), {"department": department}))
    IndicatorFactory(audiences=[citizen])
    IndicatorFactory(audiences=[citizen], recurrence=Recurrence.CUMULATIVE, min_score=Decimal(70))
    settling.BREATH = 0
    return World([MembershipFactory(unit=commune, audience=citizen).user for _ in range(PEOPLE)])


def _outline(world: World, rows: Any, modules: Any, **fields: Any) -> services.Outline:
    return services.Outline(
        key=world.key, slug="khoa", code="K1", title="Khoá", summary="Học.", path="/khoa-hoc/khoa/",
        level="thanh_thao", hours=Decimal("1.5"), audience_codes=["nguoi_dan"], topic_codes=[], valid_months=12,
        modules=[services.OutlineModule(key=world.modules[n], title=f"Chương {n}") for n in sorted(modules)],
        steps=[
            services.OutlineStep(
                key=world.steps[n], kind=KINDS[n], title=f"Bài {n}", path=f"/khoa-hoc/khoa/{n}/", minutes=5,
                required=required, module=world.modules[module] if module in modules else None,
            )
            for n, required, module in rows
        ],
        **fields,
    )  # fmt: skip


def _active(course: Course) -> list[Step]:
    return list(course.steps.filter(is_active=True))
