"""Targets, head-counts and what units declare; under ``/quan-ly/chi-tieu/``."""

from django.urls import path

from kpi import views_allocation, views_declarations, views_populations, views_targets

urlpatterns = [
    path("muc-tieu/", views_targets.targets, name="targets"),
    path("muc-tieu/<str:code>/", views_targets.target_edit, name="target_edit"),
    path("muc-tieu/<str:code>/rut/", views_targets.target_drop, name="target_drop"),
    path("muc-tieu/<str:code>/lich-su/", views_targets.target_history, name="target_history"),
    path("muc-tieu/<str:code>/giao/", views_allocation.target_allocation, name="target_allocation"),
    path("dan-so/", views_populations.populations, name="populations"),
    path("dan-so/sua/", views_populations.population_edit, name="population_edit"),
    path("dan-so/nhap/", views_populations.population_import, name="population_import"),
    path("dan-so/nhap/<str:kept>/can-sua/", views_populations.population_faults, name="population_faults"),
    path("dan-so/mau/", views_populations.population_template, name="population_template"),
    path("bao-so/", views_declarations.declarations, name="declarations"),
    path("bao-so/moi/<str:code>/", views_declarations.declare, name="declare"),
    path("bao-so/<uuid:uuid>/", views_declarations.declaration, name="declaration"),
    path("bao-so/<uuid:uuid>/minh-chung/", views_declarations.declaration_evidence, name="declaration_evidence"),
    path("luu-y/", views_targets.findings_page, name="findings"),
]
