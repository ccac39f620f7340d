"""The doors of the results: what stands on each page, and who may open it."""
