"""Courses as learners meet them: outline, enrolment, progress and completion, the truth of all counting."""
