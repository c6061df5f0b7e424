-- Events are inserted, never changed; one writer at a time, so that positions become visible in their order.
CREATE SCHEMA IF NOT EXISTS hub;
CREATE TABLE hub.migrations (
    number integer PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL, at timestamptz NOT NULL DEFAULT now()
);
REVOKE ALL ON SCHEMA public FROM PUBLIC;

CREATE FUNCTION hub.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what is recorded is never changed' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TABLE hub.events (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    originator_id uuid NOT NULL,
    originator_version bigint NOT NULL,
    topic text NOT NULL,
    state bytea NOT NULL,
    UNIQUE (originator_id, originator_version)
);
CREATE INDEX events_first ON hub.events (topic, position) WHERE originator_version = 1;

-- Whoever writes without asking for the writers' lock gets it here; it is let go of after the commit is seen.
CREATE FUNCTION hub.one_writer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7355608);
    RETURN NULL;
END $$;
CREATE TRIGGER one_writer BEFORE INSERT ON hub.events FOR EACH STATEMENT EXECUTE FUNCTION hub.one_writer();
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON hub.events
    FOR EACH STATEMENT EXECUTE FUNCTION hub.refuse();

CREATE TABLE hub.taken (
    source bytea PRIMARY KEY, digest bytea NOT NULL, child uuid NOT NULL, entry uuid NOT NULL
);
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON hub.taken
    FOR EACH STATEMENT EXECUTE FUNCTION hub.refuse();

CREATE TABLE hub.positions (
    topic text, part integer, next bigint NOT NULL, PRIMARY KEY (topic, part)
);

CREATE TABLE hub.quarantine (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text NOT NULL, part integer NOT NULL, place bigint NOT NULL,
    reason text NOT NULL, fields text NOT NULL, held_at text NOT NULL,
    sealed bytea, state text NOT NULL DEFAULT 'held', ended_by text,
    UNIQUE (topic, part, place)
);
