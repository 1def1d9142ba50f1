"""The page types, one module each."""
