"""Addresses under ``/viec-hoc/``."""

from django.urls import path

from courses import (
    views,
    views_display,
    views_lesson,
    views_notes,
    views_placement,
    views_posters,
    views_reminders,
)

app_name = "courses"

urlpatterns = [
    path("", views.my_learning, name="my_learning"),
    path("bat-dau/", views_placement.placement, name="placement"),
    path("cach-doc/", views_display.display_set, name="display"),
    path("ghi-chu/", views_notes.notes, name="notes"),
    path("ghi-chu/tai-ve/", views_notes.notes_export, name="notes_export"),
    path("ghi-chu/<uuid:uuid>/sua/", views_notes.note_edit, name="note_edit"),
    path("ghi-chu/<uuid:uuid>/xoa/", views_notes.note_delete, name="note_delete"),
    path("buoc/<uuid:step>/ghi-chu/", views_notes.note_add, name="note_add"),
    path("buoc/<uuid:step>/luu/", views_notes.bookmark, name="bookmark"),
    path("buoc/<uuid:step>/gop-y/", views_notes.feedback, name="feedback"),
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
