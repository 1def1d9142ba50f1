"""The outline view: a course's modules, lessons and quizzes on one page, to be arranged, added to and copied."""
