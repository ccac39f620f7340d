#!/bin/sh
# Once, when the database is made: gives the roles of roles.sql their passwords, and the database to
# the role that migrates it. Passwords are read from secret files and never stand in a command line.
set -eu

set_password() {
    password=$(cat "/run/secrets/$2")
    psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
        --set role="$1" --set password="$password" <<'SQL'
ALTER ROLE :"role" PASSWORD :'password';
SQL
}

set_password app_owner owner_password
set_password app_user user_password
set_password app_backup backup_password
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    --set database="$POSTGRES_DB" <<'SQL'
ALTER DATABASE :"database" OWNER TO app_owner;
SQL
