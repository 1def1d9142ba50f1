"""People to try the platform with: invented names in real units, a year of learning, and one account for each role.

The same seed gives the same province every time. History goes in as the rows that real learning leaves behind
(enrolments, steps, completions with standings); figures are then counted from it by the project's own rebuild.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone
from tqdm import tqdm

from certificates.models import Batch, Series
from certificates.services import batch_approve, batch_propose, series_ensure_defaults
from cms.services import editor_group_ensure
from common.errors import Refusal
from common.text import fold, sort_key
from courses.models import Completion, CompletionStanding, Course, Enrolment, Step, StepCompletion
from courses.querysets import completions_under
from kpi.rollup import counted_rebuild
from lms.province import REFORM_DAY, Province, communes_now, units_bulk_create
from people.models import Audience, Membership, Role, Unit, UnitKind, User
from people.services import structures_rebuild

DEFAULT_PEOPLE = 9000
PASSWORD = "hoc-so-2026"  # shown on screen: these accounts exist only where somebody asked for a demo
DOMAIN = "demo.hocso.example"
SEED = 20261122
CHUNK = 1000

FAMILY = (
    "Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Giáp Thân Nông Vi Lăng Chu Hà Tạ"
).split()
MIDDLE = {
    "f": ["Thị", "Thị Ngọc", "Thị Thu", "Thuỳ", "Minh", "Thị Hồng", "Bích", "Thị Kim"],
    "m": ["Văn", "Đức", "Minh", "Hữu", "Quang", "Công", "Đình", "Xuân"],
}
GIVEN = {
    "f": (
        "Ánh Ngọc Ưỡng Hằng Dương Oanh Uyên Ước Thuỷ Hoà Lệ Mỵ Nhạn Quỳnh Thảo Vân Yến Ái Diễm Đào Hạnh Hiền Huệ Loan"
    ).split(),
    "m": (
        "Đức Ổn Ấn Dũng Hiếu Hùng Khởi Lượng Mạnh Nghĩa Phước Quý Sỹ Tuấn Uý Vỹ Ước Bảo Chiến Đạt Giáp Hưởng Kỷ Lực"
    ).split(),
}


@dataclass(frozen=True)
class Account:
    """A demo account: one for each role."""

    login: str
    name: str
    role: Role
    audience: str
    unit_code: str
    doing: str

    @property
    def email(self) -> str:
        return f"{self.login}@{DOMAIN}"


LED_TEAM = "TO-07210"

#: Unit codes: 24 the province, SKHCN the department, 07210 Phường Bắc Giang, LED_TEAM a team of a ward it came from.
ACCOUNTS = (
    Account(
        "nguoihoc",
        "Nguyễn Thị Ngọc Ưỡng",
        Role.LEARNER,
        "nguoi_dan",
        "07210",
        "người học: học, làm bài, nhận giấy xác nhận",
    ),
    Account(
        "totruong", "Giáp Văn Khởi", Role.TEAM_LEADER, "to_cnscd", LED_TEAM, "tổ trưởng: xem ai trong tổ đã học xong"
    ),
    Account(
        "daumoi",
        "Lê Thị Ánh",
        Role.COORDINATOR,
        "cccvc",
        "07210",
        "đầu mối đơn vị: số liệu của phường, đề nghị cấp chứng nhận",
    ),
    Account(
        "kycap",
        "Trần Đức Hiếu",
        Role.ISSUING_OFFICIAL,
        "cccvc",
        "SKHCN",
        "người ký cấp chứng nhận: duyệt, thu hồi, sổ gốc",
    ),
    Account(
        "chutri", "Vũ Thị Hằng", Role.PROVINCIAL_LEAD, "cccvc", "24", "đơn vị chủ trì cấp tỉnh: chỉ tiêu toàn tỉnh"
    ),
    Account("bientap", "Đặng Thuỳ Dương", Role.EDITOR, "cccvc", "SKHCN", "biên tập viên: soạn bài trong /cms/"),
    Account("quantri", "Bùi Quang Uý", Role.ADMINISTRATOR, "cccvc", "24", "quản trị hệ thống"),
)


@transaction.atomic
def demo_load(*, province: Province, people: int = DEFAULT_PEOPLE, progress: bool = False) -> dict[str, Any]:
    """Add demo people with their history and the demo accounts; does nothing when they are there. Returns counts.

    Raises Refusal (``demo_is_off``) unless LMS_DEMO is on: the accounts have a password that everybody knows.
    """
    if not settings.DEMO:
        raise Refusal(
            "Chỉ nạp người dùng thử khi bật chế độ dùng thử.",
            code="demo_is_off",
            fix="Đặt LMS_DEMO=1 nếu đây đúng là máy dùng thử; mật khẩu của các tài khoản này ai cũng biết.",
        )
    if User.objects.filter(email=ACCOUNTS[0].email).exists():
        return {"already_there": True}
    rng = random.Random(SEED)
    then = Unit.objects.get(code=province.then[1], valid_from=date(2022, 1, 1))
    now = Unit.objects.get(code=province.now[1], valid_from=REFORM_DAY)
    institutions = _institutions(now, then)
    structures_rebuild()
    members = _people(rng, list(_places(rng, now, then, people)))
    with tqdm(total=len(members), desc="Lịch sử học", unit=" người", disable=not progress) as bar:
        completions = sum(_history(rng, chunk, bar) for chunk in _chunks(members))
    counted_rebuild(check=False)
    accounts = _accounts()
    editor_group_ensure()
    batches = _batches(accounts)
    return institutions | {
        "people": len(members),
        "completions": completions,
        "accounts": len(accounts),
        "batches": batches,
    }


def _institutions(now: Unit, then: Unit) -> dict[str, int]:
    """A health station and a school in each of today's communes, and the provincial hospital."""
    known = set(Unit.objects.values_list("code", flat=True))
    new = []
    for commune in communes_now(now, then):
        short = commune.name.removeprefix("Xã ").removeprefix("Phường ")
        place = commune.name[0].lower() + commune.name[1:]
        wanted = [
            (f"TYT-{commune.code}", f"Trạm y tế {place}", UnitKind.HEALTH_STATION),
            (f"TH-{commune.code}", f"Trường Tiểu học {short}", UnitKind.SCHOOL),
            (f"THCS-{commune.code}", f"Trường Trung học cơ sở {short}", UnitKind.SCHOOL),
        ]
        new += [
            Unit(code=code, name=name, kind=kind, parent=commune, valid_from=REFORM_DAY)
            for code, name, kind in wanted
            if code not in known
        ]
    if "BVDK-BG" not in known:
        new.append(
            Unit(
                code="BVDK-BG",
                name="Bệnh viện Đa khoa Bắc Giang",
                kind=UnitKind.HOSPITAL,
                parent=Unit.objects.get(code="SYT", valid_to=None),
                valid_from=REFORM_DAY,
            )
        )
    units_bulk_create(new)
    counts = dict.fromkeys(("schools", "health_stations", "hospitals"), 0)
    kinds = {UnitKind.SCHOOL: "schools", UnitKind.HEALTH_STATION: "health_stations", UnitKind.HOSPITAL: "hospitals"}
    for kind in Unit.objects.filter(kind__in=kinds).values_list("kind", flat=True):
        counts[kinds[UnitKind(kind)]] += 1
    return counts


