"""What a command of the operator asks before an organization is bound: which one has this address,
and which have results to check. Both answer with ids alone."""

from django.db import migrations

DEFINER = "LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp"
FUNCTIONS = {
    "organization_at(wanted text)": (
        "uuid",
        "SELECT id FROM public.organizations_organization WHERE slug = wanted",
    ),
    "organizations_with_results()": (
        "SETOF uuid",
        "SELECT DISTINCT organization_id FROM public.assessments_scorecard ORDER BY 1",
    ),
}


def statements():
    for signature, (returns, body) in FUNCTIONS.items():
        yield f"CREATE FUNCTION {signature} RETURNS {returns} {DEFINER} AS $$ {body} $$"
        yield f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC"
        yield f"GRANT EXECUTE ON FUNCTION {signature} TO app_user"


class Migration(migrations.Migration):
    dependencies = [("assessments", "0002_open_doors")]
    operations = [migrations.RunSQL(statement) for statement in statements()]
