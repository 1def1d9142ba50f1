"""Files that were handed in are personal: those of work that was returned go after a time."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from courses.models import Submission, SubmissionState

#: So many files are deleted in one run; the next run takes the rest.
AT_ONCE = 1000


def submission_files_forget(*, at: datetime | None = None) -> int:
    """Delete the files of returned work ``SUBMISSION_FILE_DAYS`` after it was looked at; return how many.

    Words, name of the file and verdict stay, and so does the file of work that waits or was accepted: it proves a
    completion. The file goes before its place is forgotten, so that a run that breaks off leaves no orphan.
    """
    before = (at or timezone.now()) - timedelta(days=settings.SUBMISSION_FILE_DAYS)
    old = Submission.objects.filter(state=SubmissionState.RETURNED, reviewed_at__lt=before).exclude(file="")
    forgotten = 0
    for submission in old.order_by("pk")[:AT_ONCE]:
        submission.file.delete(save=False)
        submission.save(update_fields=["file"])
        forgotten += 1
    return forgotten
