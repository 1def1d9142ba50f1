"""The people of a list before it is decided: put aside, taken off, taken back, and which name the paper carries."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from certificates.eligibility import usable_name
from certificates.models import OPEN_STATES, Batch, BatchItem, BatchState
from certificates.services.issuing import checked_reason, require_issuing_right, series_lock
from certificates.services.numbering import award_of
from certificates.services.proposals import STANDING
from common import audit
from common.errors import Refusal
from common.text import nfc
from people import access
from people.models import User

#: Whose name and day of birth is printed where they differ: today's roster, or what the completion froze.
ROSTER, COMPLETION = "danh-sach", "hoan-thanh"
_SAID = {ROSTER: "theo danh sách hôm nay", COMPLETION: "theo lúc hoàn thành"}
#: Names written into the log of one act; how many there were is written besides.
NAMES_LOGGED = 20


def batch_lock(batch: Batch) -> Batch:
    """The list, locked until the end of the transaction."""
    locked: Batch = (
        Batch.objects.select_for_update(of=("self",))
        .select_related("series__unit", "unit", "course", "learning_path")
        .get(pk=batch.pk)
    )
    return locked


def batch_page(batch: Batch) -> str:
    return reverse("issuing:batch", args=[batch.uuid])


def require_open(batch: Batch) -> None:
    """Let pass lists that are not decided yet."""
    if not batch.is_open:
        raise Refusal(
            _("Đợt cấp này đã kết thúc: %(state)s.") % {"state": batch.get_state_display().lower()},
            code="batch_closed",
            fix=_("Lập đợt cấp mới nếu còn người cần cấp."),
            back=batch_page(batch),
        )


def require_decided(batch: Batch) -> None:
    """Let pass lists on which every difference of name or day of birth was decided."""
    if undecided := batch.items.undecided().count():
        text = ngettext(
            "Còn %(count)s người có họ tên hoặc ngày sinh khác danh sách hôm nay mà chưa chọn cách ghi.",
            "Còn %(count)s người có họ tên hoặc ngày sinh khác danh sách hôm nay mà chưa chọn cách ghi.",
            undecided,
        )
        raise Refusal(
            text % {"count": undecided},
            code="differences_undecided",
            fix=_("Mở danh sách những người này, chọn ghi theo danh sách hay theo lúc hoàn thành, rồi làm lại."),
            link=(f"{batch_page(batch)}?loc=chua-quyet", _("Xem những người có khác biệt")),
        )


def _to_change(batch: Batch, actor: User, items: Collection[int]) -> tuple[Batch, Any]:
    """The list, locked, and those of its people who are meant; for whoever may propose or approve it."""
    batch = batch_lock(batch)
    if not access.can_propose_certificates(actor, batch.unit):
        require_issuing_right(actor, batch.series.unit)
    require_open(batch)
    if not items:
        raise Refusal(
            _("Chưa chọn người nào."),
            code="nobody_chosen",
            fix=_("Đánh dấu ít nhất một người trong danh sách rồi bấm lại."),
            back=batch_page(batch),
        )
    return batch, batch.items.filter(pk__in=items).select_related("completion__user")


def _changed(batch: Batch, actor: User, act: str, items: Collection[BatchItem], **detail: Any) -> int:
    """Write to the log what was done; what somebody else had checked is no longer what they saw."""
    if not items:
        return 0
    if batch.state == BatchState.CHECKED and batch.checked_by_id != actor.pk:
        batch.state, batch.checked_by, batch.checked_at = BatchState.PROPOSED, None, None
        batch.save(update_fields=["state", "checked_by", "checked_at"])
    names = ", ".join([item.holder_name for item in items][:NAMES_LOGGED])
    audit.record(actor=actor, act=act, subject=batch, unit=batch.unit, people=len(items), names=names, **detail)
    return len(items)


@transaction.atomic
def batch_items_exclude(*, batch: Batch, items: Collection[int], reason: str, actor: User) -> int:
    """Take people off a list for good, with a reason; returns how many. ``items`` are ids of the list's rows."""
    batch, chosen = _to_change(batch, actor, items)
    reason = checked_reason(reason, "loại khỏi danh sách")[:200]
    found = list(chosen.filter(excluded_reason=""))
    batch.items.filter(pk__in=[item.pk for item in found]).update(excluded_reason=reason, held_reason="")
    return _changed(batch, actor, "batch_items_exclude", found, reason=reason)


