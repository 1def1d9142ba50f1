"""Questions in and out of files: all of a file or nothing, and every question accounted for."""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common import audit
from common.errors import Refusal
from common.sheets_out import write_xlsx
from common.text import fold, nfc
from courses.models import Topic
from people.models import User
from quizzes import formats
from quizzes.formats import Entry, Fault, Media, Note, Parsed
from quizzes.models import Bank, MediaFile, Question, QuestionImport, QuestionState
from quizzes.questions import fingerprint
from quizzes.services.banks import bank_require
from quizzes.services.library import media_keep, media_renamed, media_rows
from quizzes.services.questions import question_values, questions_write, tags_write

CREATED, UPDATED, UNCHANGED, SKIPPED, FAULTY = "created", "updated", "unchanged", "skipped", "faulty"
OUTCOMES = (CREATED, UPDATED, UNCHANGED, SKIPPED, FAULTY)
SKIP, UPDATE = "skip", "update"
#: Judges a picture or sound by name and bytes: gives the bytes to keep, or raises Refusal.
MediaCheck = Callable[[str, bytes], bytes]
#: How long an uploaded file waits for the word to take it in.
KEPT = timedelta(days=7)
LONGEST_CODE = 60


@dataclass(frozen=True)
class ImportRow:
    """One question of the file: where it stands, what is to become of it, why."""

    where: str
    outcome: str
    kind: str = ""
    text: str = ""
    code: str = ""
    why: str = ""
    content: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ImportReport:
    """What a file holds and what was, or would be, done with it. ``applied``: whether it was done."""

    format: str
    rows: tuple[ImportRow, ...] = ()
    faults: tuple[Fault, ...] = ()
    notes: tuple[Note, ...] = ()
    applied: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """Questions by outcome, and all of them as ``read``: the parts always add up to it."""
        found = Counter(row.outcome for row in self.rows)
        return {"read": len(self.rows), **{outcome: found[outcome] for outcome in OUTCOMES}}

    @property
    def writes(self) -> bool:
        """Whether there is anything to do."""
        return any(row.outcome in (CREATED, UPDATED) for row in self.rows)

    def as_dict(self) -> dict[str, Any]:
        return {
            "format": self.format,
            "applied": self.applied,
            **self.counts,
            "faults": [vars(fault) for fault in self.faults],
            "notes": [vars(note) for note in self.notes],
        }


def bank_import(
    *,
    bank: Bank,
    data: bytes,
    name: str,
    format: str = "auto",
    actor: User | None,
    dry_run: bool,
    on_duplicate: str = SKIP,
    leave_faulty: bool = False,
    media_check: MediaCheck | None = None,
) -> ImportReport:
    """Take the questions of a file into a bank: all that are right, or none.

    A file with faults is taken in only with ``leave_faulty``, which leaves the faulty ones out. A question that the
    bank has already (same code, or asks the same) is left alone when nothing differs, else skipped or updated as
    ``on_duplicate`` says; one that stands twice in the file is taken once. Pictures and sounds come in only past
    ``media_check``. Refuses with ``bank_out_of_scope``. Nothing is written by a dry run.
    """
    bank_require(bank, actor)
    parsed = formats.parse(data, format, name)
    parsed, media = _media_judged(parsed, media_check)
    found = formats.detect(name, data) if format == "auto" else format
    if dry_run or (parsed.faults and not leave_faulty):
        plan = _plan(bank, parsed, on_duplicate, media)
        return ImportReport(found, tuple(plan.rows), parsed.faults, (*parsed.notes, *plan.notes))
    with transaction.atomic():
        # Two files at once would both find a place free that only one can have.
        Bank.objects.select_for_update().get(pk=bank.pk)
        plan = _plan(bank, parsed, on_duplicate, media)
        report = ImportReport(found, tuple(plan.rows), parsed.faults, (*parsed.notes, *plan.notes), applied=True)
        _write(bank, plan, media, actor)
        if actor:
            told: dict[str, Any] = {"file": nfc(name)[:200], "format": found, **report.counts}
            audit.record(actor=actor, act="bank_import", subject=bank, unit=bank.owner, **told)
    return report


