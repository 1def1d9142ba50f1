"""Decisions, indicators and targets for tests."""

from __future__ import annotations

from datetime import date
from typing import Any

import factory
from django.utils import timezone

from kpi.models import (
    Closing,
    CountingKind,
    Decision,
    Declaration,
    DeclarationState,
    Indicator,
    Measure,
    Period,
    Programme,
    Recurrence,
    Target,
)
from people.models import Structure
from tests.factories.people import UserFactory


class DecisionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Decision
        django_get_or_create = ("code",)

    code = "BG23"
    title = "Đề án đào tạo nhân lực chuyển đổi số (12/2023)"
    province = "Bắc Giang"
    source = "000.txt"


class IndicatorFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Indicator
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"BG23-T{n}")
    decision = factory.SubFactory(DecisionFactory)
    text = "100% người dân được đào tạo hằng năm"
    metric_kind = "percentage"
    measure = Measure.PLATFORM
    recurrence = Recurrence.YEARLY
    base_year = 2023
    counts = True
    counting = CountingKind.COMPLETED
    quote = "được tham gia đào tạo"
    source = "000.txt"

    @factory.post_generation
    def audiences(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        if create and extracted:
            self.audiences.set(extracted)

    @factory.post_generation
    def courses(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        if create and extracted:
            self.courses.set(extracted)

    @factory.post_generation
    def series(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        if create and extracted:
            self.series.set(extracted)


class ClosingFactory(factory.django.DjangoModelFactory):
    """A closing as a row, without its figures: what only asks which days were reported."""

    class Meta:
        model = Closing

    structure = factory.LazyFunction(lambda: Structure.objects.order_by("valid_from").last())
    period = Period.DAY
    year = 2026
    until = date(2026, 6, 30)
    closed_at = factory.LazyFunction(timezone.now)
    figures_count = 0
    checksum = "0" * 64


class DeclarationFactory(factory.django.DjangoModelFactory):
    """An approved value of a unit."""

    class Meta:
        model = Declaration

    year = 2026
    until = date(2026, 6, 30)
    value = 1
    state = DeclarationState.APPROVED
    declared_by = factory.SubFactory(UserFactory)
    decided_at = factory.LazyFunction(timezone.now)


class ProgrammeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Programme
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"BG23-P{n}")
    decision = factory.SubFactory(DecisionFactory)
    title = "Phổ cập kỹ năng số"
    year_from, year_to, recurrence = 2024, 2030, "yearly"
    quote = "Số lượng đào tạo: 31 cán bộ."

    @factory.post_generation
    def audiences(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        if create and extracted:
            self.audiences.set(extracted)

    @factory.post_generation
    def courses(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        if create and extracted:
            self.courses.set(extracted)


class TargetFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Target

    indicator = factory.SubFactory(IndicatorFactory)
    year = 2030
    value = 100
    measured_in = "%"
    comparator = "="
