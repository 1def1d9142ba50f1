"""The environment of this process, read once for all settings."""

from lms.env import read_environment

ENV = read_environment()
