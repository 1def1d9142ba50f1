"""Figures, printed: run by hand, never timed in a test."""

#: Under this address the bench's server answers as many bytes as are asked for, at once.
CONSTANT = "/hang-so/"
