"""Help on the site: the guides of ``docs/guides``, the one that fits a page, hints on a first visit, whom to ask."""
