from django.db import migrations, models


def remember_versions(apps, schema_editor):
    """A share was drawn from the version of the target that held when the share was written."""
    Target = apps.get_model("kpi", "Target")
    Version = apps.get_model("kpi", "TargetVersion")
    shares = list(Target.objects.filter(allocated_from__isnull=False).select_related("allocated_from"))
    for share in shares:
        said = Version.objects.filter(indicator=share.indicator_id)
        own = said.filter(unit=share.unit_id).order_by("-number").first()
        above = said.filter(unit=share.allocated_from.unit_id).order_by("-number")
        found = (above.filter(set_at__lte=own.set_at).first() if own else None) or above.last()
        share.allocated_version = found.number if found else None
    Target.objects.bulk_update(shares, ["allocated_version"], batch_size=500)


class Migration(migrations.Migration):
    """A share knows of which version of the target it is one."""

    dependencies = [("kpi", "0008_counted_by_day")]

    operations = [
        migrations.AddField(
            model_name="target",
            name="allocated_version",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.RunPython(remember_versions, migrations.RunPython.noop),
    ]
