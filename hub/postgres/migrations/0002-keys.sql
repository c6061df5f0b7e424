-- Wrapped data keys, in a schema of their own: backed up, and erased, apart from the events.
CREATE SCHEMA hub_keys;

CREATE TABLE hub_keys.child_keys (
    child uuid NOT NULL, scope text NOT NULL, generation integer NOT NULL,
    kek_version integer NOT NULL, wrapped bytea NOT NULL,
    created_at bigint NOT NULL, destroyed_at bigint,
    PRIMARY KEY (child, scope, generation)
);
CREATE INDEX destroyed_keys ON hub_keys.child_keys (destroyed_at) WHERE destroyed_at IS NOT NULL;
