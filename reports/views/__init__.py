"""Views of results, principles, targets and reports: what each page shows, and who may open it."""
