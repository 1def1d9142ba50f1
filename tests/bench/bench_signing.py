"""Milliseconds and memory of signing and checking certificates in one process, with a key of each kind.

    python -m tests.bench.bench_signing [--files 1000] [--json]

Signs a real certificate of ours again and again; every file must begin with the original, and the last must be valid.
Budget: 60 ms of processor time for a signature, and memory flat: 5 MB more at most between the
hundredth file and the last.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

BUDGET_MS, BUDGET_GROWTH_MB, SETTLED = 60, 5, 100


def resident_mb() -> float:
    with open("/proc/self/statm", encoding="ascii") as status:
        return int(status.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024 / 1024


def timed(work: Callable[[], object], times: int) -> float:
    """Processor time of one run, in milliseconds."""
    begun = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - begun) / times * 1000


def measure(kind: Any, files: int) -> dict[str, Any]:
    from django.utils import timezone

    from certificates.rendering import certificate_pdf
    from certificates.signing.local import LocalSigner
    from certificates.signing.trial_keys import trial_key, trial_root
    from certificates.signing.trust import TrustStore
    from certificates.signing.verifying import signature_check
    from tests.certificates.test_files import frozen

    now = timezone.now()
    root = trial_root(begins=now - timedelta(days=1), days=3650)
    key = trial_key(root, name="Trần Đức Hiếu", begins=now - timedelta(days=1), days=365, kind=kind)
    signer, trust, pdf = LocalSigner(key), TrustStore((root.certificate,)), certificate_pdf(frozen())

    def sign_one() -> bytes:
        signed = signer.sign(pdf, reason="Cấp giấy chứng nhận", location="Bắc Ninh", name="Trần Đức Hiếu")
        if not signed.startswith(pdf):
            raise RuntimeError("The signed file does not begin with the original.")
        return signed

    first = timed(sign_one, SETTLED)
    settled, begun = resident_mb(), time.monotonic()
    each = timed(sign_one, files - SETTLED)
    wall = (time.monotonic() - begun) / (files - SETTLED) * 1000
    growth = resident_mb() - settled
    signed = sign_one()
    check = timed(lambda: signature_check(signed, trust=trust, original=pdf), files // 100)
    if not signature_check(signed, trust=trust, original=pdf).ok:
        raise RuntimeError("The signed file is not valid.")
    figures = {"key": kind, "files": files, "first_ms": first, "cpu_ms": each, "wall_ms": wall, "check_ms": check}
    figures |= {"added_bytes": len(signed) - len(pdf), "resident_mb": settled, "growth_mb": growth}
    within = each <= BUDGET_MS and growth <= BUDGET_GROWTH_MB
    rounded = {name: round(value, 1) if isinstance(value, float) else value for name, value in figures.items()}
    return rounded | {"verdict": "within" if within else "OVER"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.test")
    import django

    django.setup()
    found = [measure(kind, max(options.files, 2 * SETTLED)) for kind in ("ec", "rsa")]
    for one in found:
        if options.json:
            print(json.dumps(one))
            continue
        print(
            f"{one['key']:<4} {one['files']:,} files: {one['cpu_ms']} ms each ({one['wall_ms']} ms on the wall),"
            f" check {one['check_ms']} ms, {one['added_bytes']} bytes added,"
            f" {one['resident_mb']} MB and {one['growth_mb']:+} MB: {one['verdict']}"
        )
    sys.exit(any(one["verdict"] == "OVER" for one in found))


if __name__ == "__main__":
    main()
