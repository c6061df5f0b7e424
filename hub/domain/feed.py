"""A feed: an agency's stream, and when it was last heard. Absence counts only on a live feed."""

import msgspec


class FeedHeard(msgspec.Struct, frozen=True, array_like=True, kw_only=True, tag="heard"):
    """A heartbeat of an agency's feed was taken in: nothing sent before it is still to come."""

    agency: str


class StoreFounded(msgspec.Struct, frozen=True, array_like=True, kw_only=True, tag="founded"):
    """The first event of a store: `demo` or `live` is a property of the data, never a switch."""

    kind: str


AnyHubEvent = FeedHeard | StoreFounded
