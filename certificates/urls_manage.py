"""Addresses under ``/quan-ly/cap-chung-nhan/``."""

from django.urls import path

from certificates import views_acts as acts
from certificates import views_batches as lists
from certificates import views_delivery as delivery
from certificates import views_designs, views_series
from certificates import views_paper as papers
from certificates import views_progress as progress
from certificates import views_register as registers
from certificates import views_signing as signing

app_name = "issuing"

urlpatterns = [
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
    path("", lists.batches, name="batches"),
    path("de-nghi/", lists.batch_new, name="batch_new"),
    path("dot/<uuid:uuid>/", lists.batch, name="batch"),
    path("dot/<uuid:uuid>/nguoi/", lists.batch_items, name="batch_items"),
    path("dot/<uuid:uuid>/kiem-tra/", lists.batch_check, name="batch_check"),
    path("dot/<uuid:uuid>/duyet/", lists.batch_approve, name="batch_approve"),
    path("dot/<uuid:uuid>/khong-duyet/", lists.batch_reject, name="batch_reject"),
    path("dot/<uuid:uuid>/quyet-dinh/", lists.decision_file, name="decision_file"),
    path("dot/<uuid:uuid>/tien-do/", progress.progress, name="progress"),
    path("dot/<uuid:uuid>/tien-do/trang-thai/", progress.progress_state, name="progress_state"),
    path("dot/<uuid:uuid>/tam-dung/", progress.batch_pause, name="batch_pause"),
    path("dot/<uuid:uuid>/tiep-tuc/", progress.batch_resume, name="batch_resume"),
    path("dot/<uuid:uuid>/lam-lai/", progress.batch_retry, name="batch_retry"),
    path("dot/<uuid:uuid>/dong-goi/", progress.batch_bundle, name="batch_bundle"),
    path("dot/<uuid:uuid>/giao-nhan/", delivery.delivery, name="delivery"),
    path("dot/<uuid:uuid>/giao-nhan/ghi/", delivery.hand_over, name="hand_over"),
    path("dot/<uuid:uuid>/giao-nhan/in/", delivery.delivery_print, name="delivery_print"),
    path("dot/<uuid:uuid>/giao-nhan/tai/", delivery.delivery_export, name="delivery_export"),
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
