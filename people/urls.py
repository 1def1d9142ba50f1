"""The account page and what we answer before django-allauth does; the rest of ``/tai-khoan/`` is allauth's."""

from django.urls import path

from people import views_account as views

urlpatterns = [
    path("", views.account, name="account"),
    path("thong-tin/", views.profile, name="account_profile"),
    path("phone/change/", views.set_phone, name="account_change_phone"),
    path("password/reset/confirm/", views.confirm_reset_code, name="account_confirm_password_reset_code"),
]
