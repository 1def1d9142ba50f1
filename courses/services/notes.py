"""What a learner leaves beside a lesson: notes and bookmarks for themselves, and a word on whether it helped."""

from __future__ import annotations

import unicodedata

from django.db import transaction
from django.utils.translation import gettext as _

from common.errors import Refusal
from common.wording import number
from courses.models import Bookmark, LessonFeedback, LessonNote, Step, Verdict
from people.models import User

#: Characters, line ends counted once however the browser sends them.
LONGEST_NOTE = 2000
LONGEST_COMMENT = 1000


def plain_text(text: str, *, longest: int) -> str:
    """Text as it is stored: NFC, line ends as one character, no white space around it.

    Refuses with ``too_long`` (``over``: how many characters too many).
    """
    tidy = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if (over := len(tidy) - longest) > 0:
        raise Refusal(
            _("Dài hơn mức cho phép %(over)s ký tự (tối đa %(longest)s).")
            % {"over": number(over), "longest": number(longest)},
            code="too_long",
            fix=_("Bớt %(over)s ký tự rồi lưu lại.") % {"over": number(over)},
            status=422,
            over=over,
        )
    return tidy


@transaction.atomic
def note_save(*, user: User, text: str, step: Step | None = None, note: LessonNote | None = None) -> LessonNote:
    """Write a note on a lesson, or change one's own ``note``. The same words once more on one lesson are a no-op.

    Refuses with ``empty_note``, ``too_long`` or, for somebody else's note, ``foreign_note``.
    """
    tidy = plain_text(text, longest=LONGEST_NOTE)
    if not tidy:
        raise Refusal(_("Ghi chú chưa có chữ nào."), code="empty_note", fix=_("Viết ghi chú rồi lưu lại."), status=422)
    if note is not None:
        _own(user, note)
        note.text = tidy
        note.save(update_fields=["text", "changed_at"])
        return note
    if step is None:
        raise ValueError("A new note needs a lesson.")
    same = LessonNote.objects.filter(user=user, step=step, text=tidy).first()
    return same or LessonNote.objects.create(user=user, step=step, text=tidy)


def note_delete(*, user: User, note: LessonNote) -> None:
    """Take one's own note away for good. Refuses with ``foreign_note``."""
    _own(user, note)
    note.delete()


def _own(user: User, note: LessonNote) -> None:
    if note.user_id != user.pk:
        raise Refusal(_("Không tìm thấy ghi chú này."), code="foreign_note", status=404)


def bookmark_toggle(*, user: User, step: Step, keep: bool) -> bool:
    """Keep a lesson to be found again, or let it go; a repeat changes nothing. Returns whether that was a change."""
    if keep:
        return Bookmark.objects.get_or_create(user=user, step=step)[1]
    return bool(Bookmark.objects.filter(user=user, step=step).delete()[0])


def feedback_give(*, user: User, step: Step, verdict: str, comment: str = "") -> LessonFeedback:
    """Say whether a lesson helped; the last word counts. Refuses with ``no_verdict`` or ``too_long``."""
    if verdict not in Verdict.values:
        raise Refusal(
            _("Chưa rõ bạn chọn «Hữu ích» hay «Chưa rõ»."), code="no_verdict", fix=_("Chọn một trong hai."), status=422
        )
    tidy = plain_text(comment, longest=LONGEST_COMMENT) if verdict == Verdict.UNCLEAR else ""
    said, _created = LessonFeedback.objects.update_or_create(
        user=user, step=step, defaults={"verdict": verdict, "comment": tidy}
    )
    return said
