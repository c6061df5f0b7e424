-- One row holds all wrapped keys of a child, so that a batch fetches and makes them in one statement.
-- `keys` is msgpack: an array of [scope, generation, kek_version, wrapped, made_at, destroyed_at (0: live)],
-- oldest generation first (hub/confidentiality/child_keys.py); `destroyed`: how many of them are.
CREATE TABLE hub_keys.children (
    child uuid PRIMARY KEY, keys bytea NOT NULL, destroyed integer NOT NULL DEFAULT 0
);
CREATE INDEX bereft ON hub_keys.children (destroyed) WHERE destroyed > 0;

INSERT INTO hub_keys.children
SELECT child,
    '\xdc'::bytea || int2send(count(*)::int2) || string_agg(
        '\x96d9'::bytea || substring(int2send(octet_length(convert_to(scope, 'UTF8'))::int2) FROM 2) || convert_to(scope, 'UTF8')
        || '\xce'::bytea || int4send(generation)
        || '\xce'::bytea || int4send(CASE WHEN destroyed_at IS NULL THEN kek_version ELSE 0 END)
        || '\xc5'::bytea || int2send(octet_length(wrapped)::int2) || wrapped
        || '\xcf'::bytea || int8send(created_at)
        || '\xcf'::bytea || int8send(coalesce(destroyed_at, 0)), ''::bytea ORDER BY generation, scope),
    count(destroyed_at)
FROM hub_keys.child_keys GROUP BY child;

DROP TABLE hub_keys.child_keys;

GRANT SELECT, INSERT, UPDATE ON hub_keys.children TO hub_writer;
GRANT SELECT, INSERT ON hub_keys.children TO hub_projector;
