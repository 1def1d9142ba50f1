"""Lists of people that offices bring: read, understood, matched, looked at, applied whole or not at all."""
