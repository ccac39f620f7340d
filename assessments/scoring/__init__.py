"""Every number the product shows, computed once when a cycle closes (`docs/method.md`). Pure: no
Django, no clock, no chance.

`survey` is what goes in, `publishing.publish` what comes out: `cells`. Import from the modules
themselves: `cells` is light, the others load numpy and scipy, which only workers need.
"""