# --- Files inside ---------------------------------------------------------------------------------------------------
def _media_judged(parsed: Parsed, check: MediaCheck | None) -> tuple[Parsed, dict[str, Media]]:
    """The pictures and sounds that may come in, by the name that contents call them; who needs another is faulty."""
    fine: dict[str, Media] = {}
    wrong: dict[str, str] = {}
    for one in parsed.media:
        try:
            if check is None:
                raise Refusal(_("hình, tiếng trong tệp chưa được kiểm tra"), code="no_check")
            fine[one.id] = replace(one, data=check(one.name, one.data))
        except Refusal as refusal:
            wrong[one.id] = f"{one.name}: {refusal.text}"
    entries, faults = [], list(parsed.faults)
    for entry in parsed.entries:
        bad = [wrong.get(row["file"], _("thiếu tệp")) for row in media_rows(entry.content) if row["file"] not in fine]
        if bad:
            faults.append(Fault(entry.where, "media", bad[0], _("Thay tệp hình, tiếng của câu này.")))
        else:
            entries.append(entry)
    return replace(parsed, entries=tuple(entries), faults=tuple(faults)), fine


# --- What would be done ---------------------------------------------------------------------------------------------
@dataclass
class _Plan:
    """Rows in the order of the file; values and tags of what is to be written, by code."""

    rows: list[ImportRow] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    twins: dict[str, Question] = field(default_factory=dict)
    topics: dict[str, Topic | None] = field(default_factory=dict)
    seen_codes: dict[str, str] = field(default_factory=dict)
    seen_prints: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Known:
    """What the bank has."""

    by_code: Mapping[str, Question]
    by_print: Mapping[str, Question]
    media: Mapping[str, str]
    topics: Mapping[str, Topic]
    free: Iterable[str]


def _plan(bank: Bank, parsed: Parsed, on_duplicate: str, media: Mapping[str, Media]) -> _Plan:
    plan = _Plan()
    known = _known(bank, parsed, media)
    if any(entry.category for entry in parsed.entries):
        plan.notes.append(Note(_("tệp"), _("tên chuyên mục trong tệp không được giữ: mọi câu vào cùng một ngân hàng")))
    for entry in parsed.entries:
        _plan_entry(plan, known, entry, on_duplicate)
    faulty: dict[str, list[str]] = {}
    for fault in parsed.faults:
        faulty.setdefault(fault.where, []).append(fault.problem)
    plan.rows += [ImportRow(where, FAULTY, why="; ".join(told)) for where, told in faulty.items()]
    return plan


def _known(bank: Bank, parsed: Parsed, media: Mapping[str, Media]) -> _Known:
    questions = list(bank.questions.select_related("topic").prefetch_related("tags"))
    prints: dict[str, Question] = {}
    for question in questions:
        prints.setdefault(question.fingerprint or fingerprint(question.content), question)
    digests = {hashlib.sha256(one.data).hexdigest(): one.id for one in media.values()}
    kept = MediaFile.objects.filter(bank=bank, sha256__in=digests)
    topics: dict[str, Topic] = {}
    if any(entry.topic for entry in parsed.entries):
        for topic in Topic.objects.all():
            topics[fold(topic.name)] = topics[fold(topic.code)] = topic
    taken = {question.code for question in questions} | {entry.code for entry in parsed.entries}
    free = (code for code in (f"cau-{n:02d}" for n in itertools.count(len(questions) + 1)) if code not in taken)
    return _Known(
        {question.code: question for question in questions},
        prints,
        {digests[one.sha256]: str(one.uuid) for one in kept},
        topics,
        free,
    )


