"""An uploaded table of head-counts, kept privately between the look at it and the go-ahead; for its sender alone."""

from __future__ import annotations

from datetime import timedelta
from typing import BinaryIO, cast
from uuid import uuid4

from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from common.errors import Refusal
from common.models import private_storage
from common.sheets import MAX_BYTES, MB
from kpi.population_sheet import Plan, plan_of
from people.models import User

FOLDER = "kpi/populations"
KEPT = timedelta(days=1)


def file_keep(upload: UploadedFile, *, owner: User) -> str:
    """Keep an upload; returns the name by which its sender finds it again. What nobody took over for a day goes."""
    if (upload.size or 0) > MAX_BYTES:
        raise Refusal(f"Tệp nặng hơn {MAX_BYTES // MB} MB.", code="too_large", fix="Chia thành nhiều tệp nhỏ hơn.")
    _forget()
    name = uuid4().hex
    private_storage().save(_path(name, owner), upload)
    return name


def file_plan(name: str, *, owner: User) -> Plan:
    """What a kept file would do. Raises Refusal ``file_gone``, or why it cannot be read."""
    storage = private_storage()
    if not name.isalnum() or not storage.exists(_path(name, owner)):
        raise Refusal("Tệp này không còn nữa.", code="file_gone", fix="Gửi lại tệp.", status=404)
    with storage.open(_path(name, owner), "rb") as file:
        return plan_of(cast(BinaryIO, file), actor=owner)


def file_drop(name: str, *, owner: User) -> None:
    """The file was taken over."""
    private_storage().delete(_path(name, owner))


def _path(name: str, owner: User) -> str:
    return f"{FOLDER}/{owner.uuid.hex}-{name}"


def _forget() -> None:
    storage, limit = private_storage(), timezone.now() - KEPT
    for name in storage.listdir(FOLDER)[1] if storage.exists(FOLDER) else []:
        if storage.get_modified_time(f"{FOLDER}/{name}") < limit:
            storage.delete(f"{FOLDER}/{name}")
