"""Addresses under ``/quan-ly/cap-chung-nhan/``."""

from django.urls import path

from certificates import views_acts as acts
from certificates import views_manage as views
from certificates import views_paper as papers
from certificates import views_register as registers
from certificates import views_signing as signing

app_name = "issuing"

urlpatterns = [
    path("", views.batches, name="batches"),
    path("de-nghi/", views.batch_new, name="batch_new"),
    path("dot/<uuid:uuid>/", views.batch, name="batch"),
    path("dot/<uuid:uuid>/duyet/", views.batch_approve, name="batch_approve"),
    path("dot/<uuid:uuid>/khong-duyet/", views.batch_reject, name="batch_reject"),
    path("dot/<uuid:uuid>/loai/<uuid:completion>/", views.batch_exclude, name="batch_exclude"),
    path("so-goc/<slug:code>/", registers.register, name="register"),
    path("so-goc/<slug:code>/kiem-tra/", registers.register_check, name="register_check"),
    path("so-goc/<slug:code>/xuat/", registers.book_export, name="book_export"),
    path("so-goc/<slug:code>/nhap/", papers.paper, name="paper"),
    path("so-goc/<slug:code>/nhap/mau/", papers.paper_template, name="paper_template"),
    path("so-goc/<slug:code>/nhap/can-sua/<str:kept>/", papers.paper_faults, name="paper_faults"),
    path("so-goc/<slug:code>/khoa/", registers.book_close, name="book_close"),
    path("ky-so/<slug:code>/", signing.signing, name="signing"),
    path("giay/<uuid:uuid>/", acts.certificate, name="certificate"),
    path("giay/<uuid:uuid>/thu-hoi/", acts.certificate_revoke, name="certificate_revoke"),
    path("giay/<uuid:uuid>/huy-bo/", acts.certificate_cancel, name="certificate_cancel"),
    path("giay/<uuid:uuid>/cap-lai/", acts.certificate_reissue, name="certificate_reissue"),
    path("giay/<uuid:uuid>/chinh-sua/", acts.certificate_correct, name="certificate_correct"),
    path("giay/<uuid:uuid>/ban-sao/", acts.certificate_copy, name="certificate_copy"),
    path("giay/<uuid:uuid>/ban-sao/<int:position>/", acts.copy_file, name="copy_file"),
]
