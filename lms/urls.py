"""The doors of the platform."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import RedirectView
from django.views.i18n import set_language
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from lms import views
from lms.media import media

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("tro-giup/", include("lms.help.urls")),
    path("suc-khoe/", views.health, name="health"),
    path("favicon.ico", views.favicon),
    path("robots.txt", views.robots, name="robots"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("sw.js", views.service_worker, name="service_worker"),
    # Kept pages hold no token, and which language a browser is shown is no secret.
    path("ngon-ngu/", csrf_exempt(set_language), name="language"),
    path("ngoai-tuyen/", views.offline, name="offline"),
    path("styleguide/", views.styleguide, name="styleguide"),
    # One way in for everybody: with the limits and the second step of our own sign-in.
    path("cms/login/", RedirectView.as_view(pattern_name="account_login", query_string=True)),
    # One account page too: Wagtail's asks for first and last names, which people here do not have.
    path("cms/account/", RedirectView.as_view(pattern_name="account")),
    path("cms/", include(wagtailadmin_urls)),
    path("quan-tri-he-thong/", admin.site.urls),
    path("tai-lieu/", include(wagtaildocs_urls)),
    path("tai-khoan/", include("people.urls")),
    path("tai-khoan/", include("people.urls_second_step")),
    path("tai-khoan/", include("allauth.urls")),
    path("viec-hoc/", include("courses.urls")),
    path("viec-hoc/", include("kpi.urls_own")),
    path("lich-bao-cao/", include("kpi.urls_feed")),
    path("kiem-tra/", include("quizzes.urls")),
    path("", include("certificates.urls")),
    path("quan-ly/", include("people.urls_manage")),
    path("quan-ly/danh-sach/", include("people.urls_rosters")),
    path("quan-ly/ho-so-trung/", include("lms.merging.urls")),
    path("quan-ly/co-cau/", include("people.urls_units")),
    path("quan-ly/phieu/", include("people.urls_slips")),
    path("quan-ly/nhat-ky/", include("people.urls_audit")),
    path("quan-ly/viec/", include("people.urls_jobs")),
    path("quan-ly/to/", include("courses.urls_teams")),
    path("quan-ly/giang-day/", include("quizzes.urls_manage")),
    path("quan-ly/giang-day/", include("courses.urls_teaching")),
    path("quan-ly/don-vi/", include("courses.urls_manage")),
    path("quan-ly/chi-tieu/", include("kpi.urls")),
    path("quan-ly/cap-chung-nhan/", include("certificates.urls_manage")),
    # Where nginx stands in front it answers these itself.
    path("media/<path:path>", media, name="media"),
    # Everything else is a page that editors wrote.
    path("", include(wagtail_urls)),
]

handler400 = "lms.views.bad_request"
handler403 = "lms.views.permission_denied"
handler404 = "lms.views.not_found"
handler500 = "lms.views.server_error"
