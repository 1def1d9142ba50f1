"""What editors write: Wagtail's page types live in ``cms/pages``."""

from cms.link_checks import LinkCheck
from cms.pages.catalogue import CataloguePage
from cms.pages.course import CoursePage
from cms.pages.home import AudienceCard, HomePage
from cms.pages.lesson import LessonNarration, LessonPage
from cms.pages.module import ModulePage
from cms.pages.news import NewsIndexPage, NewsPage
from cms.pages.path import PathIndexPage, PathPage, PathPlacement
from cms.pages.quiz import QuizPage
from cms.pages.standard import StandardPage
from cms.snippets import GlossaryTerm, ReusableContent

__all__ = [
    "AudienceCard",
    "CataloguePage",
    "CoursePage",
    "HomePage",
    "LessonNarration",
    "LessonPage",
    "LinkCheck",
    "ModulePage",
    "NewsIndexPage",
    "NewsPage",
    "PathIndexPage",
    "PathPage",
    "PathPlacement",
    "QuizPage",
    "GlossaryTerm",
    "ReusableContent",
    "StandardPage",
]
