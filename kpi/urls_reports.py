"""The reporting calendar and the reports; under ``/quan-ly/chi-tieu/``."""

from django.urls import URLPattern, path

from kpi import views_calendar, views_reports

urlpatterns: list[URLPattern] = [
    path("lich-bao-cao/", views_calendar.calendar, name="calendar"),
    path("lich-bao-cao/nhac/", views_calendar.remind, name="dues_remind"),
    path("lich-bao-cao/tep.ics", views_calendar.calendar_file, name="calendar_file"),
    path("lich-bao-cao/dia-chi/", views_calendar.calendar_link, name="calendar_link"),
    path("lich-bao-cao/van-ban/<str:code>/", views_calendar.span, name="decision_span"),
    path("lich-bao-cao/nghia-vu/", views_calendar.duties, name="duties"),
    path("lich-bao-cao/nghia-vu/<uuid:uuid>/", views_calendar.duty, name="duty"),
    path("lich-bao-cao/<uuid:uuid>/", views_calendar.due, name="due"),
    path("lich-bao-cao/<uuid:uuid>/mo-lai/", views_calendar.due_reopen, name="due_reopen"),
    path("lich-bao-cao/<uuid:uuid>/mien/", views_calendar.due_excuse, name="due_excuse"),
    path("bao-cao/", views_reports.reports, name="reports"),
    path("bao-cao/moi/", views_reports.report_new, name="report_new"),
    path("bao-cao/<uuid:uuid>/", views_reports.report, name="report"),
    path("bao-cao/<uuid:uuid>/soan/", views_reports.report_edit, name="report_edit"),
    path("bao-cao/<uuid:uuid>/ban-hanh/", views_reports.report_issue, name="report_issue"),
    path("bao-cao/<uuid:uuid>/tep/", views_reports.report_files, name="report_files"),
    path("bao-cao/<uuid:uuid>/xoa/", views_reports.report_drop, name="report_drop"),
    path("bao-cao/<uuid:uuid>/tai/<str:form>/", views_reports.report_file, name="report_file"),
]