def _chunks(items: list[Any]) -> Iterator[list[Any]]:
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))


def _places(rng: random.Random, now: Unit, then: Unit, people: int) -> Iterator[tuple[Unit, str]]:
    """Where each demo person stands: (unit, audience code), in the proportions of a province's training scheme."""
    communes = communes_now(now, then)
    teams = list(Unit.objects.filter(kind=UnitKind.TEAM).order_by("code"))
    schools = list(Unit.objects.filter(kind=UnitKind.SCHOOL).order_by("code"))
    clinics = list(Unit.objects.filter(kind__in=[UnitKind.HEALTH_STATION, UnitKind.HOSPITAL]).order_by("code"))
    offices = [*communes, *communes, *Unit.objects.filter(kind=UnitKind.DEPARTMENT, valid_to=None).order_by("code")]
    shares: list[tuple[list[Unit], str, float]] = [
        (teams, "to_cnscd", 0.55),
        (communes, "nguoi_dan", 0.16),
        (schools, "giao_vien", 0.13),
        (offices, "cccvc", 0.10),
        (clinics, "y_bac_si", 0.06),
    ]
    # The team whose leader has a demo account is full, so that there is somebody to look after.
    yield from ((Unit.objects.get(code=LED_TEAM), "to_cnscd") for _ in range(8))
    for units, audience, share in shares:
        for index in range(int(people * share)):
            # Round-robin fills every unit; the rest falls as it may.
            yield (units[index % len(units)] if index < 3 * len(units) else rng.choice(units)), audience


