"""What editors write: Wagtail's page types live in ``cms/pages``."""

from cms.pages.catalogue import CataloguePage
from cms.pages.course import CoursePage
from cms.pages.home import AudienceCard, HomePage
from cms.pages.lesson import LessonPage
from cms.pages.quiz import QuizPage
from cms.pages.standard import StandardPage
from cms.snippets import GlossaryTerm, ReusableContent

__all__ = [
    "AudienceCard",
    "CataloguePage",
    "CoursePage",
    "GlossaryTerm",
    "HomePage",
    "LessonPage",
    "QuizPage",
    "ReusableContent",
    "StandardPage",
]
