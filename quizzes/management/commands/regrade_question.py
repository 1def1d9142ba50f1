"""``manage.py regrade_question``: the same service as the page's job."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.errors import Refusal
from people.models import User
from quizzes.models import Question
from quizzes.services import regrading


class Command(BaseCommand):
    help = "Chấm lại những bài làm có một câu hỏi theo đáp án hiện nay của câu đó."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--bank", required=True, help="Tên ngân hàng trong địa chỉ")
        parser.add_argument("--code", required=True, help="Mã câu hỏi")
        parser.add_argument("--reason", required=True, help="Lý do; người học đọc được")
        parser.add_argument("--by", default="", help="Email của người chịu trách nhiệm")
        parser.add_argument("--dry-run", action="store_true", help="Chỉ xem ai sẽ đổi điểm")
        parser.add_argument("--json", action="store_true", help="In kết quả dạng JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        question = Question.objects.filter(bank__slug=options["bank"], code=options["code"]).first()
        if question is None:
            raise CommandError(f"Không có câu {options['code']} trong ngân hàng {options['bank']}.")
        if options["dry_run"]:
            seen = regrading.question_regrade_preview(question=question, most=1_000_000)
            result: dict[str, Any] = {
                "dry_run": True, "closed": seen.closed, "changed": len(seen.changes), "up": seen.up,
                "down": seen.down, "passes_gained": seen.gained, "stuck": len(seen.stuck),
            }  # fmt: skip
            text = (
                f"{seen.closed} bài có câu này; {seen.up} bài sẽ tăng điểm, {seen.down} giảm, {seen.gained} đạt thêm."
            )
        else:
            result = self._regrade(question, options)
            text = (
                f"Đã chấm lại {result['changed']} bài: {result['up']} tăng điểm, {result['down']} giảm, "
                f"{result['passes_gained']} đạt thêm; {len(result['stuck'])} bài không chấm lại được."
            )
        self.stdout.write(json.dumps(result, ensure_ascii=False) if options["json"] else text)
        if result.get("failed"):
            raise CommandError("; ".join(f"{uuid}: {error}" for uuid, error in result["failed"].items()))

    def _regrade(self, question: Question, options: dict[str, Any]) -> dict[str, Any]:
        actor = User.objects.filter(email=options["by"]).first() if options["by"] else None
        if actor is None:
            raise CommandError("Ghi --by: email của người chịu trách nhiệm chấm lại, có tài khoản trong hệ thống.")
        try:
            report = regrading.question_regrade(question=question, reason=options["reason"], actor=actor)
        except Refusal as refusal:
            raise CommandError(f"{refusal.text} {refusal.fix}") from refusal
        return {"dry_run": False, **report.as_json()}
