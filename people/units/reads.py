"""Reads of the tree for the pages that show and change it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from common import wording
from common.errors import Refusal
from common.models import AuditEntry
from common.text import fold
from people import access
from people.models import Membership, Structure, Unit, UnitAncestor, UnitSuccession
from people.querysets import today

#: What "standing" and "ended" are called in the address of the search.
STANDING, ENDED = "dang-hoat-dong", "da-ket-thuc"


def newest_structure() -> Structure:
    """The structure that begins last, be it in the future: the one that the next change follows on."""
    structure = Structure.objects.order_by("-valid_from").first()
    if structure is None:
        raise Refusal(
            _("Chưa có cơ cấu đơn vị nào."), code="no_structure", fix=_("Người quản trị cần nạp một tỉnh trước.")
        )
    return structure


def heir_of(unit: Unit, on: date) -> Unit | None:
    """The unit that stands on a day in the place of ``unit``: itself, or its principal successor, or theirs."""
    seen: set[int] = set()
    at: Unit | None = unit
    while at and not at.stands_on(on) and at.pk not in seen:
        seen.add(at.pk)
        link = UnitSuccession.objects.filter(predecessor=at, principal=True).select_related("successor").first()
        at = link.successor if link else None
    return at if at and at.stands_on(on) else None


def lineage_of(unit: Unit) -> list[Unit]:
    """The rows that this unit was before it was renamed, moved or grew by a merger: newest first, itself excluded."""
    found: list[Unit] = []
    seen = {unit.pk}
    at = unit
    while before := (
        Unit.objects.filter(successions__successor=at, successions__principal=True, code=at.code)
        .exclude(pk__in=seen)
        .order_by("-valid_from")
        .first()
    ):
        found.append(before)
        seen.add(before.pk)
        at = before
    return found


# --- Search ---------------------------------------------------------------------------------------------------------
def units_found(
    viewer: Any, *, words: str, kind: str = "", state: str = STANDING, on: date | None = None
) -> QuerySet[Unit]:
    """Units in the scope of ``viewer`` that the words find. The words are asked first: they leave few to look up."""
    inside = access.scope_units(viewer).filter(descendant=OuterRef("pk"))
    found: QuerySet[Unit] = Unit.objects.search(words).filter(Exists(inside))
    if kind:
        found = found.filter(kind=kind)
    if state == STANDING:
        found = found.standing_on(on)  # type: ignore[attr-defined]
    elif state == ENDED:
        found = found.filter(valid_to__lte=on or today())
    return found.best_first(words)  # type: ignore[attr-defined,no-any-return]


def units_page(found: QuerySet[Unit], number: Any, *, size: int) -> Page[Any]:
    """A page of a search. The ids of all that was found are asked once, instead of counting them and asking again."""
    pages: Page[Any] = Paginator(list(found.values_list("pk", flat=True)), size).get_page(number)
    units = Unit.objects.in_bulk(list(pages.object_list))
    pages.object_list = [units[pk] for pk in pages.object_list]
    return pages


def paths_of(units: Iterable[Unit], structure: Structure) -> dict[int, list[Unit]]:
    """The units above each, the highest first: one query."""
    wanted = [unit.pk for unit in units]
    above = UnitAncestor.objects.filter(structure=structure, descendant__in=wanted, depth__gt=0)
    found: dict[int, list[Unit]] = {pk: [] for pk in wanted}
    for row in above.select_related("ancestor").order_by("descendant_id", "-depth"):
        found[row.descendant_id].append(row.ancestor)
    return found


# --- A unit and what is under it ------------------------------------------------------------------------------------
def children_of(unit: Unit, structure: Structure, on: date) -> QuerySet[Unit]:
    """Units directly under ``unit`` that stand on a day, by name."""
    below = UnitAncestor.objects.filter(structure=structure, ancestor=unit, depth=1).values("descendant")
    return Unit.objects.filter(pk__in=below).standing_on(on).order_by("search_key", "pk")


def people_in(units: Collection[int], structure: Structure) -> dict[int, int]:
    """Distinct people with a membership today in each of the units or below it: one query."""
    day = today()
    member = "descendant__memberships__"
    in_force = Q(**{f"{member}valid_from__lte": day}) & (
        Q(**{f"{member}valid_to__isnull": True}) | Q(**{f"{member}valid_to__gt": day})
    )
    rows = UnitAncestor.objects.filter(in_force, structure=structure, ancestor__in=units).order_by()
    return dict(rows.values_list("ancestor_id").annotate(people=Count(f"{member}user", distinct=True)))


def unplaced_in(unit: Unit, structure: Structure) -> QuerySet[Membership]:
    """Memberships of today in ended units that are reckoned to ``unit`` for want of a successor."""
    below = UnitAncestor.objects.filter(structure=structure, ancestor=unit).values("descendant")
    return (
        Membership.objects.in_force()
        .filter(unit__in=below, unit__valid_to__lte=today())
        .select_related("user", "unit", "audience")
        .order_by("unit__search_key", "user__sort_key", "pk")
    )


@dataclass(frozen=True)
class History:
    """What a unit was called, what it came from and what became of it."""

    earlier: list[Unit]
    predecessors: list[UnitSuccession]
    successors: list[UnitSuccession]


def history_of(unit: Unit) -> History:
    """The history of a unit for its page."""
    earlier = lineage_of(unit)
    rows = [unit, *earlier]
    predecessors = UnitSuccession.objects.filter(successor__in=rows).exclude(predecessor__in=earlier)
    return History(
        earlier=earlier,
        predecessors=list(predecessors.select_related("predecessor", "successor").order_by("-effective_on", "pk")),
        successors=list(
            UnitSuccession.objects.filter(predecessor=unit).select_related("successor").order_by("-principal", "pk")
        ),
    )


def acts_on(unit: Unit, earlier: Iterable[Unit]) -> list[AuditEntry]:
    """The newest acts on a unit and on the rows that it was before; for those who may read the log."""
    acts = AuditEntry.objects.filter(
        subject_kind="people.unit", subject_uuid__in=[unit.uuid, *(row.uuid for row in earlier)]
    )
    return list(acts.select_related("actor")[:20])


# --- Choosing a unit by what somebody types -------------------------------------------------------------------------
def unit_named(text: str, *, on: date, within: QuerySet[Any] | None = None) -> Unit:
    """The standing unit that ``text`` names: "Tên (mã)", a code, or a name with or without accents.

    Raises Refusal: ``unknown_unit``; ``several_units`` with the candidates; ``unit_has_ended`` with its successor.
    """
    said = text.strip()
    code = said[said.rindex("(") + 1 : -1].strip() if said.endswith(")") and "(" in said else said
    units = Unit.objects.all() if within is None else Unit.objects.filter(pk__in=within)
    by_code = units.filter(code__iexact=code)
    by_name = units.filter(search_key=fold(said))
    for named in (by_code, by_name):
        standing: list[Unit] = list(named.standing_on(on).select_related("parent").order_by("search_key", "code")[:6])
        if len(standing) == 1:
            return standing[0]
        if standing:
            listed = "; ".join(f"{u.code} – {u.name}{f' ({u.parent.name})' if u.parent else ''}" for u in standing)
            raise Refusal(
                _("Có nhiều đơn vị tên «%(said)s»: %(units)s.") % {"said": said, "units": listed},
                code="several_units",
                fix=_("Ghi mã của đơn vị cần chọn."),
            )
    ended = (by_code | by_name).order_by("-valid_from").first()
    if ended is None:
        raise Refusal(
            _("Không có đơn vị «%(said)s».") % {"said": said},
            code="unknown_unit",
            fix=_("Ghi mã hoặc tên đầy đủ, có dấu hay không dấu đều được."),
        )
    raise ended_refusal(ended, on)


def ended_refusal(unit: Unit, on: date) -> Refusal:
    """The answer to whoever picks a unit that does not stand on a day: says what took over from it."""
    if unit.valid_from > on:
        return Refusal(
            _("«%(unit)s» chỉ có từ ngày %(day)s.") % {"unit": unit.name, "day": wording.day(unit.valid_from)},
            code="unit_not_begun",
            fix=_("Chọn ngày hiệu lực từ %(day)s, hoặc chọn đơn vị khác.") % {"day": wording.day(unit.valid_from)},
        )
    heir = heir_of(unit, on)
    said = {"unit": unit.name, "code": unit.code, "day": wording.day(unit.valid_to)}
    if heir is None:
        return Refusal(
            _("«%(unit)s» (%(code)s) đã kết thúc từ ngày %(day)s và chưa có đơn vị kế thừa.") % said,
            code="unit_has_ended",
            fix=_("Hãy chọn một đơn vị đang hoạt động."),
            successor="",
            link=None,
        )
    now = {"heir": heir.name, "heir_code": heir.code}
    return Refusal(
        _("«%(unit)s» (%(code)s) đã kết thúc từ ngày %(day)s, nay là «%(heir)s» (%(heir_code)s).") % (said | now),
        code="unit_has_ended",
        fix=_("Hãy chọn «%(heir)s» (%(heir_code)s).") % now,
        successor=str(heir.uuid),
        link=(reverse("units:unit", args=[heir.uuid]), _("Mở trang của %(heir)s") % now),
    )
