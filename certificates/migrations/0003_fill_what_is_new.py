"""Rows written before say what the new fields ask: the book of a register row, how a number is found, what for."""

from django.db import migrations, models
from django.utils import timezone

from certificates.numbering import number_key


def fill(apps, schema_editor):
    def model(name):
        return apps.get_model("certificates", name)._base_manager  # the ordinary one refuses to change a register

    for row in model("RegisterEntry").filter(year=0).iterator(chunk_size=1000):
        model("RegisterEntry").filter(pk=row.pk).update(year=timezone.localtime(row.at).year)
    for paper in model("Certificate").filter(number_key="").select_related("completion__course").iterator(1000):
        award = f"course:{paper.completion.course.uuid}" if paper.completion else ""
        model("Certificate").filter(pk=paper.pk).update(number_key=number_key(paper.number), award=award)
    for item in model("BatchItem").filter(holder_name="").select_related("completion").iterator(1000):
        done = item.completion
        model("BatchItem").filter(pk=item.pk).update(
            holder_name=done.learner_name,
            holder_birth_date=done.learner_birth_date,
            hours=done.course_hours,
            score=done.score,
        )


class Migration(migrations.Migration):
    dependencies = [("certificates", "0002_kinds_designs_and_acts")]
    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField("batchitem", "holder_name", models.CharField(max_length=150)),
        migrations.AlterField("batchitem", "hours", models.DecimalField(decimal_places=1, max_digits=6)),
        migrations.AlterField("certificate", "number_key", models.CharField(blank=True, db_index=True, max_length=60)),
        migrations.AlterField("registerentry", "year", models.PositiveSmallIntegerField()),
    ]
