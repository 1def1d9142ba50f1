"""What pytest loads before anything else: the lanes of ``script/test``, and who listens for English."""

pytest_plugins = ["tests.lanes", "tests.language"]
