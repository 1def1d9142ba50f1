import django.db.models.deletion
from django.db import migrations, models

REASONS = [
    ("late", "Kết quả gửi muộn"),
    ("merged", "Gộp hai hồ sơ của một người"),
    ("revoked", "Giấy bị thu hồi hoặc huỷ bỏ"),
    ("regraded", "Chấm lại bài"),
    ("rule", "Đổi cách tính"),
    ("repaired", "Tính lại từ kết quả học"),
    ("declared", "Số đơn vị báo được duyệt sau khi chốt"),
    ("team", "Danh sách tổ hoặc kết quả của thành viên thay đổi"),
    ("units", "Đổi cách quy đổi đơn vị"),
]


class Migration(migrations.Migration):
    """Changes of closed figures that no one person explains: ADR 21."""

    dependencies = [("kpi", "0009_shares_of_versions"), ("people", "0005_instructors_and_reviewers")]

    operations = [
        migrations.AlterField(
            model_name="countcorrection", name="reason", field=models.CharField(choices=REASONS, max_length=10)
        ),
        migrations.CreateModel(
            name="FigureCorrection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(choices=REASONS, max_length=10)),
                ("before", models.DecimalField(decimal_places=2, max_digits=14)),
                ("after", models.DecimalField(decimal_places=2, max_digits=14)),
                ("said", models.CharField(blank=True, max_length=300)),
                ("recorded_at", models.DateTimeField(auto_now_add=True)),
                (
                    "closing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="corrections", to="kpi.closing"
                    ),
                ),
                (
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="kpi.indicator"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.unit"),
                ),
            ],
            options={
                "ordering": ["pk"],
                "indexes": [
                    models.Index(fields=["closing", "unit", "indicator"], name="figure_corrections_by_place")
                ],
            },
        ),
    ]
