"""What was written before there were events, versions and fingerprints is brought into them."""

from django.db import migrations

from quizzes.questions import fingerprint

CONTENT = ("kind", "text", "options", "settings", "explanation", "media", "source")


def saves_of_open_attempts(apps, schema_editor):
    """An open attempt's answers become saves; a closed one's say which question they answer."""
    answer_model, event_model = apps.get_model("quizzes", "Answer"), apps.get_model("quizzes", "AttemptEvent")
    open_answers = answer_model.objects.filter(attempt__state="open")
    events = [
        event_model(
            attempt_id=answer.attempt_id,
            kind="saved",
            at=answer.saved_at,
            made_at=answer.saved_at,
            answers={str(answer.position): answer.response},
        )
        for answer in open_answers.iterator(chunk_size=1000)
    ]
    event_model.objects.bulk_create(events, batch_size=1000)
    open_answers.delete()


def questions_of_answers(apps, schema_editor):
    answer_model, attempt_model = apps.get_model("quizzes", "Answer"), apps.get_model("quizzes", "Attempt")
    known = set(apps.get_model("quizzes", "Question").objects.values_list("pk", flat=True))
    for attempt in attempt_model.objects.only("paper").iterator(chunk_size=200):
        answers = list(answer_model.objects.filter(attempt=attempt))
        for answer in answers:
            item = attempt.paper[answer.position - 1]
            answer.question_id = item["question"] if item["question"] in known else None
            answer.version = item["version"]
        answer_model.objects.bulk_update(answers, ["question", "version"])


def versions_and_fingerprints(apps, schema_editor):
    question_model, version_model = apps.get_model("quizzes", "Question"), apps.get_model("quizzes", "QuestionVersion")
    for question in question_model.objects.iterator(chunk_size=500):
        if question.kind == "multiple" and not question.settings:
            question.settings = {"credit": "all"}
        content = {name: getattr(question, name) for name in CONTENT}
        question.fingerprint = fingerprint(content)
        question.save(update_fields=["fingerprint", "settings"])
        version_model.objects.create(question=question, number=question.version, content=content)


class Migration(migrations.Migration):
    dependencies = [("quizzes", "0002_kinds_sections_and_events")]

    operations = [
        migrations.RunPython(saves_of_open_attempts, migrations.RunPython.noop),
        migrations.RunPython(questions_of_answers, migrations.RunPython.noop),
        migrations.RunPython(versions_and_fingerprints, migrations.RunPython.noop),
    ]
