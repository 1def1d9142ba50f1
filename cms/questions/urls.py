"""Addresses of banks and questions below ``/cms/``."""

from __future__ import annotations

from django.urls import include, path

from cms.questions import views, views_banks, views_files

QUESTIONS = [
    path("", views.index, name="index"),
    path("them/", views.add, name="add"),
    path("trung/", views.duplicates, name="duplicates"),
    path("<int:pk>/", views.edit, name="edit"),
    path("<int:pk>/xem/", views.preview, name="preview"),
    path("<int:pk>/dung-o-dau/", views.usage, name="usage"),
    path("<int:pk>/so-lieu/", views.figures, name="figures"),
    path("<int:pk>/phien-ban/", views.versions, name="versions"),
    path("<int:pk>/sao-chuyen/", views.transfer, name="transfer"),
    path("<int:pk>/viec/", views.act, name="act"),
]
BANKS = [
    path("", views_banks.index, name="index"),
    path("them/", views_banks.add, name="add"),
    path("<int:pk>/", views_banks.bank, name="bank"),
    path("<int:pk>/sua/", views_banks.edit, name="edit"),
    path("<int:pk>/xoa/", views_banks.delete, name="delete"),
    path("<int:pk>/xuat/<slug:format>/", views_files.export, name="export"),
]
FILES = [
    path("", views_files.upload, name="upload"),
    path("mau/", views_files.template, name="template"),
    path("<uuid:uuid>/", views_files.preview, name="preview"),
    path("<uuid:uuid>/loi/", views_files.faults, name="faults"),
]
urlpatterns = [
    path("cau-hoi/", include((QUESTIONS, "cau_hoi"))),
    path("ngan-hang/", include((BANKS, "ngan_hang"))),
    path("nhap-cau-hoi/", include((FILES, "nhap_cau_hoi"))),
]
