"""Public addresses: checking a certificate, and one's own certificates."""

from django.urls import path

from certificates import views

app_name = "certificates"

urlpatterns = [
    path("xac-minh/", views.verify, name="verify"),
    path("xac-minh/tep/", views.verify_digest, name="verify_digest"),
    path("xac-minh/tep/<str:digest>/", views.verify_file, name="verify_file"),
    path("xac-minh/<str:token>/", views.verify_token, name="verify_token"),
    path("chung-nhan/", views.mine, name="mine"),
    path("chung-nhan/<uuid:uuid>/tai/", views.download, name="download"),
]
