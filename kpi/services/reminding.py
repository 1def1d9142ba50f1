"""Reminding those who ought to be trained and are not, or whoever leads them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from common import audit
from common.errors import Refusal
from common.wording import number
from kpi.missing import Missing, why_no_list
from people import access
from people.claims import WAITING
from people.models import Membership, Notice, Role, UnitAncestor, User
from people.notices import notices_send
from people.querysets import MembershipQuerySet

#: Nobody is reminded of one indicator twice within so many days.
NOT_WITHIN_DAYS = 7
#: One act writes to so many people at most: more are reminded by their leaders, or unit by unit.
MOST_AT_ONCE = 500


@dataclass(frozen=True)
class Reminded:
    """``notices`` made; ``lately``: people left out because they were reminded a few days ago."""

    notices: list[Notice]
    lately: int


@transaction.atomic
def missing_remind(*, actor: User, missing: Missing) -> Reminded:
    """Remind the people of a list themselves. Raises Forbidden, or Refusal: ``no_list``, ``too_many``, ``nobody``.

    Left out: whoever has not claimed their account yet, and whoever was reminded within ``NOT_WITHIN_DAYS``.
    """
    _checked(actor, missing)
    people = list(missing.people().filter(is_active=True).exclude(WAITING)[: MOST_AT_ONCE + 1])
    if len(people) > MOST_AT_ONCE:
        raise Refusal(
            _("Có hơn %(most)s người chưa học, nhiều quá để nhắc một lượt.") % {"most": number(MOST_AT_ONCE)},
            code="too_many",
            fix=_("Chọn một đơn vị cấp dưới ở ô «Đơn vị», hoặc nhắc những người phụ trách."),
        )
    course = missing.indicator.courses.first()
    made = _send(
        actor,
        missing,
        people,
        kind=f"kpi_missing_{missing.indicator.pk}",
        subject=f"Nhắc học năm {missing.year}",
        body=f"{actor.full_name} nhắc bạn học{f' «{course.title}»' if course else ''} trong năm {missing.year}. "
        f"Bạn thuộc diện phải học theo chỉ tiêu: {missing.indicator.text}",
        path=course.path if course else "/",
    )
    return _recorded(actor, missing, "kpi.missing_reminded", made, people)


@transaction.atomic
def missing_leaders_remind(*, actor: User, missing: Missing) -> Reminded:
    """Remind whoever leads the people of a list: leaders of their teams, coordinators of their units and those above.

    Raises Forbidden, or Refusal: ``no_list``, ``nobody``. The actor writes nothing to themselves.
    """
    _checked(actor, missing)
    units = missing.memberships().order_by().values("unit")
    here = Membership.objects.in_force().filter(role=Role.TEAM_LEADER, unit__in=units)
    above = UnitAncestor.objects.filter(structure=access.current_structure(), descendant__in=units).values("ancestor")
    inside = missing.place.subtree()
    over = Membership.objects.in_force().filter(Q(unit__in=above) & Q(unit__in=inside), role=Role.COORDINATOR)
    coordinators = _users(over, actor)
    known = {person.pk for person in coordinators}
    leaders = [person for person in _users(here, actor) if person.pk not in known]
    code, year = missing.indicator.code, missing.year
    said = f"{actor.full_name} nhờ bạn nhắc những người chưa học trong năm {year}, chỉ tiêu: {missing.indicator.text}"
    kind = f"kpi_leaders_{missing.indicator.pk}"
    subject = f"Nhắc người chưa học, {code}"
    listed = f"{reverse('kpi:missing', args=[code])}?nam={year}"
    made = _send(actor, missing, coordinators, kind=kind, subject=subject, body=said, path=listed)
    made += _send(actor, missing, leaders, kind=kind, subject=subject, body=said, path=reverse("teams:home"))
    return _recorded(actor, missing, "kpi.leaders_reminded", made, [*coordinators, *leaders])


def _users(memberships: MembershipQuerySet, actor: User) -> list[User]:
    people = User.objects.filter(pk__in=memberships.values("user"), is_active=True)
    return list(people.exclude(pk=actor.pk).order_by("pk"))


def _checked(actor: User, missing: Missing) -> None:
    unit = missing.place.unit
    what = _("việc nhắc người học của %(unit)s") % {"unit": unit}
    access.require(access.can_keep_roster(actor, unit), actor, what=what)
    if why := why_no_list(missing.indicator):
        raise Refusal(why, code="no_list", fix=_("Xem các đơn vị còn thiếu ở trang chỉ tiêu."))


def _send(
    actor: User, missing: Missing, people: Collection[User], *, kind: str, subject: str, body: str, path: str
) -> list[Notice]:
    return notices_send(
        users=people,
        kind=kind,
        subject=subject,
        body=body,
        path=path,
        actor=actor,
        unit=missing.place.unit,
        not_within_days=NOT_WITHIN_DAYS,
    )


def _recorded(actor: User, missing: Missing, act: str, made: list[Notice], asked: Collection[User]) -> Reminded:
    if not asked:
        raise Refusal(
            _("Không có ai để nhắc."),
            code="nobody",
            fix=_(
                "Người chưa nhận tài khoản cần phiếu nhận tài khoản; đơn vị chưa có người phụ trách cần được bổ sung."
            ),
        )
    if made:
        audit.record(
            actor=actor,
            act=act,
            subject=missing.place.unit,
            unit=missing.place.unit,
            indicator=missing.indicator.code,
            year=missing.year,
            people=len(made),
        )
    return Reminded(made, len(asked) - len(made))
