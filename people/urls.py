"""The account page and what we answer before django-allauth does; the rest of ``/tai-khoan/`` is allauth's."""

from django.urls import path

from people import views_account as views
from people import views_claim, views_signup, views_support

urlpatterns = [
    path("", views.account, name="account"),
    path("thong-tin/", views.profile, name="account_profile"),
    path("nguoi-ho-tro/", views_support.office_contact, name="account_office_contact"),
    path("nhac-hoc/", views.reminders, name="account_reminders"),
    path("phone/change/", views.set_phone, name="account_change_phone"),
    path("password/reset/confirm/", views.confirm_reset_code, name="account_confirm_password_reset_code"),
    # Signing up, one thing a page.
    path("signup/", views_signup.signup, name="account_signup"),
    path("signup/ten/", views_signup.signup_name, name="account_signup_name"),
    path("signup/mat-khau/", views_signup.signup_password, name="account_signup_password"),
    path("noi-o/", views_signup.home, name="account_home"),
    # What a roster made, handed to its owner: by a code, or by a slip.
    path("nhan/", views_signup.claim, name="account_claim"),
    path("phieu/", views_claim.slip_type, name="account_slip"),
    path("phieu/nhan/", views_claim.slip_claim, name="account_slip_claim"),
    path("phieu/<str:code>/", views_claim.slip_open, name="account_slip_open"),
    path("chao-mung/", views_signup.welcome, name="account_welcome"),
]