def _name(rng: random.Random) -> str:
    sex = rng.choice("fm")
    return f"{rng.choice(FAMILY)} {rng.choice(MIDDLE[sex])} {rng.choice(GIVEN[sex])}"


def _people(rng: random.Random, places: list[tuple[Unit, str]]) -> list[Membership]:
    """Create a person and a membership for each place; return the memberships."""
    audiences = {a.code: a for a in Audience.objects.all()}
    no_password = make_password(None)
    led: set[int] = {Unit.objects.get(code=LED_TEAM).pk}  # its leader is one of the accounts
    memberships = []
    users = []
    for number, (unit, audience) in enumerate(places, start=1):
        name = _name(rng)
        user = User(
            full_name=name,
            sort_key=sort_key(name),
            search_key=fold(name),
            # 0570… is not given out to anybody, so no demo message can reach a real phone.
            phone=f"+84570{number:06d}",
            birth_date=date(rng.randint(1956, 2004), rng.randint(1, 12), rng.randint(1, 28)),
            password=no_password,
        )
        leads = unit.kind == UnitKind.TEAM and unit.pk not in led
        led.add(unit.pk)
        users.append(user)
        memberships.append(
            Membership(
                user=user,
                unit=unit,
                audience=audiences[audience],
                role=Role.TEAM_LEADER if leads else Role.LEARNER,
                title="Tổ trưởng" if leads else "",
                is_main=True,
                valid_from=max(unit.valid_from, date(2024, 1, 1)),
            )
        )
    User.objects.bulk_create(users, batch_size=CHUNK)
    Membership.objects.bulk_create(memberships, batch_size=CHUNK)
    return memberships


def _course_for(audience: str, courses: dict[str, Course]) -> Course:
    slug = {
        "y_bac_si": "ho-so-suc-khoe-dien-tu-tram-y-te-xa",
        "giao_vien": "day-hoc-tren-nen-tang-so",
    }.get(audience, "5-ky-nang-so-co-ban")
    return courses[slug]


@dataclass(frozen=True)
class _Learning:
    """What one demo person did with one course."""

    membership: Membership
    enrolment: Enrolment
    end: datetime
    finished: bool


def _history(rng: random.Random, memberships: list[Membership], bar: Any) -> int:
    """Give people of these memberships a course each: many finished, some half-way, some not begun."""
    courses = {c.slug: c for c in Course.objects.prefetch_related("steps")}
    steps = {c.pk: [s for s in c.steps.all() if s.is_active and s.required] for c in courses.values()}
    learnt = list(_learnings(rng, memberships, courses, bar))
    Enrolment.objects.bulk_create([learning.enrolment for learning in learnt], batch_size=CHUNK)
    done, completions, standings = [], [], []
    for learning in learnt:
        todo = steps[learning.enrolment.course_id]
        part = todo if learning.finished else todo[: rng.randint(1, len(todo) - 1)]
        score = Decimal(rng.choice([80, 80, 90, 90, 100]))
        done += _steps_done(learning, part, score)
        if learning.finished:
            completions.append(_completion(learning.enrolment, learning.end, score))
            standings.append(_standing(completions[-1], learning.membership))
    StepCompletion.objects.bulk_create(done, batch_size=CHUNK)
    Completion.objects.bulk_create(completions, batch_size=CHUNK)
    CompletionStanding.objects.bulk_create(standings, batch_size=CHUNK)
    return len(completions)