@transaction.atomic
def batch_items_hold(*, batch: Batch, items: Collection[int], reason: str, actor: User) -> int:
    """Put people aside for a later list, with a reason; returns how many."""
    batch, chosen = _to_change(batch, actor, items)
    reason = checked_reason(reason, "tạm giữ")[:200]
    found = list(chosen.listed())
    batch.items.filter(pk__in=[item.pk for item in found]).update(held_reason=reason)
    return _changed(batch, actor, "batch_items_hold", found, reason=reason)


@transaction.atomic
def batch_items_release(*, batch: Batch, items: Collection[int], actor: User) -> int:
    """Take people who were put aside or taken off back onto the list; returns how many. Refusal ``taken_elsewhere``
    when one of them is on another list, or has a certificate, by now."""
    batch, chosen = _to_change(batch, actor, items)
    series_lock(pk=batch.series_id)  # a proposal of this moment must not take the same person
    found = [item for item in chosen if item.excluded_reason or item.held_reason]
    _require_free(batch, found)
    batch.items.filter(pk__in=[item.pk for item in found]).update(excluded_reason="", held_reason="")
    return _changed(batch, actor, "batch_items_release", found)


def _require_free(batch: Batch, items: Collection[BatchItem]) -> None:
    ids = [item.pk for item in items]
    elsewhere = BatchItem.objects.listed().filter(
        batch__series=batch.series_id,
        batch__course=batch.course,
        batch__learning_path=batch.learning_path,
        batch__state__in=[*OPEN_STATES, BatchState.APPROVED],
    )
    people = elsewhere.exclude(batch=batch).values("completion__user")
    free = batch.items.filter(pk__in=ids).without_certificate(award=award_of(batch), standing=STANDING)
    free_ids = set(free.exclude(completion__user__in=people).values_list("pk", flat=True))
    taken = [item.holder_name for item in items if item.pk not in free_ids]
    if taken:
        text = ngettext(
            "%(count)s người đã ở đợt khác hoặc đã được cấp: %(names)s.",
            "%(count)s người đã ở đợt khác hoặc đã được cấp: %(names)s.",
            len(taken),
        )
        raise Refusal(
            text % {"count": len(taken), "names": ", ".join(taken[:5])},
            code="taken_elsewhere",
            fix=_("Bỏ đánh dấu những người này rồi làm lại; họ được cấp ở đợt kia."),
            back=batch_page(batch),
        )


@transaction.atomic
def batch_items_name_confirm(*, batch: Batch, items: Collection[int], source: str, actor: User) -> int:
    """Decide which name and day of birth is printed for people: ``ROSTER`` or ``COMPLETION``; returns how many.

    Raises Refusal ``name_unusable`` when the chosen one is no name (the others stay undecided, too).
    """
    batch, chosen = _to_change(batch, actor, items)
    found = list(chosen)
    for item in found:
        name, born = as_source(item, source)
        item.holder_name, item.holder_birth_date, item.name_checked_by = nfc(name), born, actor
    _require_printable(batch, found)
    fields = ["holder_name", "holder_birth_date", "name_checked_by"]
    BatchItem.objects.bulk_update(found, fields, batch_size=200)
    return _changed(batch, actor, "batch_items_name_confirm", found, chosen=_SAID[source])


def as_source(item: BatchItem, source: str) -> tuple[str, Any]:
    """Name and day of birth as the roster of today, or the completion, has them. A day that the roster does not know
    is that of the completion."""
    then, now = item.completion, item.completion.user
    if source == ROSTER:
        return now.full_name, now.birth_date or then.learner_birth_date
    return then.learner_name, then.learner_birth_date


def _require_printable(batch: Batch, items: Collection[BatchItem]) -> None:
    unusable = [item.holder_name for item in items if not usable_name(item.holder_name)]
    undated = [item.holder_name for item in items if batch.series.needs_birth_date and not item.holder_birth_date]
    if unusable or undated:
        names = unusable or undated
        text = (
            _("Chưa ghi gì: theo cách này %(count)s người chưa có họ và tên đầy đủ: %(names)s.")
            if unusable
            else _("Chưa ghi gì: theo cách này %(count)s người không có ngày sinh, mà giấy này bắt buộc có: %(names)s.")
        )
        raise Refusal(
            text % {"count": len(names), "names": ", ".join(names[:5])},
            code="name_unusable" if unusable else "birth_date_missing",
            fix=_("Chọn cách ghi kia cho những người này, hoặc tạm giữ họ lại cho đợt sau."),
            back=batch_page(batch),
        )
