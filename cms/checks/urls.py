"""Addresses below ``/cms/`` for the checks."""

from django.urls import path

from cms.checks import views

app_name = "cms_checks"
urlpatterns = [
    path("kiem-tra/<int:page_id>/", views.findings, name="findings"),
    path("truoc-khi-xuat-ban/<int:page_id>/", views.confirm, name="confirm"),
]
