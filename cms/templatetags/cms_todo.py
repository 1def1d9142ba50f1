"""What is still to do, for the parts of lesson and course pages that say so."""

from __future__ import annotations

from typing import Any

from django import template

from cms.todo import CourseTodo, LessonTodo

register = template.Library()


@register.simple_tag(takes_context=True)
def lesson_todo(context: Any) -> LessonTodo:
    """What the open lesson still asks of the reader: ``{% lesson_todo as todo %}``."""
    return LessonTodo(context["reading"], context["user"])


@register.simple_tag(takes_context=True)
def course_todo(context: Any) -> CourseTodo:
    """What stands before or after the learning of the course: ``{% course_todo as todo %}``."""
    return CourseTodo(context["reading"], context["user"])
