"""Where something is due, and how much of each kind waits, over all organizations."""

from django.db import migrations

from organizations.tenancy.functions import CreateJobFunctions


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0001_initial"),
        ("assessments", "0002_survey_functions"),
    ]
    operations = [CreateJobFunctions()]
