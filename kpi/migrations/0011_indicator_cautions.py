from django.db import migrations, models

#: As in feeds.yaml when this was written.
CAUTIONS = {
    "BG23-2025-6": "Gồm cả trường tiểu học: hệ thống chưa tách cấp học.",
    "BG23-2030-6": "Gồm cả trường tiểu học: hệ thống chưa tách cấp học.",
}


def fill(apps, schema_editor):
    """Indicators that are there say it without being loaded again."""
    for code, caution in CAUTIONS.items():
        apps.get_model("kpi", "Indicator").objects.filter(code=code).update(caution=caution)


class Migration(migrations.Migration):
    dependencies = [("kpi", "0010_figure_corrections")]

    operations = [
        migrations.AddField(
            model_name="indicator",
            name="caution",
            field=models.CharField(
                blank=True,
                default="",
                help_text="What every reader of the figure must know, in a line",
                max_length=120,
                verbose_name="Lưu ý cạnh con số",
            ),
            preserve_default=False,
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
