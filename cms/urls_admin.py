"""Our addresses below ``/cms/``."""

from django.urls import include, path

from cms import views_admin

urlpatterns = [
    path("", include("cms.checks.urls")),
    path("ra-soat/", views_admin.reviews, name="cms_reviews"),
    path("huong-dan/", views_admin.guide, name="cms_guide"),
]
