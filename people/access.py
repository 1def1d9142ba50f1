"""Who may see and do what: one function for each right, and the scope of units behind them.

Rights come from memberships in force. A role holds for its unit and everything below it under today's structure.
Two answers to "no": 404 for somebody without any office (they learn nothing), 403 with an explanation for an official
of another scope (they may know that it exists, and whom to ask).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from common.errors import Forbidden, Refusal
from people.models import CITIZEN, Membership, Role, Structure, Unit, UnitAncestor, UnitKind, User
from people.querysets import today

MANAGING = frozenset(
    {Role.TEAM_LEADER, Role.COORDINATOR, Role.ISSUING_OFFICIAL, Role.PROVINCIAL_LEAD, Role.ADMINISTRATOR}
)
PROPOSING = frozenset({Role.COORDINATOR, Role.PROVINCIAL_LEAD, Role.ADMINISTRATOR})
#: Who must have a second step: everybody who answers for others, or writes for everybody. Team leaders look after fewer
#: than ten neighbours, often on a phone that nobody else may hold; docs/decisions/0009 says why they are not asked.
STAFF = frozenset(
    {
        Role.INSTRUCTOR,
        Role.COORDINATOR,
        Role.ISSUING_OFFICIAL,
        Role.PROVINCIAL_LEAD,
        Role.EDITOR,
        Role.CONTENT_REVIEWER,
        Role.PUBLISHER,
        Role.ADMINISTRATOR,
    }
)
#: Who works on the content of courses: writes it, reviews it, or lets it go out.
EDITING = frozenset({Role.EDITOR, Role.CONTENT_REVIEWER, Role.PUBLISHER, Role.ADMINISTRATOR})
ROSTER_KEEPING = frozenset({Role.COORDINATOR, Role.PROVINCIAL_LEAD, Role.ADMINISTRATOR})
TEAM_LEADING = frozenset({Role.TEAM_LEADER, Role.COORDINATOR, Role.PROVINCIAL_LEAD, Role.ADMINISTRATOR})
TREE_KEEPING = frozenset({Role.PROVINCIAL_LEAD, Role.ADMINISTRATOR})
#: Who reads how courses are learnt in their scope, by name. An instructor does nothing else under ``/quan-ly/`` and is
#: therefore none of MANAGING: teaching a course opens neither lists of people nor their contacts. Coordinators and the
#: provincial lead answer for the training of the same people and see their progress anyway.
TEACHING = frozenset({Role.INSTRUCTOR, Role.COORDINATOR, Role.PROVINCIAL_LEAD, Role.ADMINISTRATOR})
#: Who signs practical tasks off. Without coordinators the work of a commune that has no instructor yet would wait for
#: ever. An administrator keeps the system and judges nobody's work.
SIGNING_OFF = frozenset({Role.INSTRUCTOR, Role.COORDINATOR, Role.PROVINCIAL_LEAD})
AUDIT_READING = frozenset({Role.COORDINATOR, Role.PROVINCIAL_LEAD, Role.ADMINISTRATOR})
#: Whom a keeper of rosters may appoint: never an equal, never somebody above.
MAY_APPOINT: dict[str, frozenset[str]] = {
    Role.COORDINATOR: frozenset({Role.LEARNER, Role.TEAM_LEADER, Role.INSTRUCTOR}),
    Role.PROVINCIAL_LEAD: frozenset({Role.LEARNER, Role.TEAM_LEADER, Role.INSTRUCTOR, Role.COORDINATOR}),
    Role.ADMINISTRATOR: frozenset(Role.values),
}
KPI_READING = frozenset({Role.COORDINATOR, Role.ISSUING_OFFICIAL, Role.PROVINCIAL_LEAD, Role.ADMINISTRATOR})
#: Who sets targets and head-counts, approves what units declare, and closes periods.
KPI_KEEPING = frozenset({Role.PROVINCIAL_LEAD, Role.ADMINISTRATOR})


def current_structure() -> Structure:
    """The structure of today. Raises Refusal (``no_structure``) before a province is loaded."""
    structure: Structure | None = Structure.objects.filter(valid_from__lte=today()).order_by("-valid_from").first()
    if structure is None:
        raise Refusal(
            _("Chưa có đơn vị nào trong hệ thống."),
            code="no_structure",
            fix=_("Người quản trị cần nạp một tỉnh: manage.py load_province."),
        )
    return structure


def roles_of(user: Any) -> frozenset[str]:
    """The roles that a person holds today, anywhere; one query per request and person."""
    if not user.is_authenticated:
        return frozenset()
    if not hasattr(user, "_roles_today"):
        user._roles_today = frozenset(user.memberships.in_force().values_list("role", flat=True))
    return frozenset(user._roles_today)


def is_manager(user: Any) -> bool:
    """Whether the person has an office in ``/quan-ly/``."""
    return bool(roles_of(user) & MANAGING)


def is_teacher(user: Any) -> bool:
    """Whether the person reads in ``/quan-ly/giang-day/`` how courses are learnt."""
    return bool(roles_of(user) & TEACHING)


def is_editor(user: Any) -> bool:
    """Whether the person may enter ``/cms/``."""
    return bool(roles_of(user) & EDITING) or bool(getattr(user, "is_superuser", False))


def scope_units(user: Any, roles: frozenset[str] = MANAGING) -> QuerySet[Any]:
    """Ids of the units over which the person holds one of ``roles`` today, as a subquery."""
    if not user.is_authenticated:
        return UnitAncestor.objects.none().values("descendant")
    held = Membership.objects.in_force().filter(user=user, role__in=roles).values("unit")
    structure = Structure.objects.filter(valid_from__lte=today()).order_by("-valid_from").values("pk")[:1]
    return UnitAncestor.objects.filter(structure__in=structure, ancestor__in=held).values("descendant")


def office_unit(user: Any, roles: frozenset[str]) -> Unit | None:
    """The unit in which the person holds one of ``roles`` today: the main office first, then the oldest."""
    held = Membership.objects.in_force().filter(user=user, role__in=roles).select_related("unit")
    office = held.order_by("-is_main", "valid_from", "pk").first()
    return office.unit if office else None


def can_see_person(viewer: Any, person: User) -> bool:
    """Whether ``viewer`` is the person, or leads a unit in which the person is."""
    return bool(User.objects.visible_to(viewer).filter(pk=person.pk).exists())


def can_see_unit(viewer: Any, unit: Unit) -> bool:
    """Whether the unit is in the scope of ``viewer``."""
    return scope_units(viewer).filter(descendant=unit).exists()


def can_read_kpi(viewer: Any, unit: Unit) -> bool:
    """Whether ``viewer`` may read the figures of ``unit`` and open the people behind them."""
    return scope_units(viewer, KPI_READING).filter(descendant=unit).exists()


def can_keep_kpi(viewer: Any, unit: Unit) -> bool:
    """Whether ``viewer`` may set targets and head-counts of ``unit``, approve what it declares, and close periods."""
    return scope_units(viewer, KPI_KEEPING).filter(descendant=unit).exists()


def can_propose_certificates(viewer: Any, unit: Unit) -> bool:
    """Whether ``viewer`` may put together a list of certificates for the people of ``unit``."""
    return scope_units(viewer, PROPOSING).filter(descendant=unit).exists()


def can_issue_certificates(viewer: Any, unit: Unit) -> bool:
    """Whether ``viewer`` may approve, issue and revoke certificates in the name of ``unit``."""
    return scope_units(viewer, frozenset({Role.ISSUING_OFFICIAL})).filter(descendant=unit).exists()


def can_keep_roster(viewer: Any, unit: Unit) -> bool:
    """Whether ``viewer`` may bring, change and export the list of people of ``unit``."""
    return scope_units(viewer, ROSTER_KEEPING).filter(descendant=unit).exists()


def can_lead_team(viewer: Any, unit: Unit) -> bool:
    """Whether ``viewer`` may open the team page of ``unit``, remind its members and print their slips."""
    return scope_units(viewer, TEAM_LEADING).filter(descendant=unit).exists()


def can_keep_unit(viewer: Any, unit: Unit) -> bool:
    """Whether ``viewer`` may rename, move, merge, split or close ``unit``, or add a unit under it."""
    return scope_units(viewer, TREE_KEEPING).filter(descendant=unit).exists()


def can_teach(viewer: Any, unit: Unit) -> bool:
    """Whether ``viewer`` may read, by name, how the people of ``unit`` learn."""
    return scope_units(viewer, TEACHING).filter(descendant=unit).exists()


def provinces_among(units: QuerySet[Any]) -> QuerySet[Unit]:
    """The province itself, if ``units`` hold it."""
    found: QuerySet[Unit] = Unit.objects.standing_on().filter(parent=None, kind=UnitKind.PROVINCE, pk__in=units)
    return found


def people_without_unit(units: QuerySet[Any]) -> QuerySet[Any]:
    """Ids of those who stand in no unit today ("chưa rõ"), if ``units`` hold the whole province; else of nobody."""
    placed = Membership.objects.in_force().filter(user=OuterRef("pk"))
    province = provinces_among(units)
    found: QuerySet[Any] = User.objects.filter(Exists(province), ~Exists(placed)).order_by().values("pk")
    return found


#: Accounts of the system itself: no list of people reaches them.
ABOVE_LISTS = Q(is_staff=True) | Q(is_superuser=True)


def places_beyond(by: User) -> QuerySet[Membership]:
    """Memberships, now or later, of the user of the outer query that put them out of the reach of ``by``.

    Nobody hands out or merges the account of an equal, of a superior, or of somebody whom another unit answers for:
    each place must be one that ``by`` could give in that very unit. Where somebody lives is nobody's to give, and does
    not count.
    """
    within = Q(role=Role.LEARNER, audience__code=CITIZEN)
    within |= Q(role=Role.LEARNER, unit__in=scope_units(by, TEAM_LEADING))
    for role, appointed in MAY_APPOINT.items():
        if role in roles_of(by):
            within |= Q(role__in=appointed, unit__in=scope_units(by, frozenset({role})))
    held = Membership.objects.filter(Q(valid_to=None) | Q(valid_to__gt=today()), user=OuterRef("pk"))
    found: QuerySet[Membership] = held.exclude(within)
    return found


def people_answered_for(viewer: Any, users: Collection[int], offices: frozenset[str]) -> set[int]:
    """Those of the people who are today in a unit for which ``viewer`` holds one of ``offices``, or in none while
    ``viewer`` holds it for a whole province.

    Two queries, each of few rows: asked in one, the database may gather all whom the viewer answers for, a million
    for a province. One more where somebody stands in no unit.
    """
    scope = scope_units(viewer, offices)
    standing = list(Membership.objects.in_force().filter(user__in=users).order_by().values_list("user_id", "unit_id"))
    units = {unit for _, unit in standing}
    held = set(scope.filter(descendant__in=units).values_list("descendant_id", flat=True)) if units else set()
    inside = {user for user, unit in standing if unit in held}
    nowhere = set(users) - {user for user, _ in standing}
    return inside | nowhere if nowhere and provinces_among(scope).exists() else inside


def can_sign_off(viewer: Any, person: User) -> bool:
    """Whether ``viewer`` may read and judge what ``person`` handed in; nobody judges their own work.

    Work of people without a unit is judged by those who answer for the whole province.
    """
    if person.pk == viewer.pk:
        return False
    scope = scope_units(viewer, SIGNING_OFF)
    places = person.memberships.in_force().filter(unit__in=scope)
    return bool(places.exists() or people_without_unit(scope).filter(pk=person.pk).exists())


def can_read_audit(viewer: Any, unit: Unit) -> bool:
    """Whether ``viewer`` may read the log of official acts in the scope of ``unit``."""
    return scope_units(viewer, AUDIT_READING).filter(descendant=unit).exists()


def administers_all(viewer: Any) -> bool:
    """Whether ``viewer`` is an administrator of a unit with nothing above it: of the whole province."""
    held = Membership.objects.in_force().filter(user=viewer.pk, role=Role.ADMINISTRATOR, unit__parent=None)
    return bool(getattr(viewer, "is_superuser", False)) or held.exists()


def can_replace_tree(viewer: Any) -> bool:
    """Whether ``viewer`` may replace the tree as a whole: who leads or administers a unit with nothing above it."""
    held = Membership.objects.in_force().filter(user=viewer.pk, role__in=TREE_KEEPING)
    at_the_top = held.filter(unit__in=Unit.objects.standing_on().filter(parent=None))
    return bool(getattr(viewer, "is_superuser", False)) or at_the_top.exists()


def may_appoint(viewer: Any, unit: Unit) -> frozenset[str]:
    """The roles that ``viewer`` may give to somebody in ``unit``; empty outside their scope."""
    found: set[str] = set()
    for role, appointed in MAY_APPOINT.items():
        if role in roles_of(viewer) and scope_units(viewer, frozenset({role})).filter(descendant=unit).exists():
            found |= appointed
    return frozenset(found)


def require(allowed: bool, viewer: Any, *, what: str, offices: frozenset[str] = MANAGING) -> None:
    """Let pass, or answer: 404 to somebody without one of ``offices``, 403 to an official of another scope.

    ``what`` completes the sentence "Bạn không phụ trách …", in the reader's language.
    """
    if allowed:
        return
    if not roles_of(viewer) & offices:
        raise Http404
    raise Forbidden(
        _("Bạn không phụ trách %(what)s.") % {"what": what},
        code="out_of_scope",
        fix=_("Nếu cần xem, hãy hỏi đầu mối của đơn vị đó hoặc đơn vị chủ trì cấp tỉnh."),
    )
