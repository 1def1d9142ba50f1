"""What decisions promise, who was counted towards it, and the people behind every figure."""
