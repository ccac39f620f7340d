"""How many of the whole organization answered the last cycle, as it was published. There is nothing here
about a single team: what rests on these rates tells nothing of one.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from organizations.tenancy.scope import bound_organization


@dataclass(frozen=True, slots=True)
class PublishedRates:
    """The rates of the whole organization in one closed cycle, above 0 and at most 1."""

    answered: float  # of those invited
    rated: float  # of those who answered: the mean over the questions of how well things are done


# Imported cycles do not say how many were invited.
_SELECT_LATEST = """
SELECT (s.participation #>> ARRAY[t.id::text, 'n'])::int,
       (s.participation #>> ARRAY[t.id::text, 'invited'])::int,
       (SELECT avg(r.n) FROM assessments_result r
         WHERE r.organization_id = c.organization_id AND r.scorecard_id = s.id AND r.node_id = t.id
           AND r.subject_type = 'capability' AND r.kind = 'performance')::float
  FROM assessments_scorecard s
  JOIN assessments_cycle c ON c.organization_id = s.organization_id AND c.id = s.cycle_id
  JOIN assessments_cycleteam t
    ON t.organization_id = c.organization_id AND t.cycle_id = c.id AND t.place = 0
 WHERE s.organization_id = %s AND s.current AND c.stage = 'closed' AND s.shows
   AND NOT c.imported
 ORDER BY c.rubric <> %s, c.closed_at DESC, c.id DESC LIMIT 1
"""


def latest(rubric: str) -> PublishedRates | None:
    """Return the rates of the last cycle on this rubric that shows anything, else of the last one on any;
    None where nothing was published. 1 statement."""
    with connection.cursor() as cursor:
        cursor.execute(_SELECT_LATEST, [bound_organization(), rubric])
        n, invited, rated = cursor.fetchone() or (None, None, None)
    if not n or not invited or not rated:
        return None
    return PublishedRates(min(1.0, n / invited), min(1.0, rated / n))
