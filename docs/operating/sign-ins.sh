#!/bin/sh
# Run once by the database's container: the sign-ins of the workers, each with the password in its file.
# The roles they stand in are made by 'hub migrate'; NOINHERIT would keep them from it, so they inherit.
set -eu
for worker in intake follow; do
  psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -v password="$(cat "/run/secrets/store-$worker")" <<END
DO \$\$ BEGIN CREATE ROLE hub_writer NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END \$\$;
DO \$\$ BEGIN CREATE ROLE hub_projector NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END \$\$;
CREATE ROLE hub_$worker LOGIN PASSWORD :'password' IN ROLE $([ "$worker" = intake ] && echo hub_writer || echo hub_projector);
END
done
