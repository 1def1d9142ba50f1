"""Writing without JavaScript: the words of a page in plain fields, sent for review and answered by plain buttons."""
