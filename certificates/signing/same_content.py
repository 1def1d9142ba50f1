"""Whether a signed file still says what the original said: whoever signs may add signatures, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils.decode_limits import DecodeLimits
from pyhanko.pdf_utils.generic import DictionaryObject, IndirectObject
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.sign.diff_analysis import (
    DEFAULT_DIFF_POLICY,
    FormUpdatingRule,
    ModificationLevel,
    StandardDiffPolicy,
    SuspiciousModification,
)
from pyhanko.sign.diff_analysis.form_rules_api import FieldComparisonContext, FieldComparisonSpec, FormUpdate
from pyhanko.sign.diff_analysis.rules.file_structure_rules import CatalogModificationRule

#: What a form that signing brings along may hold; anything else (XFA, scripts) could show other content.
FORM_KEYS = {"/Fields", "/SigFlags", "/DR", "/DA"}
#: What signing may change of a form that was there, and of the catalogue ("/Perms" names the signature that locks).
FORM_MAY_CHANGE = frozenset({"/Fields", "/SigFlags", "/DR", "/DA"})
ROOT_MAY_CHANGE = frozenset({"/AcroForm", "/DSS", "/Extensions", "/Metadata", "/Version", "/Perms"})


class NewFormRule(FormUpdatingRule):
    """pyHanko's rule, for a file that had no form before it was signed: it may get one of signature fields only."""

    def apply(self, old: HistoricalResolver, new: HistoricalResolver) -> Iterable[tuple[ModificationLevel, FormUpdate]]:
        yield from _new_object(new.root, "/Perms", old)
        if "/AcroForm" in old.root or "/AcroForm" not in new.root:
            yield from super().apply(old, new) if "/AcroForm" in old.root else ()
            return
        form = new.root["/AcroForm"]
        if not isinstance(form, DictionaryObject) or not set(form) <= FORM_KEYS:
            raise SuspiciousModification("The form that came with the signature holds more than signature fields.")
        for owner, key in ((new.root, "/AcroForm"), (form, "/Fields"), (form, "/DR")):
            yield from _new_object(owner, key, old)
        if "/DR" in form:
            for ref in new.collect_dependencies(form["/DR"], since_revision=old.revision + 1):
                yield ModificationLevel.FORM_FILLING, FormUpdate(updated_ref=ref, field_name=None)
        specs = {str(ref.get_object()["/T"]): _spec(ref) for ref in form["/Fields"]}
        context = FieldComparisonContext(field_specs=specs, old=old, new=new)
        for rule in self.field_rules:
            yield from rule.apply(context)


def _new_object(owner: Any, key: str, old: HistoricalResolver) -> Iterator[tuple[ModificationLevel, FormUpdate]]:
    """The object that a new entry points to, when it is one of its own and did not exist before."""
    raw = owner.raw_get(key) if key in owner else None
    if isinstance(raw, IndirectObject) and old.is_ref_unassignable(raw.reference):
        yield ModificationLevel.LTA_UPDATES, FormUpdate(updated_ref=raw.reference, field_name=None)


def _spec(ref: IndirectObject) -> FieldComparisonSpec:
    return FieldComparisonSpec(
        field_type=str(ref.get_object().get("/FT", "")),
        old_field_ref=None,
        new_field_ref=ref.reference,
        old_canonical_path=None,
    )


POLICY = StandardDiffPolicy(
    global_rules=[
        CatalogModificationRule(ignored_keys=ROOT_MAY_CHANGE),
        *(rule for rule in DEFAULT_DIFF_POLICY.global_rules if not isinstance(rule, CatalogModificationRule)),
    ],
    form_rule=NewFormRule(field_rules=DEFAULT_DIFF_POLICY.form_rule.field_rules, ignored_acroform_keys=FORM_MAY_CHANGE),
)


def content_is_same(reader: PdfFileReader, original: bytes, limits: DecodeLimits, *, until: int) -> bool:
    """Whether a file that begins with ``original`` adds, until one of its revisions, signatures, their pictures and
    validation data only."""
    before = PdfFileReader(BytesIO(original), decode_limits=limits).xrefs.total_revisions
    first = reader.get_historical_resolver(before - 1)
    try:
        for number in range(before, until + 1):
            difference = POLICY.apply(old=first, new=reader.get_historical_resolver(number))
            if difference.modification_level > ModificationLevel.FORM_FILLING:
                return False
    except Exception:  # forbidden changes, and changes that the comparison does not even understand
        return False
    return title_is_same(reader, before - 1, until)


def title_is_same(reader: PdfFileReader, first: int, second: int) -> bool:
    """Whether two revisions go by the same title, author, subject and keywords.

    Tools that sign or stamp note their own name and the day there; the comparison of revisions therefore passes over
    it all.
    """
    return _titles(reader.get_historical_resolver(first)) == _titles(reader.get_historical_resolver(second))


def _titles(revision: HistoricalResolver) -> list[str]:
    trailer = revision.trailer_view
    raw = trailer.raw_get("/Info") if "/Info" in trailer else {}
    found: Any = revision.get_object(raw.reference) if isinstance(raw, IndirectObject) else raw
    return [str(found.get(key, "")) for key in ("/Title", "/Author", "/Subject", "/Keywords")]
