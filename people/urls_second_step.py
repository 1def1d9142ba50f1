"""The second step and the province's sign-in provider; what stands here is answered before django-allauth does."""

from django.urls import path

from people import identity
from people import views_second_step as views

urlpatterns = [
    path("buoc-hai/", views.second_step, name="second_step"),
    path("xac-nhan-lai/<str:token>/", views.resume, name="proof_resume"),
    path("2fa/webauthn/add/", views.add_passkey, name="mfa_add_webauthn"),
    path("oidc/<str:provider_id>/login/", identity.start, name="identity_start"),
    path("oidc/<str:provider_id>/login/callback/", identity.callback, name="identity_callback"),
]
