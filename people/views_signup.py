"""Signing up, one thing a page; claiming what a roster made; and the two pages after that: where one lives, welcome."""

from __future__ import annotations

import time
from typing import Any, cast

from allauth.account.adapter import get_adapter
from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.internal.flows.signup import complete_signup
from allauth.account.internal.stagekit import clear_login
from allauth.account.internal.templatekit import get_entrance_context_data
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from allauth.account.views import SignupView
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib.auth.decorators import login_required
from django.contrib.auth.hashers import make_password
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from people import claims
from people.accounts import residence_of, residence_set
from people.mistakes import mistakes_keep, mistakes_show
from people.models import Unit, User
from people.phones import show_phone
from people.requests import SignedInRequest
from people.signup_forms import ClaimForm, CommuneForm, ContactForm, NameForm
from people.stages import ClaimStage, code_keep, code_page_for

#: Key of the session under which the answers of a sign-up wait for its last page.
ANSWERS = "signup"
#: Where somebody goes who came to sign up in the middle of something.
ONWARD = "after_entry"
#: What somebody with a slip said is their phone number; offered to be proved once they are in.
OWN_PHONE = "own_phone"
STEPS = 4
PROVED_FOR = 15 * 60  # seconds, as long as a code
COMMUNES_SHOWN = 12


def _answers(request: HttpRequest) -> dict[str, Any]:
    return cast(dict[str, Any], request.session.get(ANSWERS, {}))


