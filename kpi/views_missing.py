"""Who ought to be trained and is not counted yet: the list, its file, and reminders."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from common.database import row_by_row
from common.paging import KnownLength
from common.wording import number
from kpi import places
from kpi.denominators import list_day
from kpi.forms import Reading, reading_of
from kpi.missing import Missing, why_no_list
from kpi.models import Indicator
from kpi.rights import explained_by
from kpi.services.exporting import missing_export
from kpi.services.reminding import NOT_WITHIN_DAYS, missing_leaders_remind, missing_remind
from kpi.views_targets import official_of, shared
from people import access
from people.models import Unit, User
from people.notices import notices_summary
from people.roster_export import MIME, file_name
from people.stepup import demand_fresh_proof

PAGE = 50


@login_required
@require_safe
def missing(request: HttpRequest, code: str) -> HttpResponse:
    """The people by name, by unit below, fifty a page; as a file after a fresh proof."""
    reading = reading_of(request)
    asked = _asked(request, reading, code)
    words = request.GET.get("q", "").strip()
    why = why_no_list(asked.indicator)
    if (form := request.GET.get("dang", "")) in MIME:
        if not why:
            demand_fresh_proof(request, _("tải danh sách người"))
        return _file(request, asked, words, form)
    found = asked.people(words) if not why else User.objects.none()
    known = asked.count() if not (why or words) else None
    page = KnownLength(found, PAGE, known=known).get_page(request.GET.get("trang"))
    with row_by_row():
        people = list(page.object_list)
    where = asked.places_of(people) if people else {}
    context = shared(request, reading) | {
        "indicator": asked.indicator,
        "why": why,
        "page": page,
        "rows": [{"person": person, "places": where.get(person.pk, [])} for person in people],
        "explained": explained_by(request.user, [person.pk for person in people]),
        "words": words,
        "below": asked.below,
        "units": asked.place.rows,
        "listed_on": list_day(reading.year),
        "may_remind": access.can_keep_roster(request.user, reading.unit),
        "not_within_days": NOT_WITHIN_DAYS,
        "file_query": reading.query(None, None, **_more(asked, words)),
    }
    return render(request, "kpi/boards/missing.html", context)


@login_required
@require_POST
def missing_reminders(request: HttpRequest, code: str) -> HttpResponse:
    """Remind the people of the list, or whoever leads them."""
    reading = reading_of(request)
    asked = _asked(request, reading, code)
    send = missing_leaders_remind if request.POST.get("toi") == "phu-trach" else missing_remind
    done = send(actor=official_of(request), missing=asked)
    if done.notices:
        messages.success(request, _("Đã nhắc: %(whom)s.") % {"whom": notices_summary(done.notices)})
    if done.lately:
        said = ngettext(
            "%(n)s người đã được nhắc trong %(days)s ngày qua, lần này không nhắc lại.",
            "%(n)s người đã được nhắc trong %(days)s ngày qua, lần này không nhắc lại.",
            done.lately,
        )
        messages.info(request, said % {"n": number(done.lately), "days": NOT_WITHIN_DAYS})
    query = reading.query(None, None, **({"cap-duoi": str(asked.below.uuid)} if asked.below else {}))
    return redirect(f"{reverse('kpi:missing', args=[code])}?{query}")


def _asked(request: HttpRequest, reading: Reading, code: str) -> Missing:
    """The list that the address asks for; a unit that is no row of the place is a 404."""
    indicator = get_object_or_404(Indicator.objects.for_figures(reading.unit).prefetch_related("courses"), code=code)
    place = places.place_of(reading.unit, reading.structure, reading.known)
    below: Unit | None = None
    if wanted := request.GET.get("cap-duoi") or request.POST.get("cap-duoi"):
        below = next((unit for unit in place.rows if str(unit.uuid) == wanted), None)
        if below is None:
            raise Http404
    return Missing(indicator, place, reading.year, request.user, below)


def _more(asked: Missing, words: str) -> dict[str, str]:
    """What the address of a file keeps of the list."""
    found = {"cap-duoi": str(asked.below.uuid) if asked.below else "", "q": words}
    return {name: value for name, value in found.items() if value}


def _file(request: HttpRequest, asked: Missing, words: str, form: str) -> HttpResponse:
    content = missing_export(actor=official_of(request), missing=asked, words=words, form=form)
    response = HttpResponse(content, content_type=MIME[form])
    name = file_name(asked.below or asked.place.unit, form, what=f"chua-hoc-{asked.indicator.code}")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
