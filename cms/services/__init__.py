"""What can happen to the editors' pages. One use case, one function; each is one transaction."""

from cms.services.carrying import CarryReport, carrying_needed, courses_carry
from cms.services.courses import CourseReport, course_load
from cms.services.editors import editor_access_sync, editor_group_ensure
from cms.services.links import LinkReport, links_check
from cms.services.paths import paths_load
from cms.services.review_dates import owners_tell
from cms.services.reviewing import review_settings_apply, workflow_ensure
from cms.services.scheduling import ScheduleReport, pages_publish_scheduled
from cms.services.site import site_ensure

__all__ = [
    "CarryReport",
    "CourseReport",
    "LinkReport",
    "ScheduleReport",
    "carrying_needed",
    "course_load",
    "courses_carry",
    "editor_access_sync",
    "editor_group_ensure",
    "links_check",
    "owners_tell",
    "paths_load",
    "pages_publish_scheduled",
    "review_settings_apply",
    "site_ensure",
    "workflow_ensure",
]