def _learnings(
    rng: random.Random, memberships: list[Membership], courses: dict[str, Course], bar: Any
) -> Iterator[_Learning]:
    """Who began a course and when they ended; units differ in their zeal."""
    zeal = {unit: random.Random(f"{SEED}-{unit}").uniform(0.25, 0.9) for unit in {m.unit_id for m in memberships}}
    for membership in memberships:
        bar.update()
        if rng.random() > zeal[membership.unit_id] + 0.1:
            continue
        end = _some_moment(rng, membership.valid_from)
        enrolment = Enrolment(
            user=membership.user,
            course=_course_for(membership.audience.code, courses),
            started_at=end - timedelta(days=6),
            last_seen_at=end,
        )
        yield _Learning(membership, enrolment, end, finished=rng.random() < zeal[membership.unit_id] + 0.15)


def _steps_done(learning: _Learning, part: list[Step], score: Decimal) -> list[StepCompletion]:
    return [
        StepCompletion(
            enrolment=learning.enrolment,
            step=step,
            completed_at=learning.end - timedelta(hours=len(part) - place),
            score=score if step.kind == "quiz" else None,
        )
        for place, step in enumerate(part, start=1)
    ]


def _standing(completion: Completion, membership: Membership) -> CompletionStanding:
    return CompletionStanding(completion=completion, unit=membership.unit, audience=membership.audience, is_main=True)


def _some_moment(rng: random.Random, since: date) -> datetime:
    """A moment between January of last year (or ``since``) and yesterday, mostly this year, in waking hours."""
    today = timezone.localdate()
    first = max(since, date(today.year - 1, 1, 1) if rng.random() < 0.25 else date(today.year, 1, 5))
    day = first + timedelta(days=rng.randrange(max(1, (today - first).days)))
    moment = datetime(day.year, day.month, day.day, rng.randint(6, 21), rng.randint(0, 59))
    return timezone.make_aware(moment)


def _completion(enrolment: Enrolment, at: datetime, score: Decimal) -> Completion:
    return Completion(
        enrolment=enrolment,
        user=enrolment.user,
        course=enrolment.course,
        completed_at=at,
        learner_name=enrolment.user.full_name,
        learner_birth_date=enrolment.user.birth_date,
        course_title=enrolment.course.title,
        course_revision=enrolment.course.revision,
        course_hours=enrolment.course.hours,
        score=score,
    )


def _accounts() -> dict[str, User]:
    """One account for each role, with a verified e-mail and the shown password."""
    audiences = {a.code: a for a in Audience.objects.all()}
    found: dict[str, User] = {}
    for account in ACCOUNTS:
        unit = Unit.objects.filter(code=account.unit_code).order_by("-valid_from")[0]
        administrator = account.role == Role.ADMINISTRATOR
        user = User.objects.create_user(
            full_name=account.name,
            password=PASSWORD,
            email=account.email,
            birth_date=date(1969, 5, 17),
            is_staff=administrator,
            is_superuser=administrator,
        )
        EmailAddress.objects.create(user=user, email=account.email, verified=True, primary=True)
        Membership.objects.create(
            user=user,
            unit=unit,
            audience=audiences[account.audience],
            role=account.role,
            title=account.doing.split(":")[0].capitalize(),
            is_main=True,
            valid_from=max(unit.valid_from, date(2025, 7, 1)),
        )
        found[account.login] = user
    return found


def _batches(accounts: dict[str, User]) -> int:
    """One list already issued and one waiting for the official, both through the real services."""
    course = Course.objects.get(slug="5-ky-nang-so-co-ban")
    series_ensure_defaults(
        unit=Unit.objects.get(code="SKHCN", valid_to=None),
        signer_name=accounts["kycap"].full_name,
        signer_title="Phó Giám đốc",
        place="Bắc Ninh",
    )
    series = Series.objects.get(is_automatic=False)
    ward = Unit.objects.get(code="07210", valid_from=REFORM_DAY)
    people = list(completions_under(unit=ward, course=course).order_by("completed_at", "pk"))
    halves = [people[:10], people[10:30]]
    made = 0
    for part, completions in enumerate(half for half in halves if half):
        batch: Batch = batch_propose(
            proposer=accounts["daumoi"],
            series=series,
            course=course,
            unit=ward,
            title=f"Tổ công nghệ số cộng đồng {ward.name}, đợt {part + 1} năm {timezone.localdate().year}",
            completions=completions,
        )
        if part == 0:
            batch_approve(
                batch=batch,
                approver=accounts["kycap"],
                decision_number="412/QĐ-SKHCN",
                decision_date=timezone.localdate(),
            )
        made += 1
    return made
