"""Addresses under ``/quan-ly/giang-day/``: figures of quizzes, scoring anew, free texts, one attempt."""

from django.urls import path

from quizzes import views_assessing, views_insight

app_name = "insight"

urlpatterns = [
    path("kiem-tra/", views_insight.home, name="home"),
    path("kiem-tra/tu-luan/", views_assessing.essays, name="essays"),
    path("kiem-tra/tu-luan/<uuid:uuid>/<int:position>/", views_assessing.essay, name="essay"),
    path("kiem-tra/cau/<uuid:question>/cham-lai/", views_insight.regrade, name="regrade"),
    path("kiem-tra/<uuid:step>/", views_insight.quiz, name="quiz"),
    path("kiem-tra/<uuid:step>/tinh-lai/", views_insight.rebuild, name="rebuild"),
    path("kiem-tra/<uuid:step>/xlsx/", views_insight.export, name="export"),
    path("kiem-tra/<uuid:step>/cau/<uuid:question>/", views_insight.question, name="question"),
    path("kiem-tra/<uuid:step>/nguoi-lam/", views_assessing.people, name="people"),
    path("kiem-tra/<uuid:step>/nguoi-lam/<uuid:user>/", views_assessing.person, name="person"),
    path("bai-lam/<uuid:uuid>/", views_assessing.attempt, name="attempt"),
]
