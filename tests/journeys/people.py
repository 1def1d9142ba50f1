"""What people do on the platform, in their own words: the steps of journeys. With and without JavaScript alike."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from playwright.sync_api import Page, expect

from lms.demo import PASSWORD, demo_email
from quizzes.models import Attempt
