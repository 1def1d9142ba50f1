"""Addresses under ``/viec-hoc/``."""

from django.urls import path

from courses import views, views_display, views_notes, views_placement, views_reminders

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
    path("<slug:slug>/ghi-danh/", views.enrol, name="enrol"),
    path("buoc/<uuid:step>/xong/", views.step_done, name="step_done"),
]