def _plan_entry(plan: _Plan, known: _Known, entry: Entry, on_duplicate: str) -> None:
    """Say what is to become of one question."""
    content = entry.content
    about = {"where": entry.where, "kind": content["kind"], "text": content["text"], "content": content}
    told = fingerprint(content)
    if before := plan.seen_codes.get(entry.code) if entry.code else None:
        plan.rows.append(
            ImportRow(outcome=SKIPPED, code=entry.code, why=_("mã đã dùng ở %(before)s") % {"before": before}, **about)
        )
        return
    if before := plan.seen_prints.get(told):
        plan.rows.append(
            ImportRow(outcome=SKIPPED, code=entry.code, why=_("hỏi giống hệt %(before)s") % {"before": before}, **about)
        )
        return
    plan.seen_codes[entry.code] = plan.seen_prints[told] = entry.where
    topic = known.topics.get(fold(entry.topic)) if entry.topic else None
    if entry.topic and topic is None:
        plan.notes.append(Note(entry.where, _("không có chủ đề «%(topic)s» nên để trống") % {"topic": entry.topic}))
    twin = known.by_code.get(entry.code) or known.by_print.get(told)
    code = twin.code if twin else entry.code[:LONGEST_CODE] or next(iter(known.free))
    if twin is not None and code in plan.entries:
        plan.rows.append(
            ImportRow(
                outcome=SKIPPED, code=code, why=_("câu %(code)s đã được sửa bởi câu ở trên") % {"code": code}, **about
            )
        )
        return
    outcome, why = CREATED, ""
    if twin is not None:
        outcome, why = _beside(twin, entry, _differs(entry, twin, topic, known), on_duplicate)
        plan.twins[code] = twin
    plan.rows.append(ImportRow(outcome=outcome, code=code, why=why, **about))
    if outcome in (CREATED, UPDATED):
        plan.entries[code], plan.topics[code] = entry, topic


def _beside(twin: Question, entry: Entry, differs: bool, on_duplicate: str) -> tuple[str, str]:
    """What becomes of a question that the bank has already, and why."""
    if not differs:
        return UNCHANGED, _("ngân hàng đã có câu %(code)s y như vậy") % {"code": twin.code}
    why = _("trùng nội dung với câu %(code)s của ngân hàng")
    if twin.code == entry.code:
        why = _("trùng mã với câu %(code)s của ngân hàng")
    return UPDATED if on_duplicate == UPDATE else SKIPPED, why % {"code": twin.code}


def _differs(entry: Entry, twin: Question, topic: Topic | None, known: _Known) -> bool:
    """Whether the file says anything else than the bank; what it does not say is no difference."""
    content = formats.keys_kept(media_renamed(dict(entry.content), dict(known.media)), twin.content)
    return (
        content != twin.content
        or (entry.difficulty is not None and entry.difficulty != twin.difficulty)
        or (topic is not None and topic.pk != twin.topic_id)
        or bool(set(map(fold, entry.tags)) - {fold(tag.name) for tag in twin.tags.all()})
    )


# --- Doing it -------------------------------------------------------------------------------------------------------
def _write(bank: Bank, plan: _Plan, media: Mapping[str, Media], actor: User | None) -> None:
    needed = {row["file"] for entry in plan.entries.values() for row in media_rows(entry.content)}
    names = {
        one.id: str(media_keep(bank=bank, name=one.name, mime=one.mime, data=one.data, actor=actor).uuid)
        for one in media.values()
        if one.id in needed
    }
    wanted = {
        code: _values(bank, entry, plan.twins.get(code), plan.topics[code], names)
        for code, entry in plan.entries.items()
    }
    questions_write(bank=bank, wanted=wanted, actor=actor)
    tags_write(bank=bank, words={code: entry.tags for code, entry in plan.entries.items()})


def _values(
    bank: Bank, entry: Entry, twin: Question | None, topic: Topic | None, names: Mapping[str, str]
) -> dict[str, Any]:
    content = media_renamed(dict(entry.content), dict(names))
    if twin is not None:
        content = formats.keys_kept(content, twin.content)
    fresh = twin is None or content != twin.content
    kept = twin.state if twin else QuestionState.APPROVED
    return question_values(
        content,
        topic_id=topic.pk if topic else (twin.topic_id if twin else None),
        difficulty=entry.difficulty or (twin.difficulty if twin else 1),
        in_final=twin.in_final if twin else True,
        is_active=twin.is_active if twin else True,
        state=QuestionState.DRAFT if bank.needs_review and fresh else kept,
    )


