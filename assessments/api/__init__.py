"""What a program can read about cycles: which there are, what they ask, and what came of them."""
