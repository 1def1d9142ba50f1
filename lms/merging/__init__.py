"""Two records of one person become one: what every room has of them, put together."""
