"""Who: people, the dated tree of units, audiences, memberships, and what each may see."""
