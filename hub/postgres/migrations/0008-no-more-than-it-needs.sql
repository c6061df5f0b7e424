-- What PostgreSQL lets everybody do, and no worker needs, by which one who has a worker's sign-in could spoil the store (decision 95).

-- A position is given by the table, never said: a row far ahead would stand before all that is recorded later, for ever.
REVOKE INSERT ON hub.events FROM hub_writer;
GRANT INSERT (originator_id, originator_version, topic, state) ON hub.events TO hub_writer;

-- Temporary tables fill the disk as others do.
DO $$ BEGIN EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database()); END $$;

-- Whoever may take the writers' lock and keep it stops all recording, and large objects are anybody's to make. The functions
-- are the server's: only a superuser can take them from PUBLIC. docs/operating.md has the same lines for an owner who is none.
DO $$ BEGIN
    IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        REVOKE EXECUTE ON FUNCTION
            pg_advisory_lock(bigint), pg_advisory_lock_shared(bigint),
            pg_advisory_xact_lock(bigint), pg_advisory_xact_lock_shared(bigint),
            pg_try_advisory_lock(bigint), pg_try_advisory_lock_shared(bigint),
            pg_try_advisory_xact_lock(bigint), pg_try_advisory_xact_lock_shared(bigint),
            lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea)
        FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION pg_advisory_xact_lock(bigint) TO hub_writer, hub_projector;
    END IF;
END $$;
