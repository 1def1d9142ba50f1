"""Addresses under ``/viec-hoc/``."""

from django.urls import path

from courses import views, views_lesson, views_placement, views_posters, views_reminders

app_name = "courses"

urlpatterns = [
    path("", views.my_learning, name="my_learning"),
    path("bat-dau/", views_placement.placement, name="placement"),
    path("loi-nhac/<uuid:uuid>/da-xem/", views_reminders.reminder_seen, name="reminder_seen"),
    path("ap-phich/khoa/<slug:slug>/", views_posters.poster_course, name="poster_course"),
    path("ap-phich/bai/<uuid:uuid>/", views_posters.poster_step, name="poster_step"),
    path("<slug:slug>/ghi-danh/", views.enrol, name="enrol"),
    path("<slug:slug>/hoc-lai/", views.renew, name="renew"),
    path("buoc/<uuid:step>/xong/", views.step_done, name="step_done"),
    path("buoc/<uuid:step>/da-doc/", views_lesson.step_read, name="step_read"),
    path("buoc/<uuid:step>/luot-xem/", views_lesson.visit, name="visit"),
    path("buoc/<uuid:step>/tinh-huong/", views_lesson.scenario_answer, name="scenario_answer"),
    path("buoc/<uuid:step>/nop-bai/", views_lesson.submit_work, name="submit_work"),
    path("bai-nop/<uuid:uuid>/tep/", views_lesson.submission_file, name="submission_file"),
]
