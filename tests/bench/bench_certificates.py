"""Certificates drawn as PDF/A: milliseconds each with two processes, the time of a whole province, memory at both ends.

    .venv/bin/python -m tests.bench.bench_certificates [--count 500] [--design chung-nhan] [--processes 2]

Every paper is somebody else's: other name, number and code. Signing and storing are not in it. Prints JSON with --json.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from uuid import UUID

PROVINCE = 16_000
NAMES = ("Nguyễn Thị Ngọc Ưỡng", "Lò Văn Ý", "Trần Đỗ Thuỳ Quỳnh", "Hoàng Phủ Ngọc Tường Vi", "Đặng Kỳ Ấn", "Vũ Ỷ Lan")


def draw(start: int, count: int, code: str) -> dict[str, float]:
    """Draw ``count`` papers in this process; milliseconds of wall and processor, megabytes before and after."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.test")
    django.setup()
    from certificates.defaults import SHIPPED, shipped_text
    from certificates.models import Design
    from certificates.rendering import certificate_pdf
    from certificates.samples import SAMPLES, sample_certificate

    (name, paper), (body, style) = {known: rest for known, _, *rest in SHIPPED}[code], shipped_text(code)
    design = Design(code=code, version=2, name=name, paper=paper, body=body, style=style)

    def one(number: int) -> int:
        certificate = sample_certificate(SAMPLES[0], design)
        certificate.uuid = UUID(int=number + 1)
        certificate.token = f"{number:027d}"
        certificate.number = f"{number:05d}/2026/CN-SKHCN"
        certificate.holder_name = NAMES[number % len(NAMES)]
        certificate.holder_birth_date = date(1960 + number % 40, 1 + number % 12, 1 + number % 28)
        return len(certificate_pdf(certificate))

    for number in range(5):  # fonts are read and the style is parsed once
        one(number)
    before, began, used = _megabytes(), time.perf_counter(), time.process_time()
    size = sum(one(start + number) for number in range(count))
    return {
        "wall": time.perf_counter() - began,
        "cpu": time.process_time() - used,
        "start_mb": before,
        "end_mb": _megabytes(),
        "bytes": size / count,
    }


def _megabytes() -> float:
    """What the process holds now; its greatest so far where the system does not say."""
    try:
        with open("/proc/self/statm") as told:
            return int(told.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def main() -> None:
    """Draw and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--count", type=int, default=500)
    asked.add_argument("--design", default="chung-nhan")
    asked.add_argument("--processes", type=int, default=2)
    asked.add_argument("--json", action="store_true")
    given = asked.parse_args()
    share = -(-given.count // given.processes)
    began = time.perf_counter()
    with ProcessPoolExecutor(given.processes, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(draw, n * share, share, given.design) for n in range(given.processes)]
        done = [job.result() for job in jobs]
    count = share * given.processes
    wall, cpu = max(one["wall"] for one in done), sum(one["cpu"] for one in done)
    report = {
        "design": given.design,
        "count": count,
        "processes": given.processes,
        "ms_each_wall": round(wall / share * 1000, 1),
        "ms_each_cpu": round(cpu / count * 1000, 1),
        "minutes_for_16000": round(wall / count * PROVINCE / 60, 1),
        "minutes_for_16000_by_cpu": round(cpu / given.processes / count * PROVINCE / 60, 1),
        "memory_mb": [[round(one["start_mb"]), round(one["end_mb"])] for one in done],
        "kb_each": round(done[0]["bytes"] / 1000, 1),
        "seconds_with_start": round(time.perf_counter() - began, 1),
    }
    print(json.dumps(report, ensure_ascii=False, indent=None if given.json else 2))


if __name__ == "__main__":
    main()
