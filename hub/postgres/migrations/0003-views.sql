-- What projections have drawn: nothing here that cannot be drawn again.
CREATE SCHEMA hub_views;

CREATE TABLE hub_views.pointers (projection text PRIMARY KEY, live integer NOT NULL);
CREATE TABLE hub_views.view_positions (
    projection text, generation integer, position bigint NOT NULL, PRIMARY KEY (projection, generation)
);
CREATE TABLE hub_views.view_rows (
    projection text, generation integer, stream uuid, id uuid, sealed bytea NOT NULL,
    PRIMARY KEY (projection, generation, stream, id)
);
CREATE TABLE hub_views.wake (
    projection text, generation integer, stream uuid, at timestamptz NOT NULL,
    PRIMARY KEY (projection, generation, stream)
);
CREATE INDEX wake_at ON hub_views.wake (projection, generation, at);
CREATE TABLE hub_views.parked (
    projection text, generation integer, stream uuid, reason text NOT NULL, at timestamptz NOT NULL,
    PRIMARY KEY (projection, generation, stream)
);
CREATE TABLE hub_views.heard (
    projection text, generation integer, agency text, at timestamptz NOT NULL,
    PRIMARY KEY (projection, generation, agency)
);
CREATE TABLE hub_views.ties (
    projection text, generation integer, tie text, stream uuid,
    PRIMARY KEY (projection, generation, tie, stream)
);
CREATE INDEX ties_of ON hub_views.ties (projection, generation, stream);
