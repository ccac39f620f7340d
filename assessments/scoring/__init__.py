"""Every number the product shows, computed once when a cycle closes (`docs/method.md`). Pure: no
Django, no clock, no chance.

`survey.Survey` goes in, `publishing.publish` gives what may be shown, `reporting.report` every raw
number. Import from the modules themselves: `cells` and `cutting` are light, the others load numpy
and scipy, which only workers need.
"""
