"""A feed: an agency's stream, and when it was last heard. Absence counts only on a live feed."""

import msgspec

from hub.domain.child import By


class FeedHeard(msgspec.Struct, frozen=True, array_like=True, kw_only=True, tag="heard"):
    """A heartbeat of an agency's feed was taken in: nothing sent before it is still to come."""

    agency: str


class StoreFounded(msgspec.Struct, frozen=True, array_like=True, kw_only=True, tag="founded"):
    """The first event of a store: `demo` or `live` is a property of the data, never a switch."""

    kind: str


class DeliveriesGivenUp(msgspec.Struct, frozen=True, array_like=True, kw_only=True, tag="given-up"):
    """The bus had lost what the hub would have read; a named person let it go on without."""

    topic: str
    partition: int
    first: int
    following: int
    by: By
    reason: str


class PolicyInUse(msgspec.Struct, frozen=True, array_like=True, kw_only=True, tag="policy-in-use"):
    """Something was shown under this policy for the first time.

    Both texts are kept, so that what was shown then can be explained, and shown again, by the rules of then.
    `name` is its version and digest, as it stands on disclosures.
    """

    name: str
    policy: bytes
    agreements: bytes


HubEvent = (FeedHeard, StoreFounded, DeliveriesGivenUp, PolicyInUse)
AnyHubEvent = FeedHeard | StoreFounded | DeliveriesGivenUp | PolicyInUse
