import uuid

from django.db import migrations


def fill_uuids(apps, schema_editor):
    """A name of its own, for the outside, of every indicator there is."""
    for indicator in apps.get_model("kpi", "Indicator").objects.all():
        indicator.uuid = uuid.uuid4()
        indicator.save(update_fields=["uuid"])


def fill_counting(apps, schema_editor):
    """What counted until now counted by a score, or by finishing a course."""
    indicators = apps.get_model("kpi", "Indicator").objects
    indicators.filter(counts=True, min_score=None).update(counting="completed")
    indicators.filter(counts=True).exclude(min_score=None).update(counting="passed")


class Migration(migrations.Migration):
    dependencies = [("kpi", "0003_figures_to_defend")]

    operations = [
        migrations.RunPython(fill_uuids, migrations.RunPython.noop),
        migrations.RunPython(fill_counting, migrations.RunPython.noop),
    ]
