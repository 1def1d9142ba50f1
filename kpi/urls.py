from django.http import HttpResponse
from django.urls import path

app_name = "kpi"
urlpatterns = [path("", lambda r: HttpResponse(), name="dashboard")]
