"""What waits in teams and in practical tasks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Exists, OuterRef
from django.urls import reverse
from django.utils.translation import ngettext

from courses import teaching
from courses.models import Completion
from courses.teams import team_courses, team_memberships
from people import access
from people.models import Role, Unit, UnitKind
from people.querysets import today
from people.waiting import Waiting, waits_for

TEAMS_SHOWN = 5


@waits_for({Role.TEAM_LEADER}, order=10)
def members_untrained(viewer: Any) -> Iterator[Waiting]:
    """Members of the teams that the viewer leads who did not learn this year, team by team; one query."""
    led = viewer.memberships.in_force().filter(role=Role.TEAM_LEADER, unit__kind=UnitKind.TEAM).values("unit")
    learnt = Completion.objects.filter(
        user=OuterRef("user"), course__in=team_courses().order_by().values("pk"), completed_at__year=today().year
    )
    untrained = team_memberships().filter(~Exists(learnt), unit__in=led).order_by()
    rows = untrained.values_list("unit__uuid", "unit__name").annotate(people=Count("user", distinct=True))
    for uuid, name, people in rows.order_by("unit__search_key")[:TEAMS_SHOWN]:
        path = f"{reverse('teams:team', args=[uuid])}#chua-hoc"
        words = ngettext("người trong tổ chưa học năm %(year)s", "người trong tổ chưa học năm %(year)s", people)
        yield Waiting(people, words % {"year": today().year}, path, note=name)


@waits_for(access.ROSTER_KEEPING, order=40)
def teams_without_leader(viewer: Any) -> Iterator[Waiting]:
    """Teams in the viewer's scope that nobody leads; one query."""
    leading = team_memberships().filter(unit=OuterRef("pk"), role=Role.TEAM_LEADER)
    scope = access.scope_units(viewer, access.TEAM_LEADING)
    count = Unit.objects.standing_on().filter(~Exists(leading), kind=UnitKind.TEAM, pk__in=scope).count()
    path = f"{reverse('teams:list')}?loc=chua-co-to-truong"
    words = ngettext(
        "tổ công nghệ số cộng đồng chưa có tổ trưởng", "tổ công nghệ số cộng đồng chưa có tổ trưởng", count
    )
    yield Waiting(count, words, path)


@waits_for(access.SIGNING_OFF, order=30)
def work_to_sign_off(viewer: Any) -> Iterator[Waiting]:
    """Practical tasks that people in the viewer's scope handed in; one query."""
    people = teaching.people_of(access.scope_units(viewer, access.SIGNING_OFF))
    count = teaching.submissions_waiting(viewer=viewer, people=people).count()
    words = ngettext("bài thực hành chờ bạn xem", "bài thực hành chờ bạn xem", count)
    yield Waiting(count, words, reverse("teaching:waiting"))
