"""Who you are, whose data this is, what you may do, and how you work together."""
