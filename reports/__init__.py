"""What the results mean: the pages, charts and reports that say it."""
