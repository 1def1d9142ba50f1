"""A list from completions to signed papers: proposed and approved in Chromium, made by workers that are killed.

    python -m tests.bench.bench_issuing [--people 2000] [--kills 2] [--workers 2] [--json]

gunicorn, Celery workers, PostgreSQL and Redis, a loaded demo province in a throw-away database, a trial key. Each kill
is a SIGKILL to every worker while it numbers or draws; new ones take over, and the sweep runs as beat would run it. At
the end: numbers 1..n, one paper each, the register sound, every signature valid, poppler of one mind.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests import processes
from tests.bench.bench_pages import COURSE, learners, prepared
from tests.services import LOOPBACK

SERIES = "giay-chung-nhan"
WARD = "07210"
NAME = "Nguyễn Thị Đo Lường"
#: How often beat would run the sweep is two minutes; waiting for it would only measure the wait.
SWEEP_EVERY = 10.0
PATIENCE = 3600.0


# --- Before -----------------------------------------------------------------------------------------------------------
def trial_key(env: dict[str, str]) -> dict[str, str]:
    """The settings of a platform that signs with a trial key of its own."""
    file = Path(env["LMS_DATA_DIR"]) / "khoa.p12"
    processes.manage("make_signing_key", "--out", str(file), "--name", "Sở Khoa học và Công nghệ", env=env)
    secret = str(file.with_suffix(".pass"))
    return env | {"CERTIFICATE_SIGNING": "local", "SIGNING_P12_FILE": str(file), "SIGNING_P12_PASSWORD_FILE": secret}


def completions(count: int) -> None:
    """So many people of one ward who finished the course and have no official paper yet."""
    from django.utils import timezone

    from courses.models import Completion, CompletionStanding, Course
    from people.models import CITIZEN, Audience, Unit, User

    course, at = Course.objects.get(path=COURSE), timezone.now()
    enrolments = learners(count)
    # A name has no digits, and the paper says what the list of today says: nobody is left to decide on.
    User.objects.filter(pk__in=[enrolment.user_id for enrolment in enrolments]).update(full_name=NAME)
    ward, citizen = Unit.objects.get(code=WARD, valid_to=None), Audience.objects.get(code=CITIZEN)
    made = Completion.objects.bulk_create(
        [
            Completion(
                enrolment=enrolment,
                user=enrolment.user,
                course=course,
                completed_at=at,
                learner_name=NAME,
                course_title=course.title,
                course_revision=1,
                course_hours=course.hours,
                score=90,
            )
            for enrolment in enrolments
        ],
        batch_size=500,
    )
    standings = [CompletionStanding(completion=one, unit=ward, audience=citizen, is_main=True) for one in made]
    CompletionStanding.objects.bulk_create(standings, batch_size=500)


# --- In the browser ---------------------------------------------------------------------------------------------------
def approve_in_browser(url: str, people: int) -> Any:
    """The coordinator proposes everybody, the official approves: two people, two browsers. Returns the list, which also
    holds whom the demo left without a paper."""
    from django.utils import timezone
    from playwright.sync_api import sync_playwright

    from certificates.models import Batch
    from courses.models import Course
    from tests.journeys import people as acts
    from tests.journeys.conftest import CHROMIUM_ARGUMENTS

    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(path for name in names if (path := shutil.which(name)))
    course = Course.objects.get(path=COURSE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=CHROMIUM_ARGUMENTS)
        pages = [browser.new_context(base_url=url, locale="vi-VN").new_page() for _ in range(2)]
        for page in pages:
            page.set_default_timeout(120_000)
        acts.sign_in(pages[0], "daumoi")
        batch = acts.propose(
            pages[0], course=course.title, unit="Phường Bắc Giang", series="Giấy chứng nhận", title=f"{people} người"
        )
        acts.sign_in(pages[1], "kycap")
        acts.approve(pages[1], batch, decision="999/QĐ-SKHCN", day=timezone.localdate(), wait=False)
        browser.close()
    made = Batch.objects.get(title=f"{people} người")
    assert made.approved_at
    return made


# --- The workers ------------------------------------------------------------------------------------------------------
class Workers:
    """Celery workers that can be killed all at once."""

    def __init__(self, env: dict[str, str], count: int) -> None:
        self.env, self.count, self.alive = env, count, ExitStack()
        self.processes: list[Any] = []

    def start(self) -> None:
        """Each with a log of its own."""
        self.alive = ExitStack()
        self.processes = []
        for number in range(self.count):
            self.processes.append(
                self.alive.enter_context(processes.worker(env=self.env, log_name=f"worker-{number}.log"))
            )

    def kill(self) -> None:
        """As when the machine loses power: nothing is said goodbye to."""
        for process in self.processes:
            os.killpg(process.pid, signal.SIGKILL)
        for process in self.processes:
            process.wait(timeout=20)
        self.alive.close()


def work_until_done(workers: Workers, *, batch: Any, kills: int) -> dict[str, float]:
    """Let the workers work, kill them at even distances; seconds until the last number and the last file."""
    from certificates import tasks
    from certificates.models import Certificate

    people = batch.items.count()
    began, swept, killed, took = time.monotonic(), time.monotonic(), 0, {}
    workers.start()
    while True:
        papers = Certificate.objects.filter(batch=batch)
        numbered, made = papers.count(), papers.exclude(file="").count()
        if numbered == people and "numbered" not in took:
            took["numbered"] = round(time.monotonic() - began, 1)
        if made == people:
            took["files"] = round(time.monotonic() - began, 1)
            return took
        # The first kill falls among the numbers, the others among the files.
        if killed < kills and (numbered if killed == 0 else made) > people * (1 if killed == 0 else killed) // (
            kills + 1
        ):
            workers.kill()
            killed += 1
            print(f"killed the workers at {numbered} numbers and {made} files", file=sys.stderr)
            workers.start()
        if time.monotonic() - swept > SWEEP_EVERY:
            tasks.sweep.delay()
            swept = time.monotonic()
        assert time.monotonic() - began < PATIENCE, f"{made} of {people} files after {PATIENCE} s"
        time.sleep(0.3)


# --- After ------------------------------------------------------------------------------------------------------------
def proved(batch: Any) -> dict[str, Any]:
    """What the papers are worth: numbers, register, signatures; raises AssertionError where something is wrong."""
    from django.core.files.storage import storages

    from certificates.models import BatchState, Series
    from certificates.services import register_verify
    from certificates.signing import State
    from certificates.signing.trust import trust_default
    from certificates.signing.verifying import signature_check

    batch.refresh_from_db()
    people = batch.items.count()
    assert batch.state == BatchState.ISSUED
    papers = list(batch.certificates.order_by("seq"))
    first = papers[0].seq or 0
    assert [paper.seq for paper in papers] == list(range(first, first + people)), "a gap or a duplicate"
    assert len({paper.completion_id for paper in papers}) == people
    report = register_verify(series=Series.objects.get(code=SERIES))
    assert report.ok, report
    trust, valid = trust_default(), 0
    for paper in papers:
        with storages["private"].open(paper.file) as file:
            pdf = file.read()
        valid += signature_check(pdf, trust=trust).state == State.VALID
    assert valid == people, f"{valid} of {people} signatures are valid"
    sample = Path(os.environ["LMS_DATA_DIR"]) / "sample.pdf"
    sample.write_bytes(pdf)
    said = subprocess.run(["pdfsig", "-nocert", str(sample)], check=False, capture_output=True, text=True).stdout
    assert "Signature is Valid" in said, said
    return {"papers": people, "valid signatures": valid, "register rows": report.rows, "pdfsig": "Signature is Valid"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with ExitStack() as stack:
        print("Loading the province …", file=sys.stderr)
        env, port = prepared(stack, 150)
        env = trial_key(env)
        os.environ.update(env)
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        import django

        django.setup()
        from certificates.models import Series, Signing

        Series.objects.filter(code=SERIES).update(signing=Signing.LOCAL)
        completions(asked.people)
        stack.enter_context(processes.web(env=env, port=port))
        began = time.monotonic()
        batch = approve_in_browser(f"http://{LOOPBACK}:{port}", asked.people)
        result: dict[str, Any] = {"proposed and approved (s)": round(time.monotonic() - began, 1)}
        workers = Workers(env, asked.workers)
        stack.callback(lambda: workers.alive.close())
        result |= work_until_done(workers, batch=batch, kills=asked.kills)
        result |= proved(batch)
    print(json.dumps(result, ensure_ascii=False, indent=None if asked.json else 2))


if __name__ == "__main__":
    main()
