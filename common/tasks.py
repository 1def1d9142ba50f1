"""Work for the queue: each task takes ids and calls one service."""

from __future__ import annotations

from celery import shared_task

from common import jobs


@shared_task(name="common.run_job", time_limit=3600)
def run_job(uuid: str) -> None:
    """Do the work of one job."""
    jobs.job_run(uuid=uuid)


@shared_task(name="common.sweep")
def sweep() -> int:
    """Take up jobs that were lost, forget the files of old ones."""
    jobs.files_forget()
    return jobs.jobs_sweep()
