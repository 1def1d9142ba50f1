"""A unit's own export, brought back, changes nothing: whatever people and units are called."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from people.models import Gender, Membership, Role, UnitKind, User
from people.rosters import exports
from people.services import structures_rebuild
from tests.factories.people import AudienceFactory, UnitFactory, UserFactory
from tests.factories.rosters import applied, checked
from tests.lanes import draws

pytestmark = pytest.mark.slow

_letters = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cf", "Co", "Cn"))
_names = st.one_of(
    st.sampled_from(
        [
            "Nguyễn Thị Ngọc Ưỡng",
            "H'Hen Niê",
            "=cmd|'/c calc'!A1",
            "+84 912 345 678",
            "-Trần",
            "@SUM(1)",
            "'=Lê",
            "Hoà",
            "Hòa",
            "NGUYỄN VĂN AN",
            "Tổng cộng",
            "Nguyễn Văn 2",
            "(1)",
            'Lê "Bé" Ba',
            "Phạm, Văn; B",
            "_x0041_",
            "#N/A",
            "1969",
            "TRUE",
        ]
    ),
    st.text(_letters, min_size=1, max_size=40).filter(lambda text: text.strip()),
)
_days = st.dates(date(1950, 1, 1), date(2010, 1, 1))
_phones = st.integers(0, 9_999_999).map(lambda n: f"+8491{n:07d}")
_people = st.fixed_dictionaries(
    {
        "full_name": _names,
        "birth_date": st.none() | _days,
        "gender": st.sampled_from(["", *Gender.values]),
        "phone": st.none() | _phones,
        "email": st.none() | st.integers(0, 10**6).map(lambda n: f"u{n}@x.vn"),
        "staff_code": st.none() | st.sampled_from(["=1+1", "CB 01", "007", "1e5", "-5", "Đ.12", "01/02"]),
        "claimed": st.booleans(),
        "shares": st.booleans(),
    }
)
_memberships = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from(Role.values),
        st.integers(0, 2),
        st.sampled_from(["", "Tổ phó", "=HYPERLINK(1)", "'-x", "Chuyên viên"]),
        st.dates(date(2025, 7, 1), date(2026, 11, 1)),
        st.none() | st.integers(400, 900),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda m: m[:3],
)


@pytest.mark.parametrize("form", ["xlsx", "csv"])
@given(data=st.lists(st.tuples(_people, _memberships), min_size=1, max_size=6), whole=st.booleans())
@settings(max_examples=draws(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_export_brought_back_changes_nothing(province, lead, form, data, whole):
    with transaction.atomic():
        _fill(data, _units(province), [province.staff, province.team, AudienceFactory(code="gv", name="=Giáo viên")])
        before = _all()
        write = exports.roster_csv if form == "csv" else exports.roster_file
        content = write(unit=province.root, viewer=lead)
        roster = checked(content, by=lead, unit=province.root, name=f"x.{form}", whole_unit=whole)
        told = roster.rows.exclude(outcome="unchanged").values_list("cells", "problems", "changes", "candidates")
        assert not list(told)
        applied(roster, lead)
        assert _all() == before
        transaction.set_rollback(True)


def _units(province):
    more = [
        UnitFactory(code="07246-T1", name="=Tổ số 1, thôn Chùa", kind=UnitKind.TEAM, parent=province.north),
        UnitFactory(code="07288-T1", name="=Tổ số 1, thôn Chùa", kind=UnitKind.TEAM, parent=province.south),
        UnitFactory(code="+9", name="07246", kind=UnitKind.SCHOOL, parent=province.south),
    ]
    structures_rebuild()
    return [province.north, *more]


def _fill(data, units, audiences):
    used = {"phone": set(), "email": set(), "staff_code": set()}
    for person, memberships in data:
        fields = {name: value for name, value in person.items() if name not in ("claimed", "shares")}
        for name, taken in used.items():
            if fields[name] is None:
                continue
            if fields[name] in taken:
                if name == "phone":
                    fields["contact_phone"] = fields[name]
                fields[name] = None
            taken.add(fields[name])
        user = UserFactory(**fields)
        for unit, role, audience, title, since, days in memberships:
            Membership.objects.create(
                user=user,
                unit=units[unit],
                role=role,
                audience=audiences[audience],
                title=title,
                valid_from=since,
                valid_to=date(2026, 11, 22) + timedelta(days=days) if days else None,
            )


def _all():
    people = "full_name birth_date gender phone contact_phone email staff_code claimed_at".split()
    return (
        list(User.objects.order_by("pk").values_list("pk", *people)),
        list(Membership.objects.order_by("pk").values_list()),
    )
