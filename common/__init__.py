"""The tool box under every room. Imports no other app of the project."""

import os

# With lxml there (others bring it), openpyxl would read workbooks with a parser that lets entities pass in silence.
# It decides when it is first imported, so the settings import this package before anything else.
os.environ["OPENPYXL_LXML"] = "False"
