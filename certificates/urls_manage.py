"""Addresses under ``/quan-ly/cap-chung-nhan/``."""

from django.urls import path

from certificates import views_manage as views
from certificates import views_signing as signing

app_name = "issuing"

urlpatterns = [
    path("", views.batches, name="batches"),
    path("de-nghi/", views.batch_new, name="batch_new"),
    path("dot/<uuid:uuid>/", views.batch, name="batch"),
    path("dot/<uuid:uuid>/duyet/", views.batch_approve, name="batch_approve"),
    path("dot/<uuid:uuid>/khong-duyet/", views.batch_reject, name="batch_reject"),
    path("dot/<uuid:uuid>/loai/<uuid:completion>/", views.batch_exclude, name="batch_exclude"),
    path("so-goc/<slug:code>/", views.register, name="register"),
    path("ky-so/<slug:code>/", signing.signing, name="signing"),
    path("giay/<uuid:uuid>/", views.certificate, name="certificate"),
    path("giay/<uuid:uuid>/thu-hoi/", views.certificate_revoke, name="certificate_revoke"),
]
