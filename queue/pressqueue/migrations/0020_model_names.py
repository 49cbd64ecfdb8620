"""Models have plainer names; their tables keep theirs, so nothing is done to a database."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("pressqueue", "0019_checks")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterModelTable(name="Inherited", table="pressqueue_inherited"),
                migrations.RenameModel(old_name="Inherited", new_name="UnmanagedMedia"),
                migrations.AlterModelTable(name="Reckoning", table="pressqueue_reckoning"),
                migrations.RenameModel(old_name="Reckoning", new_name="ReconciliationRun"),
                migrations.AlterModelTable(name="Bell", table="pressqueue_bell"),
                migrations.RenameModel(old_name="Bell", new_name="Heartbeat"),
                migrations.AlterModelTable(name="Sitting", table="pressqueue_sitting"),
                migrations.RenameModel(old_name="Sitting", new_name="ReviewSession"),
                migrations.AlterModelTable(name="StandingText", table="pressqueue_standingtext"),
                migrations.RenameModel(old_name="StandingText", new_name="ApprovedText"),
            ]
        )
    ]