# --- Between preview and the word -----------------------------------------------------------------------------------
@transaction.atomic
def import_keep(*, bank: Bank, data: bytes, name: str, format: str, actor: User) -> QuestionImport:
    """Keep an uploaded file privately until somebody says what to do with it."""
    bank_require(bank, actor)
    kept = QuestionImport(bank=bank, name=nfc(name)[-200:], format=format, made_by=actor)
    kept.file.save(f"{kept.uuid}", ContentFile(data), save=False)
    kept.save()
    return kept


def import_apply(*, kept: QuestionImport, actor: User, **choices: Any) -> ImportReport:
    """Take a kept file in, see ``bank_import``. Refuses with ``import_done`` a second time, ``import_gone`` late."""
    with transaction.atomic():
        kept = QuestionImport.objects.select_for_update(of=("self",)).select_related("bank__owner").get(pk=kept.pk)
        if kept.done_at:
            raise Refusal(_("Tệp này đã được nhập rồi."), code="import_done", fix=_("Mở ngân hàng để xem các câu."))
        data = import_read(kept)
        report = bank_import(
            bank=kept.bank, data=data, name=kept.name, format=kept.format, actor=actor, dry_run=False, **choices
        )
        if report.applied:
            kept.done_at, kept.counts = timezone.now(), report.counts
            kept.save(update_fields=["done_at", "counts"])
    return report


def import_read(kept: QuestionImport) -> bytes:
    """The bytes of a kept file. Refuses with ``import_gone`` when it was forgotten."""
    if not kept.file:
        raise Refusal(_("Tệp này đã được xoá khỏi hệ thống."), code="import_gone", fix=_("Hãy tải tệp lên lại."))
    with kept.file.open("rb") as file:
        data: bytes = file.read()
    return data


def imports_forget_old(*, at: Any = None) -> int:
    """Delete files that nobody took in, and those that were, a week after they came; returns how many."""
    old = QuestionImport.objects.filter(made_at__lt=(at or timezone.now()) - KEPT).exclude(file="")
    count = 0
    for kept in old:
        kept.file.delete(save=False)
        kept.file = ""
        kept.save(update_fields=["file"])
        count += 1
    return count


def faults_file(report: ImportReport) -> bytes:
    """What is wrong in a file, as a table to work through."""
    rows = [(fault.where, fault.field, fault.problem, fault.fix) for fault in report.faults]
    return write_xlsx(("Ở đâu", "Mục", "Lỗi", "Cách sửa"), rows, sheet="Lỗi cần sửa", width=40)


# --- Out ------------------------------------------------------------------------------------------------------------
def bank_export(
    *, bank: Bank, format: str, questions: Iterable[Question] | None = None
) -> tuple[bytes, str, tuple[Fault, ...]]:
    """A file of the bank's questions in use, or of ``questions``: its bytes, its kind, and what is missing in it.

    What is missing are questions that the format cannot say, and parts of questions that it loses.
    """
    in_use = bank.questions.filter(is_active=True).select_related("topic").prefetch_related("tags").order_by("code")
    entries = [_entry_of(question) for question in (in_use if questions is None else questions)]
    written = formats.write(entries, format, _media_for(entries))
    return written.data, formats.FORMATS[format].mime, (*written.left_out, *written.lost)


def _entry_of(question: Question) -> Entry:
    return Entry(
        content=question.content,
        code=question.code,
        tags=tuple(tag.name for tag in question.tags.all()),
        difficulty=question.difficulty,
        topic=question.topic.code if question.topic else None,
    )


def _media_for(entries: Sequence[Entry]) -> list[Media]:
    names = {row["file"] for entry in entries for row in media_rows(entry.content)}
    found = []
    for one in MediaFile.objects.filter(uuid__in=names):
        with one.file.open("rb") as file:
            found.append(Media(str(one.uuid), one.name, one.mime, file.read()))
    return found
