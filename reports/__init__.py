"""Result pages, charts and monthly reports: what the published numbers mean."""
