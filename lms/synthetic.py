"""A province of any size to measure on: people with memberships, and what they finished, written by the database.

Nothing travels through Python: each portion is a few ``INSERT … SELECT`` whose values follow from the number of the row
and the seed, the same on both databases. The facts are complete (enrolment, completion, standings); nothing is counted
yet: that is what ``kpi_rebuild`` does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any
from uuid import uuid4

from django.core.management.color import no_style
from django.db import connection, models, transaction

from common.database import statistics_refresh
from common.errors import Refusal
from common.text import fold, search_key, sort_key
from courses.models import Completion, CompletionStanding, Course, Enrolment, Level
from lms.demo.people import FAMILY, GIVEN, MIDDLE
from people.models import CITIZEN, COMMUNE_KINDS, Audience, Membership, Unit, UnitKind, User

Progress = Callable[[int, int], object]
Insert = tuple[type[models.Model], Mapping[str, str], str]

COURSES = 40
PORTION = 20_000  # people in one transaction
#: Of a thousand people so many stand in an office, and so many in a community team, besides in their commune.
OFFICIALS, TEAM_MEMBERS = 50, 16


@dataclass(frozen=True)
class Synthesized:
    """What was written."""

    people: int
    memberships: int
    completions: int
    standings: int


def province_synthesize(
    *, people: int, completions: int, seed: int = 1, progress: Progress | None = None
) -> dict[str, int]:
    """Write ``people`` with ``completions`` among them, 2023 to 2026, into the units of the loaded province.

    Refused (``not_empty``) where somebody has finished anything, and (``no_units``) before a province is loaded.
    """
    _check(people, completions)
    writer = _Writer(seed=seed, each=max(1, completions // people))
    with writer.prepared():
        for low in range(0, people, PORTION):
            with transaction.atomic():
                writer.write(low, min(low + PORTION, people))
            if progress:
                progress(min(low + PORTION, people), people)
    statistics_refresh(User, Membership, Enrolment, Completion, CompletionStanding)
    done = Synthesized(
        people=people,
        memberships=Membership.objects.filter(user_id__gt=writer.base).count(),
        completions=Completion.objects.count(),
        standings=CompletionStanding.objects.count(),
    )
    return asdict(done)


def _check(people: int, completions: int) -> None:
    if people < 1 or completions < people or completions // people > COURSES:
        raise Refusal(
            f"Số lượt hoàn thành phải từ {people} đến {people * COURSES}.",
            code="bad_size",
            fix=f"Mỗi người hoàn thành từ 1 đến {COURSES} khoá: sửa --people hoặc --completions.",
        )
    if Completion.objects.exists():
        raise Refusal(
            "Cơ sở dữ liệu này đã có kết quả học của người thật hoặc người dùng thử.",
            code="not_empty",
            fix="Chỉ dùng lệnh này trên một cơ sở dữ liệu riêng để đo, vừa nạp xong một tỉnh.",
        )
    if not Unit.objects.filter(kind__in=COMMUNE_KINDS, valid_to=None).exists():
        raise Refusal("Chưa có xã, phường nào.", code="no_units", fix="Nạp một tỉnh trước: manage.py load_province.")


class _Writer:
    """Writes portions of people. ``base``: everything written has an id above it."""

    def __init__(self, *, seed: int, each: int) -> None:
        self.seed, self.each = seed, each
        self.is_postgresql = connection.vendor == "postgresql"
        tables = (User, Membership, Enrolment, Completion, CompletionStanding)
        highest = [model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0 for model in tables]
        self.base = max(highest)
        self.citizen, self.official, self.member = (
            Audience.objects.get(code=code).pk for code in (CITIZEN, "cccvc", "to_cnscd")
        )

    # --- What rows are chosen from -----------------------------------------------------------------------------
    @contextmanager
    def prepared(self) -> Iterator[None]:
        """The lists that rows are chosen from, as tables of this session; sequences are set right in the end."""
        names = [
            (" ".join(parts), gender)
            for gender in ("f", "m")
            for parts in product(FAMILY, MIDDLE[gender], GIVEN[gender])
        ]
        standing = Unit.objects.filter(valid_to=None).order_by("pk")
        self.names = self._list("names", [(n, sort_key(n), fold(n), g) for n, g in names], "name, sort, key, gender")
        self.communes = self._list("communes", standing.filter(kind__in=COMMUNE_KINDS).values_list("pk"), "unit")
        self.offices = self._list("offices", standing.filter(kind=UnitKind.DEPARTMENT).values_list("pk"), "unit")
        self.teams = self._list("teams", standing.filter(kind=UnitKind.TEAM).values_list("pk"), "unit")
        shown = [(c.pk, c.title, str(c.hours), c.level) for c in _courses()]
        self.courses = self._list("courses", shown, "course, title, hours, level")
        with self._unchecked():
            yield
        tables = [User, Membership, Enrolment, Completion, CompletionStanding]
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), tables):
                cursor.execute(statement)

    def _list(self, name: str, rows: Any, columns: str) -> str:
        """A numbered list in a table of this session; returns what stands for its length in SQL."""
        rows = [(number, *row) for number, row in enumerate(rows)]
        kinds = ["k integer", *(f"{column} {self._kind(column)}" for column in columns.split(", "))]
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMPORARY TABLE syn_{name} ({', '.join(kinds)})")
            marks = ", ".join(["%s"] * len(kinds))
            cursor.executemany(f"INSERT INTO syn_{name} VALUES ({marks})", rows)  # noqa: S608
            cursor.execute(f"CREATE INDEX syn_{name}_k ON syn_{name} (k)")
        return str(len(rows))

    @staticmethod
    def _kind(column: str) -> str:
        return {"unit": "bigint", "course": "bigint", "hours": "numeric(5, 1)"}.get(column, "text")

    @contextmanager
    def _unchecked(self) -> Iterator[None]:
        """Without looking up each reference, where the database lets us: all of them were just taken from its lists."""
        with connection.cursor() as cursor:
            if self.is_postgresql:
                cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
                if cursor.fetchone()[0]:
                    cursor.execute("SET session_replication_role = replica")
            yield
            if self.is_postgresql:
                cursor.execute("SET session_replication_role = DEFAULT")

    # --- A portion ---------------------------------------------------------------------------------------------
    def write(self, low: int, high: int) -> None:
        """The people with numbers from ``low`` to below ``high``, and all that is theirs."""
        wanted: list[Insert] = [(User, *self._people()), *self._memberships()]
        wanted += [(Enrolment, *self._enrolments()), (Completion, *self._completions()), *self._standings()]
        with connection.cursor() as cursor:
            for model, columns, source in wanted:
                cursor.execute(self._insert(model, columns, source), {"low": low, "high": high})

    def _insert(self, model: type[models.Model], columns: Mapping[str, str], source: str) -> str:
        """``INSERT … SELECT`` of the named columns. Of the others those that may be empty stay empty; what must be said
        and was forgotten is an error here already."""
        columns = {**_left_empty(model), **columns}
        needed = {str(f.column) for f in model._meta.concrete_fields if not f.null}
        if missing := needed - set(columns):
            raise LookupError(f"{model.__name__}: no value for {sorted(missing)}")
        names, values = ", ".join(columns), ", ".join(columns.values())
        table = model._meta.db_table
        return f"{self._numbers()} INSERT INTO {table} ({names}) SELECT {values} FROM {source}"  # noqa: S608

    def _numbers(self) -> str:
        """``p``: the people of the portion by number; ``c``: each with each of their completions."""
        if self.is_postgresql:
            people = "p(i) AS (SELECT generate_series(%(low)s, %(high)s - 1)::bigint)"
            turns = f"t(j) AS (SELECT generate_series(0, {self.each - 1})::bigint)"
        else:
            people = "p(i) AS (SELECT %(low)s UNION ALL SELECT i + 1 FROM p WHERE i + 1 < %(high)s)"
            turns = f"t(j) AS (SELECT 0 UNION ALL SELECT j + 1 FROM t WHERE j + 1 < {self.each})"
        return f"WITH RECURSIVE {people}, {turns}, c(i, j) AS (SELECT i, j FROM p CROSS JOIN t)"

    def _chance(self, number: str, salt: int) -> str:
        """A number from 0 to 16,777,215 that looks like chance, and is the same for the same row and seed."""
        return f"((({number}) * 31 + {salt}) * 2654435761 + {self.seed} * 40503) %% 4294967296 / 256"

    def _of(self, number: str, salt: int, length: str) -> str:
        return f"({self._chance(number, salt)}) %% {length}"

    def _uuid(self) -> str:
        return "gen_random_uuid()" if self.is_postgresql else "lower(hex(randomblob(16)))"

    def _day(self, first: str, days: str) -> str:
        if self.is_postgresql:
            return f"(DATE '{first}' + ({days})::int)"
        return f"date('{first}', '+' || ({days}) || ' days')"

    def _moment(self, first: str, minutes: str) -> str:
        if self.is_postgresql:
            return f"(TIMESTAMPTZ '{first} 00:00:00+00' + ({minutes}) * INTERVAL '1 minute')"
        return f"datetime('{first}', '+' || ({minutes}) || ' minutes')"

    # --- What rows say -----------------------------------------------------------------------------------------
    def _people(self) -> tuple[dict[str, str], str]:
        columns = {
            "id": f"{self.base} + 1 + p.i",
            "password": "'!'",
            "is_superuser": "FALSE",
            "uuid": self._uuid(),
            "full_name": "n.name",
            "sort_key": "n.sort",
            "search_key": "n.key",
            "email": "'p' || p.i || '@tong-hop.example'",
            "phone_verified": "FALSE",
            "birth_date": self._day("1950-01-01", self._of("p.i", 3, "21000")),
            "gender": "CASE n.gender WHEN 'f' THEN 'female' ELSE 'male' END",
            "is_staff": "FALSE",
            "is_active": "TRUE",
            "date_joined": self._moment("2023-01-01", "p.i %% 500000"),
        }
        return columns, f"p JOIN syn_names AS n ON n.k = {self._of('p.i', 1, self.names)}"

    def _memberships(self) -> Iterator[Insert]:
        """Everybody in a commune; some in an office or a team as well, which then is their main place."""
        commune = f"p JOIN syn_communes AS u ON u.k = {self._of('p.i', 2, self.communes)}"
        office = f"p JOIN syn_offices AS u ON u.k = {self._of('p.i', 4, self.offices)} AND {self._is_official('p.i')}"
        team = f"p JOIN syn_teams AS u ON u.k = {self._of('p.i', 5, self.teams)} AND {self._is_member('p.i')}"
        only = f"NOT ({self._is_official('p.i')} OR {self._is_member('p.i')})"
        for turn, (audience, main, source) in enumerate(
            ((self.citizen, only, commune), (self.official, "TRUE", office), (self.member, "TRUE", team))
        ):
            yield (
                Membership,
                {
                    "id": f"{self.base} + 1 + p.i * 3 + {turn}",
                    "uuid": self._uuid(),
                    "user_id": f"{self.base} + 1 + p.i",
                    "unit_id": "u.unit",
                    "audience_id": str(audience),
                    "role": "'learner'",
                    "is_main": main,
                    "valid_from": "DATE '2023-01-01'" if self.is_postgresql else "'2023-01-01'",
                },
                source,
            )

    @staticmethod
    def _is_official(number: str) -> str:
        return f"({number} %% 1000 < {OFFICIALS})"

    @staticmethod
    def _is_member(number: str) -> str:
        return f"({number} %% 1000 >= {OFFICIALS} AND {number} %% 1000 < {OFFICIALS + TEAM_MEMBERS})"

    def _row(self) -> str:
        """The id of the enrolment and of the completion of a turn."""
        return f"{self.base} + 1 + c.i * {self.each} + c.j"

    def _at(self) -> str:
        """Somewhere in 2023 to 2026, up to the middle of November: later turns in later years."""
        span = 60 * 24 * 1415
        return self._moment(
            "2023-01-02", f"c.j * {span // self.each} + {self._of('c.i * 64 + c.j', 6, str(span // self.each))}"
        )

    def _enrolments(self) -> tuple[dict[str, str], str]:
        columns = {
            "id": self._row(),
            "uuid": self._uuid(),
            "user_id": f"{self.base} + 1 + c.i",
            "course_id": "k.course",
            "round": "1",
            "started_at": self._at(),
            "last_seen_at": self._at(),
        }
        return columns, f"c JOIN syn_courses AS k ON k.k = ({self._chance('c.i', 7)} + c.j) %% {self.courses}"

    def _completions(self) -> tuple[dict[str, str], str]:
        columns = {
            "id": self._row(),
            "uuid": self._uuid(),
            "enrolment_id": self._row(),
            "user_id": f"{self.base} + 1 + c.i",
            "course_id": "k.course",
            "completed_at": self._at(),
            "learner_name": "n.name",
            "course_title": "k.title",
            "course_revision": "1",
            "course_hours": "k.hours",
            "course_level": "k.level",
            "score": f"50 + {self._of('c.i * 64 + c.j', 8, '51')}",
        }
        names = f"JOIN syn_names AS n ON n.k = {self._of('c.i', 1, self.names)}"
        courses = f"c JOIN syn_courses AS k ON k.k = ({self._chance('c.i', 7)} + c.j) %% {self.courses}"
        return columns, f"{courses} {names}"

    def _standings(self) -> Iterator[Insert]:
        """As the memberships say, which nobody of these changed."""
        for turn, audience in enumerate((self.citizen, self.official, self.member)):
            place = f"m.id = {self.base} + 1 + c.i * 3 + {turn}"
            if turn:
                place += f" AND ({self._is_official('c.i')} OR {self._is_member('c.i')})"
            yield (
                CompletionStanding,
                {
                    "id": f"({self._row()}) * 3 + {turn}",
                    "completion_id": self._row(),
                    "unit_id": "m.unit_id",
                    "audience_id": str(audience),
                    "is_main": "m.is_main",
                },
                f"c JOIN {Membership._meta.db_table} AS m ON {place}",
            )


def _left_empty(model: type[models.Model]) -> dict[str, str]:
    """What stands in the columns of texts and lists that nobody has to fill: ``""`` and ``[]``."""
    may_be = [field for field in model._meta.concrete_fields if field.blank and not field.null]
    texts = {str(field.column): "''" for field in may_be if isinstance(field, models.CharField | models.TextField)}
    lists = {str(field.column): "'[]'" for field in may_be if isinstance(field, models.JSONField)}
    return {**texts, **lists}


def _courses() -> list[Course]:
    """The courses of the province, filled up to so many with some that are only to be finished."""
    there = list(Course.objects.order_by("pk"))
    made = []
    for number in range(len(there), COURSES):
        title = f"Khoá học tổng hợp {number}"
        made.append(
            Course(
                key=uuid4(),
                slug=f"tong-hop-{number}",
                code=f"TH-{number}",
                title=title,
                summary=title,
                path=f"/khoa-hoc/tong-hop-{number}/",
                level=Level.BASIC if number % 2 else Level.PROFICIENT,
                hours=2 + number % 6,
                title_key=search_key(title),
                search_key=search_key(title),
            )
        )
    return there[:COURSES] + Course.objects.bulk_create(made)
