"""What a calendar program fetches without signing in; under ``/lich-bao-cao/``."""

from django.urls import path

from kpi import views_calendar

app_name = "kpi_feed"
urlpatterns = [path("<str:token>.ics", views_calendar.calendar_feed, name="calendar")]