def _page(request: HttpRequest, template: str, step: int, **context: Any) -> HttpResponse:
    context |= {"step": step, "steps": STEPS, "step_percent": step * 100 // STEPS}
    return render(request, template, {**get_entrance_context_data(request), **context})


# --- Sign-up: contact, name, password; the code's page is the library's ----------------------------------------------
@never_cache
def signup(request: HttpRequest) -> HttpResponse:
    """First page: phone or e-mail. Coming back to it corrects what was typed."""
    if request.user.is_authenticated:
        return redirect(get_adapter().get_login_redirect_url(request))
    answers = _answers(request)
    form = ContactForm(
        request.POST if request.method == "POST" else None, initial={"contact": show_phone(answers.get("contact", ""))}
    )
    if request.method == "POST" and form.is_valid():
        contact = form.cleaned_data["contact"]
        if contact != answers.get("contact"):
            answers.pop("proved_at", None)
        onward = get_next_redirect_url(request)
        request.session[ANSWERS] = {**answers, "contact": contact, "next": onward or answers.get("next")}
        # Who comes back from the page of the code and changes nothing waits for the same code.
        return redirect(code_page_for(request, contact) or "account_signup_name")
    if request.method == "POST":
        return mistakes_keep(request, form)
    mistakes_show(request, form)
    return _page(request, "account/signup.html", 1, form=form)


@never_cache
def signup_name(request: HttpRequest) -> HttpResponse:
    """Second page: the name."""
    answers = _answers(request)
    if "contact" not in answers:
        return redirect("account_signup")
    form = NameForm(
        request.POST if request.method == "POST" else None,
        initial={"full_name": answers.get("full_name", "")},
        meant=answers.get("one_word", ""),
    )
    if request.method == "POST" and form.is_valid():
        request.session[ANSWERS] = {**answers, "full_name": form.cleaned_data["full_name"]}
        return redirect("account_signup_password")
    if request.method == "POST":
        request.session[ANSWERS] = {**answers, "one_word": form.one_word}
        return mistakes_keep(request, form)
    mistakes_show(request, form)
    return _page(request, "account/signup_name.html", 2, form=form)


class SignupPasswordView(SignupView):
    """Third page: the password, and what the person agrees to; then the code goes out."""

    template_name = "account/signup_password.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_anonymous and "full_name" not in _answers(request):
            return redirect("account_signup")
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response

    def _redirect_to_pending_stage(self, request: HttpRequest, stage: Any) -> None:
        # Somebody went back from the code's page to correct something: what they send now begins anew.
        if request.method == "POST":
            code_keep(request, _answers(request)["contact"])
            clear_login(request)

    def get_form_kwargs(self) -> dict[str, Any]:
        answers = _answers(self.request)
        proved = time.time() - answers.get("proved_at", 0) <= PROVED_FOR
        return {**super().get_form_kwargs(), "answers": {**answers, "proved": proved}}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = {"step": 3, "steps": STEPS, "step_percent": 3 * 100 // STEPS}
        return {**super().get_context_data(**kwargs), **shown, "contact": _answers(self.request)["contact"]}

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        mistakes_show(self.request, form)
        return form

    def form_invalid(self, form: Any) -> HttpResponse:
        return mistakes_keep(self.request, form)

    def form_valid(self, form: Any) -> HttpResponse:
        onward(self.request, _answers(self.request).get("next"))
        form.redirect_url = reverse("account_home")
        user, response = form.try_save(self.request)
        if response is None:
            try:
                response = complete_signup(self.request, user=user, redirect_url=form.redirect_url)
            except ImmediateHttpResponse as refused:
                response = refused.response
        return cast(HttpResponse, response)


signup_password = SignupPasswordView.as_view()


def onward(request: HttpRequest, url: str | None) -> None:
    """Remember where somebody goes when they are in."""
    if url:
        request.session[ONWARD] = url


# --- Claiming by a code ---------------------------------------------------------------------------------------------
@sensitive_post_parameters("password1")
@login_stage_required(stage=ClaimStage.key, redirect_urlname="account_login")  # type: ignore[untyped-decorator]
def claim(request: HttpRequest) -> HttpResponse:
    """Whose account the code opened: theirs, with a password of their own; or not theirs at all."""
    stage = request._login_stage  # type: ignore[attr-defined]
    user, state = stage.login.user, stage.login.state["claim"]
    typed = state["typed"]
    if request.method == "POST" and "not_me" in request.POST:
        return _disown(request, user, state)
    form = ClaimForm(request.POST if request.method == "POST" else None, user=user, typed=typed is not None)
    if request.method == "POST" and form.is_valid():
        claims.account_claim(
            user=user,
            contact=state["contact"],
            password=typed["password"] if typed else make_password(form.cleaned_data["password1"]),
            reminders=typed["reminders"] if typed else form.cleaned_data["reminders"],
            how="email" if "@" in state["contact"] else "phone",
        )
        record_authentication(request, user, method="claim")
        return cast(HttpResponse, stage.exit())
    places = user.memberships.in_force().select_related("unit")
    context = {
        "form": form,
        "person": user,
        "places": places,
        "asks": typed is None,
        "doubts": "khong-phai" in request.GET,
    }
    return render(request, "account/claim.html", {**get_entrance_context_data(request), **context})


def _disown(request: HttpRequest, user: User, state: dict[str, Any]) -> HttpResponse:
    """The account is somebody else's: free the contact; the sign-up goes on with what was typed, or asks for it."""
    contact, typed = state["contact"], state["typed"]
    claims.claim_disown(user=user, contact=contact)
    clear_login(request)
    if not typed:
        request.session[ANSWERS] = {"contact": contact, "proved_at": time.time()}
        return redirect("account_signup_name")
    made = claims.account_make(contact=contact, **typed)
    record_authentication(request, made, method="claim")
    login = Login(user=made, signup=True, email=made.email, redirect_url=reverse("account_home"))
    return cast(HttpResponse, perform_login(request, login))


# --- Once in --------------------------------------------------------------------------------------------------------
@never_cache
@login_required
def welcome(request: SignedInRequest) -> HttpResponse:
    """For who came by a slip: the code to sign in with from now on, and the doors to what may replace it."""
    told = request.session.get(OWN_PHONE, "")
    user = request.user
    if not user.learner_code:  # who came another way has nothing to write down
        return redirect("account")
    proved = user.phone == told and user.phone_verified
    context = {"own_phone": "" if proved else told, "known": user.phone == told}
    return render(request, "account/welcome.html", context)


@never_cache
@login_required
def home(request: SignedInRequest) -> HttpResponse:
    """Where the person lives: found by a word of the name, chosen with one tap, or left open."""
    if request.method == "POST":
        form = CommuneForm(request.POST)
        # The page can send nothing else than a commune, or nothing for "chưa rõ".
        if form.is_valid() and form.cleaned_data["commune"]:
            residence_set(user=request.user, commune=form.cleaned_data["commune"])
        return _go_on(request)
    if residence_of(request.user):
        return _go_on(request)
    words = request.GET.get("q", "").strip()
    found = list(_communes(words)[: COMMUNES_SHOWN + 1]) if words else []
    context = {"words": words, "found": found[:COMMUNES_SHOWN], "more": len(found) > COMMUNES_SHOWN}
    return render(request, "account/home.html", context)


def _communes(words: str) -> QuerySet[Unit]:
    """Communes of today that the words find."""
    return Unit.objects.communes_for_choice().search(words).select_related("parent")


def _go_on(request: HttpRequest) -> HttpResponse:
    url = request.session.pop(ONWARD, None)
    return redirect(url or get_adapter().get_signup_redirect_url(request))
