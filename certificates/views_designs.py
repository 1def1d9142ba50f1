"""Designs of papers: the list, a version with its pictures, a draft with its live preview."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from certificates import rights, services
from certificates.design_language import FIELDS
from certificates.drawing import art_addresses
from certificates.forms_designs import CopyForm, DesignForm, VariantForm, refused
from certificates.models import Certificate, Design, DesignState, Series
from certificates.samples import BY_KEY, SAMPLES
from certificates.services import trials
from common.errors import Refusal
from people import access
from people.models import User
from people.stepup import demand_fresh_proof

WHAT = gettext_noop("việc đặt mẫu giấy")
#: How a design writes a field and the two conditions, for the lines that explain it.
WRITTEN = {
    "field": "{{ ho_ten }}",
    "when": "{% if ngay_sinh %}…{% endif %}",
    "unless": "{% if not nguoi_ky %}…{% endif %}",
}


def _official(request: HttpRequest) -> User:
    return cast(User, request.user)


@login_required
@require_GET
def designs(request: HttpRequest) -> HttpResponse:
    """Every design of one's reach: the version in use, its draft, its variants, how often it was used."""
    access.require(rights.is_issuer_side(request.user), request.user, what=gettext(WHAT))
    mine = Q(unit=None) | Q(unit__in=rights.issuer_units(request.user))
    found = Design.objects.filter(mine).select_related("unit", "logo").order_by("code", "unit__name", "-version")
    rows = list(found.exclude(unit=None, state=DesignState.DRAFT) | found.filter(changed_by=request.user.pk))
    used = dict(
        Certificate.objects.filter(design__in=rows).values_list("design__code").annotate(count=Count("pk")).order_by()
    )
    series: dict[str, list[Series]] = {}
    for one in Series.objects.select_related("design").order_by("name"):
        series.setdefault(one.design.code, []).append(one)
    heads: dict[tuple[str, int | None], Design] = {}
    for design in rows:  # newest first; the published one stands for its design, if there is one
        key = (design.code, design.unit_id)
        if key not in heads or (design.state == DesignState.PUBLISHED != heads[key].state):
            heads[key] = design
    context = {
        "designs": [
            {"design": design, "used": used.get(design.code, 0), "series": series.get(design.code, [])}
            for design in heads.values()
        ],
        "pictures": trials.can_make_pictures(),
        "sample": SAMPLES[0],
    }
    return render(request, "certificates/manage/designs.html", context)


