"""Everything of a person's learning that their pages speak of: what is asked of them, what they learn, their paths."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from courses.duties import Duty, Scope, assignments_of, duties_of, scope_of
from courses.learning import Learnt, PathStanding, learning_of, paths_standing
from courses.models import Assignment, LearningPath


@dataclass(frozen=True)
class Standing:
    """How a person stands on a day. ``paths``: open ones that touch their courses, or that are asked of them."""

    on: date
    scope: Scope
    learnt: dict[int, Learnt]
    assignments: list[Assignment]
    paths: list[PathStanding]

    @cached_property
    def duties(self) -> list[Duty]:
        """What programmes ask of them: what is left first, by day."""
        return duties_of(assignments=self.assignments, learnt=self.learnt, paths=self.paths, on=self.on)

    @cached_property
    def own_paths(self) -> list[PathStanding]:
        """The paths that they are on: begun, and meant for them or asked of them; unfinished ones first."""
        assigned = {assignment.learning_path_id for assignment in self.assignments}
        found = [one for one in self.paths if one.path.pk in assigned or (one.is_begun and self._meant_for(one))]
        return sorted(found, key=lambda one: one.is_done)

    def _meant_for(self, standing: PathStanding) -> bool:
        audiences = {audience.pk for audience in standing.path.audiences.all()}
        return standing.completion is not None or not audiences or bool(audiences & self.scope.audiences)


def standing_of(*, user: Any, on: date) -> Standing:
    """Read how a person stands; eleven queries, whatever they learn."""
    scope = scope_of(user=user, on=on)
    learnt = learning_of(user=user)
    assignments = assignments_of(scope=scope, on=on)
    assigned = {a.learning_path_id for a in assignments if a.learning_path_id}
    paths = LearningPath.objects.for_my_learning(set(learnt), assigned)
    return Standing(on, scope, learnt, assignments, paths_standing(user=user, paths=paths, learnt=learnt))
