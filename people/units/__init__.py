"""Changes of the unit tree: what they do, how they look beforehand, and the search over it."""
