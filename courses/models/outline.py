"""What there is to learn: a course, its modules and its steps, as they were published."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.models import PublicModel
from common.text import search_key
from courses.models.frameworks import Competence
from courses.querysets import CourseQuerySet
from people.models import Audience


class Topic(models.Model):
    """A curriculum topic that decisions name; loaded from ``content_topics.yaml`` with its source and quote."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=250)
    group = models.CharField(max_length=120)
    audiences = models.ManyToManyField(Audience, related_name="topics")
    source = models.CharField(max_length=120, blank=True)
    quote = models.TextField(blank=True)

    class Meta:
        ordering = ["code"]
        verbose_name = _("chủ đề")
        verbose_name_plural = _("chủ đề")

    def __str__(self) -> str:
        return self.name


class Level(models.TextChoices):
    BASIC = "co_ban", _("Cơ bản")
    PROFICIENT = "thanh_thao", _("Thành thạo")


class Course(PublicModel):
    """A course as published: its outline is carried here from the editors' pages and counted from here.

    ``key`` identifies the course across editions of its page; ``revision`` grows when the outline changes.
    ``valid_months``: how long a completion holds (empty: for good). ``yearly_refresh``: to be learnt anew every
    calendar year. The three ``is_…`` say what helps whom, and are worked out from the lessons at each publishing.
    """

    key = models.UUIDField(unique=True)
    slug = models.SlugField(max_length=120, unique=True)
    code = models.CharField(_("Mã khoá học"), max_length=30, unique=True)
    title = models.CharField(_("Tên khoá học"), max_length=200)
    summary = models.CharField(_("Học xong làm được gì"), max_length=300)
    path = models.CharField(max_length=300, help_text="Where the course is read, from the root of the site")
    level = models.CharField(_("Mức"), max_length=20, choices=Level, default=Level.BASIC)
    hours = models.DecimalField(_("Số giờ học"), max_digits=5, decimal_places=1)
    minutes = models.PositiveSmallIntegerField(default=0, help_text="Sum of the steps' minutes")
    language = models.CharField(_("Ngôn ngữ"), max_length=10, default="vi", help_text="BCP 47 tag")
    audiences = models.ManyToManyField(Audience, related_name="courses")
    topics = models.ManyToManyField(Topic, related_name="courses", blank=True)
    competences = models.ManyToManyField(Competence, related_name="courses", blank=True)
    prerequisites = models.ManyToManyField("self", symmetrical=False, related_name="prerequisite_of", blank=True)
    automatic_confirmation = models.BooleanField(_("Tự cấp giấy xác nhận hoàn thành"), default=True)
    valid_months = models.PositiveSmallIntegerField(_("Có giá trị trong (tháng)"), null=True, blank=True)
    yearly_refresh = models.BooleanField(_("Học lại mỗi năm"), default=False)
    is_captioned = models.BooleanField(default=False, help_text="It has video, and all of it has captions")
    is_narrated = models.BooleanField(default=False, help_text="Every lesson can be listened to")
    is_light = models.BooleanField(default=False, help_text="Nothing in it needs video or sound: it can all be read")
    revision = models.PositiveIntegerField(default=0)
    is_published = models.BooleanField(default=False)
    published_at = models.DateTimeField(null=True, blank=True)
    title_key = models.TextField(editable=False, default="", help_text="Words of the title, folded")
    search_key = models.TextField(editable=False, default="", help_text="Title, summary, code, topics, audiences")

    objects = CourseQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        verbose_name = _("khoá học")
        verbose_name_plural = _("khoá học")

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.title_key = search_key(self.title)
        # Topics and audiences hang on a saved row: ``course_outline_publish`` adds their names.
        self.search_key = self.search_key or search_key(self.title, self.summary, self.code)
        super().save(*args, **kwargs)


class Module(PublicModel):
    """A heading over some steps of a course. It holds no progress of its own: an empty one can block nobody."""

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="modules")
    key = models.UUIDField(unique=True, help_text="The page's key, the same through all its editions")
    title = models.CharField(max_length=200)
    summary = models.CharField(max_length=300, blank=True)
    position = models.PositiveSmallIntegerField()
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.title


class StepKind(models.TextChoices):
    LESSON = "lesson", _("Bài học")
    QUIZ = "quiz", _("Bài kiểm tra")


class StepRule(models.TextChoices):
    """What makes a step done. Quizzes have their own rule: they are passed."""

    MARKED = "marked", _("Người học bấm «Tôi đã học xong»")
    OPENED = "opened", _("Đọc đến cuối bài và đủ thời gian tối thiểu")
    SCENARIO = "scenario", _("Trả lời đúng mọi tình huống trong bài")
    SIGNED_OFF = "signed_off", _("Giảng viên xác nhận bài thực hành")
    PASSED = "passed", _("Đạt bài kiểm tra")


class Step(PublicModel):
    """One lesson or quiz of a course. A step that was taken out keeps its row (``is_active`` false) and its history.

    ``min_seconds`` is what rule ``opened`` asks for at least. ``scenarios`` holds the ids of the lesson's scenario
    blocks, each with the numbers (from 1) of its right choices: what rule ``scenario`` asks for.
    """

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="steps")
    module = models.ForeignKey(Module, null=True, blank=True, on_delete=models.PROTECT, related_name="steps")
    key = models.UUIDField(unique=True, help_text="The page's key, the same through all its editions")
    kind = models.CharField(max_length=10, choices=StepKind)
    title = models.CharField(max_length=200)
    path = models.CharField(max_length=300)
    position = models.PositiveSmallIntegerField()
    minutes = models.PositiveSmallIntegerField(default=5)
    required = models.BooleanField(default=True)
    rule = models.CharField(max_length=20, choices=StepRule, default=StepRule.MARKED)
    min_seconds = models.PositiveIntegerField(default=0)
    scenarios = models.JSONField(default=dict, blank=True)
    task = models.TextField(blank=True, default="", help_text="What is to be handed in, for rule signed_off")
    is_active = models.BooleanField(default=True)
    text = models.TextField(editable=False, default="", help_text="What a learner reads or hears there, without tags")
    title_key = models.TextField(editable=False, default="", help_text="Words of the title, folded")
    search_key = models.TextField(editable=False, default="", help_text="Words of title and text, folded")

    class Meta:
        ordering = ["position", "id"]
        indexes = [models.Index(fields=["is_active", "kind", "course"], name="step_in_use")]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.title_key = search_key(self.title)
        self.search_key = self.search_key or self.title_key
        super().save(*args, **kwargs)
