"""What pytest loads before anything else: the lanes of ``script/test``."""

pytest_plugins = ["tests.lanes"]
