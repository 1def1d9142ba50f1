"""Banks, questions, quizzes and attempts that lose nothing."""
