import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kpi", "0004_fill_what_is_new")]

    operations = [
        migrations.AlterField(
            model_name="indicator",
            name="uuid",
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
    ]
