"""Banks and questions in the editors' admin: writing, finding, reviewing, bringing in and taking out."""
