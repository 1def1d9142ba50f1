"""What can happen to the editors' pages. One use case, one function; each is one transaction."""

from cms.services.courses import CourseReport, course_load
from cms.services.editors import editor_access_sync, editor_group_ensure
from cms.services.paths import paths_load
from cms.services.site import site_ensure

__all__ = ["CourseReport", "course_load", "editor_access_sync", "editor_group_ensure", "paths_load", "site_ensure"]
