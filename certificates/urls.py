from django.http import HttpResponse
from django.urls import path

app_name = "certificates"
urlpatterns = [
    path("xac-minh/", lambda r: HttpResponse(), name="verify"),
    path("xac-minh/<str:token>/", lambda r, token: HttpResponse(), name="verify_token"),
    path("chung-nhan/", lambda r: HttpResponse(), name="mine"),
    path("chung-nhan/<uuid:uuid>/tai/", lambda r, uuid: HttpResponse(), name="download"),
]
