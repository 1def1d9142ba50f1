from datetime import date

from django.db import migrations
from django.db.models import F, Q

#: As in decision_spans.yaml when this was written: code → first day, last day, where it is said.
SPANS = {
    "BG22": (date(2022, 4, 1), date(2030, 12, 31), "«đến năm 2025, định hướng đến năm 2030»."),
    "BG23": (date(2023, 12, 1), date(2030, 12, 31), "«đến năm 2025, định hướng đến năm 2030»."),
    "BG24": (
        date(2024, 1, 1),
        date(2024, 12, 31),
        "«Chuyển đổi số trong các cơ quan nhà nước tỉnh Bắc Giang năm 2024».",
    ),
    "BP22": (date(2022, 1, 1), date(2030, 12, 31), "«đến năm 2025, định hướng đến năm 2030»."),
    "TQ22": (date(2022, 5, 19), date(2030, 12, 31), "«đến năm 2025, định hướng đến năm 2030»."),
}


def fill_spans(apps, schema_editor):
    """Decisions that are there get their span; what was counted as late outside of it goes."""
    for code, (begins, ends, source) in SPANS.items():
        found = apps.get_model("kpi", "Decision").objects.filter(code=code)
        found.update(valid_from=begins, valid_until=ends, valid_source=source)
    outside = Q(until__lt=F("duty__decision__valid_from")) | Q(begins_on__gt=F("duty__decision__valid_until"))
    apps.get_model("kpi", "ReportDue").objects.filter(outside, handed_in_at=None).delete()


def fill_duties(apps, schema_editor):
    """A report that was handed in is one for that duty and period."""
    for due in apps.get_model("kpi", "ReportDue").objects.exclude(report=None).order_by("pk"):
        first = apps.get_model("kpi", "Report").objects.filter(pk=due.report_id, duty=None)
        first.update(duty=due.duty_id, period=due.period)


class Migration(migrations.Migration):
    dependencies = [("kpi", "0006_report_spans_and_words")]

    operations = [
        migrations.RunPython(fill_spans, migrations.RunPython.noop),
        migrations.RunPython(fill_duties, migrations.RunPython.noop),
    ]
