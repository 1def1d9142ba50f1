"""Every open course carried again, as an upgrade needs it."""

from __future__ import annotations

import json
from io import StringIO

from django.core.management import call_command

from cms.services import courses_carry
from courses.models import Course, Step
from tests.factories import cms as make


def _forget():
    """What an upgrade adds is empty in rows that were carried before it."""
    Step.objects.update(text="", search_key="")
    Course.objects.update(is_light=False)


def test_what_an_upgrade_adds_is_filled_and_a_repeat_changes_nothing(province):
    make.course("mot", lessons=2)
    make.course("hai", lessons=1)
    _forget()
    report = courses_carry()
    assert (report.carried, report.changed, report.refused) == (2, 2, {})
    assert all("Nội dung bài học." in text for text in Step.objects.values_list("text", flat=True))
    assert Course.objects.filter(is_light=True).count() == 2
    again = courses_carry()
    assert (again.carried, again.changed) == (2, 0)


def test_a_dry_run_writes_nothing(province):
    make.course(lessons=1)
    _forget()
    out = StringIO()
    call_command("carry_courses", "--dry-run", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {"dry_run": True, "carried": 1, "changed": 1, "refused": {}}
    assert Step.objects.get().text == ""


def test_a_start_carries_only_what_lacks_something(province):
    make.course(lessons=1)
    out = StringIO()
    call_command("carry_courses", "--if-needed", stdout=out)
    assert out.getvalue() == ""
    _forget()
    call_command("carry_courses", "--if-needed", stdout=out)
    assert out.getvalue() == "Đã chuyển 1 khoá, 1 khoá có thay đổi.\n"
    call_command("carry_courses", "--if-needed", stdout=out)
    assert out.getvalue().count("Đã chuyển") == 1


def test_drafts_are_not_carried(province):
    make.course_draft()
    assert courses_carry().carried == 0
    assert not Course.objects.exists()