def _design(request: HttpRequest, uuid: UUID) -> Design:
    found = get_object_or_404(Design.objects.select_related("unit", "logo", "changed_by"), uuid=uuid)
    access.require(rights.can_see_design(request.user, found), request.user, what=gettext("mẫu giấy này"))
    return found


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def design(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A version with its pictures; a draft as a form that keeps what is typed and shows it on paper."""
    found = _design(request, uuid)
    if found.state != DesignState.DRAFT:
        return _version_page(request, found)
    form = DesignForm(request.POST or None, request.FILES or None, instance=found)
    if request.method == "POST" and form.is_valid() and _saved(request, found, form):
        if request.headers.get("X-Preview"):
            return render(request, "certificates/manage/_preview.html", _preview(Design.objects.get(pk=found.pk), form))
        kept = Design.objects.get(pk=found.pk)
        messages.success(request, gettext("Đã lưu bản nháp."))
        everybody = "&kiem-tra=1" if "check" in request.POST else ""
        return redirect(f"{request.path}?mau={form.cleaned_data['sample'] or SAMPLES[0].key}{everybody}")
    kept = Design.objects.get(pk=found.pk)
    context = {
        "design": kept,
        "form": form,
        "fields": FIELDS,
        "written": WRITTEN,
        "art": list(art_addresses()),
        **_preview(kept, form, key=request.GET.get("mau", ""), everybody="kiem-tra" in request.GET),
    }
    return render(request, "certificates/manage/design_edit.html", context, status=400 if form.errors else 200)


def _saved(request: HttpRequest, design: Design, form: DesignForm) -> bool:
    """Whether the draft was kept; a refusal is said on the form."""
    values = {name: form.cleaned_data[name] for name in ("name", "paper", "body", "style", "has_seal")}
    try:
        logo = form.picture_of(_official(request))
        seen = form.cleaned_data["seen"]
        services.design_save(draft=design, actor=_official(request), seen=seen, values=values, logo=logo)
    except Refusal as refusal:
        refused(form, refusal, "picture" if refusal.status == 400 else None)
        return False
    return True


def _preview(design: Design, form: DesignForm, *, key: str = "", everybody: bool = False) -> dict[str, Any]:
    """What the preview shows of a draft: its faults, or one sample on paper, and on demand whether all fit."""
    faults = trials.design_faults(design)
    chosen = form.cleaned_data.get("sample") if form.is_bound and form.is_valid() else key
    sample = BY_KEY.get(chosen or "", SAMPLES[0])
    keys = [] if everybody else [sample.key]
    return {
        "design": design,
        "faults": faults,
        "missing": [] if faults else trials.design_missing(design),
        "sample": sample,
        "trials": [] if faults else trials.design_trials(design, keys),
        "everybody": everybody,
        "pictures": trials.can_make_pictures(),
    }


def _version_page(request: HttpRequest, design: Design) -> HttpResponse:
    versions = Design.objects.filter(code=design.code, unit=design.unit).exclude(state=DesignState.DRAFT)
    counted = Certificate.objects.filter(design__in=versions).values_list("design").annotate(count=Count("pk"))
    used = dict(counted.order_by())
    rows = [(one, used.get(one.pk, 0)) for one in versions.select_related("changed_by").order_by("-version")]
    variants = Design.objects.filter(code=design.code, state=DesignState.PUBLISHED).exclude(unit=None)
    shown = variants.filter(unit__in=rights.issuer_units(request.user)).select_related("unit")
    may_change = rights.can_edit_design(request.user, design)
    context = {
        "design": design,
        "versions": rows,
        "variants": shown if design.unit_id is None else [],
        "series": Series.objects.filter(design__code=design.code).order_by("name"),
        "may_change": may_change,
        "may_retire": may_change and design.state == DesignState.PUBLISHED,
        "samples": SAMPLES if design.body else (),
        "sample": BY_KEY.get(request.GET.get("mau", ""), SAMPLES[0]),
        "pictures": trials.can_make_pictures(),
        "copy_form": CopyForm(prefix="sao-chep"),
        "variant_form": VariantForm(prefix="rieng", viewer=request.user) if design.unit_id is None else None,
    }
    return render(request, "certificates/manage/design.html", context)


@login_required
@require_POST
def design_draft(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Start a draft: of the design itself, of a variant for a unit, or of a copy under a new name."""
    found, act = _design(request, uuid), request.POST.get("viec", "")
    if act == "sao-chep":
        copy = CopyForm(request.POST, prefix="sao-chep")
        name = copy.cleaned_data["name"] if copy.is_valid() else ""
        draft = services.design_copy(design=found, actor=_official(request), name=name)
    elif act == "rieng":
        variant = VariantForm(request.POST, prefix="rieng", viewer=request.user)
        if not variant.is_valid():
            fix = gettext("Chọn đơn vị rồi gửi lại.")
            raise Refusal(gettext("Chưa chọn đơn vị."), code="unit_missing", fix=fix, status=400)
        draft, _ = services.design_draft(design=found, actor=_official(request), unit=variant.cleaned_data["unit"])
    else:
        draft, _ = services.design_draft(design=found, actor=_official(request))
    return redirect("issuing:design", uuid=draft.uuid)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def design_publish(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Publish a draft after trying it on every sample."""
    found = _design(request, uuid)
    if request.method != "POST":
        messages.info(request, gettext("Chưa công bố. Hãy bấm lại nút trên trang này."))
        return redirect("issuing:design", uuid=found.uuid)
    if rights.can_edit_design(request.user, found):
        demand_fresh_proof(request, gettext("công bố mẫu %(name)s") % {"name": found.name})
    services.design_publish(draft=found, actor=_official(request))
    messages.success(request, gettext("Đã công bố. Giấy cấp từ nay dùng bản này; giấy đã cấp giữ bản cũ."))
    return redirect("issuing:design", uuid=found.uuid)


@login_required
@require_POST
def design_retire(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Use a design no more."""
    found = _design(request, uuid)
    services.design_retire(design=found, actor=_official(request))
    messages.success(request, gettext("Mẫu này thôi được dùng; giấy đã cấp không đổi."))
    return redirect("issuing:design", uuid=found.uuid)


@login_required
@require_POST
def design_drop(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Throw a draft away."""
    services.design_drop(draft=_design(request, uuid), actor=_official(request))
    messages.success(request, gettext("Đã bỏ bản nháp."))
    return redirect("issuing:designs")


@login_required
@require_GET
@cache_control(private=True, max_age=300)
def design_picture(request: HttpRequest, uuid: UUID, key: str) -> HttpResponse:
    """A sample as a picture; ``?nho=1`` small."""
    found = _drawable(request, uuid, key)
    picture = trials.design_picture(found, key, small="nho" in request.GET)
    if picture is None:
        raise Http404
    return HttpResponse(picture, content_type="image/png")


@login_required
@require_GET
def design_pdf(request: HttpRequest, uuid: UUID, key: str) -> HttpResponse:
    """A sample as the PDF itself."""
    found = _drawable(request, uuid, key)
    answer = HttpResponse(trials.design_sample_pdf(found, key), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="mau-{found.code}-{key}.pdf"'
    return answer


def _drawable(request: HttpRequest, uuid: UUID, key: str) -> Design:
    found = _design(request, uuid)
    if key not in BY_KEY or not found.body or trials.design_faults(found):
        raise Http404
    return found
