"""The tool box under every room. Imports no other app of the project."""
