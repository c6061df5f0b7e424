-- The hash tree over the events: inserted into, never changed.
CREATE SCHEMA hub_ledger;

CREATE TABLE hub_ledger.ledger (
    leaf bigint PRIMARY KEY, position bigint NOT NULL UNIQUE, hash bytea NOT NULL
);
CREATE TABLE hub_ledger.nodes (
    level integer, place bigint, hash bytea NOT NULL, PRIMARY KEY (level, place)
);
CREATE TABLE hub_ledger.checkpoints (
    size bigint, root bytea NOT NULL, note text, made_at timestamptz NOT NULL, PRIMARY KEY (size, note)
);
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON hub_ledger.ledger
    FOR EACH STATEMENT EXECUTE FUNCTION hub.refuse();
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON hub_ledger.nodes
    FOR EACH STATEMENT EXECUTE FUNCTION hub.refuse();
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON hub_ledger.checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION hub.refuse();
