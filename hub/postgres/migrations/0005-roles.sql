-- Who may do what. Sign-ins are the operator's: CREATE ROLE … LOGIN IN ROLE hub_writer.
-- Roles are the whole server's: another database, or another hub, may have made them already.
DO $$
DECLARE wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['hub_writer', 'hub_projector', 'hub_reader'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END;
    END LOOP;
END $$;

-- hub_writer takes in and serves: it records, and never changes what is recorded.
GRANT USAGE ON SCHEMA hub, hub_keys, hub_views, hub_ledger TO hub_writer;
GRANT SELECT, INSERT ON hub.events, hub.taken TO hub_writer;
GRANT SELECT, INSERT, UPDATE ON hub.positions, hub.quarantine TO hub_writer;
GRANT SELECT, INSERT, UPDATE ON hub_keys.child_keys TO hub_writer;
GRANT SELECT ON ALL TABLES IN SCHEMA hub_views, hub_ledger TO hub_writer;

-- hub_projector follows: it draws views and keeps the ledger, and records nothing of a child.
GRANT USAGE ON SCHEMA hub, hub_keys, hub_views, hub_ledger TO hub_projector;
GRANT SELECT ON hub.events, hub.taken, hub.positions TO hub_projector;
GRANT SELECT, INSERT ON hub_keys.child_keys TO hub_projector;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA hub_views TO hub_projector;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA hub_ledger TO hub_projector;

-- hub_reader verifies and reports: it may write nothing, and sees no key.
GRANT USAGE ON SCHEMA hub, hub_views, hub_ledger TO hub_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA hub, hub_views, hub_ledger TO hub_reader;

GRANT SELECT ON hub.migrations TO hub_writer, hub_projector, hub_reader;
