"""Every number the product shows, computed once when a cycle closes (`docs/method.md`). Pure: no
Django, no clock, no chance.

`survey.Survey` goes in, `publish.publish.publish` returns what may be shown, and
`audit.raw_report.report` every raw number. Import from the modules themselves: `cell`, `summary`,
`visibility` and `merged_groups` load no numpy; the others load numpy, many of them scipy, which
only workers need.
"""
