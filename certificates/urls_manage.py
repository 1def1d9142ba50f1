"""Addresses under ``/quan-ly/cap-chung-nhan/``."""

from django.urls import path

from certificates import views_designs, views_series
from certificates import views_manage as views

app_name = "issuing"

urlpatterns = [
    path("", views.batches, name="batches"),
    path("de-nghi/", views.batch_new, name="batch_new"),
    path("dot/<uuid:uuid>/", views.batch, name="batch"),
    path("dot/<uuid:uuid>/duyet/", views.batch_approve, name="batch_approve"),
    path("dot/<uuid:uuid>/khong-duyet/", views.batch_reject, name="batch_reject"),
    path("dot/<uuid:uuid>/loai/<uuid:completion>/", views.batch_exclude, name="batch_exclude"),
    path("so-goc/<slug:code>/", views.register, name="register"),
    path("giay/<uuid:uuid>/", views.certificate, name="certificate"),
    path("giay/<uuid:uuid>/thu-hoi/", views.certificate_revoke, name="certificate_revoke"),
    path("mau/", views_designs.designs, name="designs"),
    path("mau/<uuid:uuid>/", views_designs.design, name="design"),
    path("mau/<uuid:uuid>/ban-nhap/", views_designs.design_draft, name="design_draft"),
    path("mau/<uuid:uuid>/cong-bo/", views_designs.design_publish, name="design_publish"),
    path("mau/<uuid:uuid>/thoi-dung/", views_designs.design_retire, name="design_retire"),
    path("mau/<uuid:uuid>/bo-nhap/", views_designs.design_drop, name="design_drop"),
    path("mau/<uuid:uuid>/anh/<slug:key>.png", views_designs.design_picture, name="design_picture"),
    path("mau/<uuid:uuid>/giay/<slug:key>.pdf", views_designs.design_pdf, name="design_pdf"),
    path("loai-giay/", views_series.kinds, name="kinds"),
    path("loai-giay/moi/", views_series.kind_new, name="kind_new"),
    path("loai-giay/<slug:code>/", views_series.kind, name="kind"),
]
