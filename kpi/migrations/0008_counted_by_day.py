from django.db import migrations, models


class Migration(migrations.Migration):
    """An index over what may be a million rows: some seconds in which nobody is counted."""

    dependencies = [("kpi", "0007_report_spans_filled")]

    operations = [
        migrations.AddIndex(
            model_name="counted",
            index=models.Index(fields=["indicator", "year", "counted_on", "unit"], name="counted_by_day"),
        ),
    ]
