"""Which part of which guide fits a page: by the name of its address, else by how the address begins.

The first page of offices is one page for many offices: whoever only leads a team gets the guide of team leaders there.

``"guide#heading"``; a test opens every one of them.
"""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from common.guides import guide_path
from people import access
from people.models import Role

#: Names of addresses; one that ends in ``*`` stands for all that begin so. The first that fits holds.
BY_NAME: tuple[tuple[str, str], ...] = (
    ("manage_home", "dau-moi#viec-cho-ban-hom-nay"),
    ("rosters:export", "nhap-danh-sach#lay-danh-sach-ra"),
    ("rosters:roster", "nhap-danh-sach#trang-xem-lai-noi-gi"),
    ("rosters:*", "nhap-danh-sach"),
    ("merging:*", "nhap-danh-sach#mot-nguoi-co-hai-ho-so"),
    ("slips:*", "dau-moi#in-phieu-nhan-tai-khoan"),
    ("teams:team", "to-truong#xem-ai-trong-to-chua-hoc"),
    ("teams:*", "dau-moi#kien-toan-to"),
    ("unit_learning:*", "dau-moi#xem-ai-da-hoc"),
    ("issuing:batch_new", "dau-moi#de-nghi-cap-chung-nhan"),
    ("issuing:register", "so-goc"),
    ("issuing:certificate*", "so-goc#mot-giay-can-xu-ly"),
    ("issuing:paper*", "so-goc#ghi-lai-giay-tu-so-giay"),
    ("issuing:book*", "so-goc#khoa-so-cuoi-nam"),
    ("issuing:progress", "ky-cap#theo-doi-viec-cap"),
    ("issuing:delivery*", "ky-cap#giao-giay"),
    ("issuing:signing", "ky-cap#ky-so"),
    ("issuing:*", "ky-cap#duyet-mot-danh-sach"),
    ("kpi:closing*", "chu-tri#chot-so-lieu"),
    ("kpi:report*", "chu-tri#lap-bao-cao"),
    ("kpi:calendar", "chu-tri#lich-bao-cao"),
    ("kpi:due*", "chu-tri#lich-bao-cao"),
    ("kpi:duties", "chu-tri#lich-bao-cao"),
    ("kpi:duty", "chu-tri#lich-bao-cao"),
    ("kpi:population*", "chu-tri#ghi-so-nguoi-phai-hoc"),
    ("kpi:target*", "chu-tri#dat-muc-tieu"),
    ("kpi:declar*", "chu-tri#so-lieu-don-vi-bao"),
    ("kpi:missing*", "chu-tri#nhac-nguoi-chua-hoc"),
    ("kpi_own:mine", "nguoi-hoc#hoc-tiep"),
    ("kpi:*", "chu-tri#doc-con-so"),
    ("units:*", "chu-tri#doi-co-cau-don-vi"),
    ("audit:*", "chu-tri#xem-nhat-ky"),
    ("teaching:waiting", "giang-vien#xem-bai-thuc-hanh"),
    ("teaching:submission", "giang-vien#xem-bai-thuc-hanh"),
    ("teaching:*", "giang-vien#ai-hoc-den-dau"),
    ("insight:person", "giang-vien#cho-them-gio-hoac-luot"),
    ("insight:essay*", "giang-vien#cham-cau-tu-luan"),
    ("insight:*", "giang-vien#so-lieu-bai-kiem-tra"),
    ("jobs:*", "dau-moi#viec-dang-lam"),
    ("courses:my_learning", "nguoi-hoc#hoc-tiep"),
    ("courses:display", "nguoi-hoc#chu-to-it-ton-mang"),
    ("courses:*", "nguoi-hoc#hoc-mot-khoa"),
    ("quizzes:*", "nguoi-hoc#lam-bai-kiem-tra"),
    ("certificates:mine", "nguoi-hoc#nhan-giay"),
    ("certificates:*", "nguoi-hoc#kiem-tra-mot-to-giay"),
    ("account_login", "nguoi-hoc#dang-nhap"),
    ("account_signup*", "nguoi-hoc#tao-tai-khoan"),
    ("account_reset_password", "nguoi-hoc#quen-mat-khau"),
    ("account_confirm_password_reset_code", "nguoi-hoc#quen-mat-khau"),
    ("account_slip*", "nguoi-hoc#nhan-tai-khoan-bang-phieu"),
    ("mfa_*", "dau-moi#buoc-xac-nhan-thu-hai"),
    ("second_step", "dau-moi#buoc-xac-nhan-thu-hai"),
    ("account*", "nguoi-hoc#sua-thong-tin-cua-ban"),
)
#: Editors' pages are known by where they stand.
BY_PATH: tuple[tuple[str, str], ...] = (
    ("/khoa-hoc/", "nguoi-hoc#hoc-mot-khoa"),
    ("/lo-trinh/", "nguoi-hoc#hoc-theo-lo-trinh"),
)
#: What fits the first page of offices for who leads teams and has no other office.
HOME_OF_A_TEAM_LEADER = "to-truong#xem-ai-trong-to-chua-hoc"


def help_path(request: HttpRequest) -> str:
    """The address of the help that fits the page; the first page of help where none does."""
    found = _target(request)
    if not found:
        return reverse("help:index")
    slug, _, anchor = found.partition("#")
    return guide_path(slug, anchor)


def _target(request: HttpRequest) -> str:
    match = getattr(request, "resolver_match", None)
    name = match.view_name if match else ""
    if name == "manage_home" and _only_leads_teams(request):
        return HOME_OF_A_TEAM_LEADER
    for known, target in BY_NAME:
        if name and (name.startswith(known[:-1]) if known.endswith("*") else name == known):
            return target
    return next((target for start, target in BY_PATH if request.path.startswith(start)), "")


def _only_leads_teams(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return user is not None and access.roles_of(user) & access.MANAGING == {Role.TEAM_LEADER}
