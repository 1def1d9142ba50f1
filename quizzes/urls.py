from django.http import HttpResponse
from django.urls import path

app_name = "quizzes"
urlpatterns = [
    path("bat-dau/<uuid:step>/", lambda r, step: HttpResponse(), name="start"),
    path("<uuid:uuid>/", lambda r, uuid: HttpResponse(), name="attempt"),
]
