"""What a learner may know of the figures: where they count themself; under ``/viec-hoc/``."""

from django.urls import path

from kpi import views_people

app_name = "kpi_own"
urlpatterns = [path("duoc-tinh/", views_people.mine, name="mine")]
