-- After roles.sql, once, as the administrator: passwords of the roles from the secret files of the
-- installation, and the database for the owner of its tables. psql reads the files itself, so that
-- no password stands on a command line. Running it again sets the passwords anew.
\set ON_ERROR_STOP on
\getenv folder SECRETS
\if :{?folder}
\else
  \set folder /run/secrets
\endif
\setenv FOLDER :folder
\set owner `cat "$FOLDER/app_owner_password"`
\set user `cat "$FOLDER/app_user_password"`
\set backup `cat "$FOLDER/app_backup_password"`
ALTER ROLE app_owner PASSWORD :'owner';
ALTER ROLE app_user PASSWORD :'user';
ALTER ROLE app_backup PASSWORD :'backup';
SELECT format('ALTER DATABASE %I OWNER TO app_owner', current_database()) \gexec
