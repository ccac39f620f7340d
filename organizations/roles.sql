-- The database roles, once per cluster, as its administrator. Passwords come from the deployment's
-- secret store (ALTER ROLE ... PASSWORD). Running this again changes nothing.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app_owner') THEN
        CREATE ROLE app_owner LOGIN;              -- migrations only: owns every table
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app_user') THEN
        CREATE ROLE app_user LOGIN;               -- everything else: owns nothing
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app_backup') THEN
        CREATE ROLE app_backup LOGIN BYPASSRLS;   -- pg_dump only
    END IF;
END
$$;
GRANT pg_read_all_data TO app_backup;
ALTER ROLE app_user SET TimeZone = 'UTC';         -- Django then never calls set_config()
