"""What lessons and pages are made of. Each block says in its preview and description what it is for."""

from cms.blocks.body import BodyBlock, SimpleBodyBlock, kinds_of, pictures_in, pictures_of, readable_text, walk
from cms.blocks.library import read_together

__all__ = [
    "BodyBlock",
    "SimpleBodyBlock",
    "kinds_of",
    "pictures_in",
    "pictures_of",
    "read_together",
    "readable_text",
    "walk",
]
