from django.db import migrations
from django.db.models import F


def accounts_with_a_password_have_owners(apps, schema_editor):
    # Django marks a password that nobody can use with "!".
    users = apps.get_model("people", "User").objects.filter(claimed_at=None)
    users.exclude(password__startswith="!").exclude(password="").update(claimed_at=F("date_joined"))


class Migration(migrations.Migration):
    dependencies = [("people", "0002_rosters_and_entry")]

    operations = [migrations.RunPython(accounts_with_a_password_have_owners, migrations.RunPython.noop)]
