"""The only writer of the hub's streams, and the one way to read a child's record back."""

from hub.records.records import Records

__all__ = ["Records"]
