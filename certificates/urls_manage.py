from django.http import HttpResponse
from django.urls import path

app_name = "issuing"
urlpatterns = [path("", lambda r: HttpResponse(), name="batches")]
