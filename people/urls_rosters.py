"""Addresses under ``/quan-ly/danh-sach/``: lists of people, in and out."""

from __future__ import annotations

from django.urls import path

from people import views_rosters as views

app_name = "rosters"

urlpatterns = [
    path("", views.home, name="home"),
    path("nhap/", views.upload, name="upload"),
    path("mau/<uuid:uuid>/", views.template, name="template"),
    path("xuat/<uuid:uuid>/", views.export, name="export"),
    path("<uuid:uuid>/", views.roster, name="roster"),
    path("<uuid:uuid>/loi.xlsx", views.rejects, name="rejects"),
    path("<uuid:uuid>/dong/<int:number>/", views.decide, name="decide"),
    path("<uuid:uuid>/cac-dong-con-lai/", views.decide_all, name="decide_all"),
    path("<uuid:uuid>/nguoi-roi/", views.confirm_leavers, name="confirm_leavers"),
    path("<uuid:uuid>/nhap/", views.apply, name="apply"),
    path("<uuid:uuid>/bo/", views.cancel, name="cancel"),
]
