"""Describes the bus for those who connect to it: AsyncAPI 3.0, one channel an agency."""

from typing import Any

from schemas import wire
from schemas.case_event import PROTOCOL, CaseEvent, types_of
from schemas.catalogue import EVENT_TYPES, FAMILIES
from schemas.json_schema import path_of
from schemas.vocabulary import Agency

_TEXT = {"type": "string"}


def asyncapi(version: str) -> dict[str, Any]:
    """The document of the hub as it listens; `version` is that of the published language."""
    agencies = sorted(FAMILIES - {PROTOCOL})
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Safeguarding hub: what agencies publish",
            "version": version,
            "description": "Each agency writes to its own topic only. A message is a CloudEvent in binary "
            "mode: its attributes are headers, its data is sealed to the hub and signed by the agency. "
            "Headers are visible to brokers and logs, so they never name a child; a restricted type shows "
            "there only as `<agency>.restricted.v1`.",
        },
        "defaultContentType": "application/json",
        "channels": {agency: _channel(agency) for agency in agencies},
        "operations": {f"receive-{agency}": _operation(agency) for agency in agencies},
        "components": {"messages": {a: _message(a) for a in agencies}, "schemas": _payload()},
    }


def _channel(agency: str) -> dict[str, Any]:
    topic = wire.topic_of(Agency(agency))
    return {
        "address": topic,
        "description": f"Case events of {agency}. The version is that of the envelope, not of "
        "the types. On a cluster that several hubs share the topic's name begins with the hub's namespace.",
        "messages": {"case-event": {"$ref": f"#/components/messages/{agency}"}},
        "bindings": {
            "kafka": {
                "topic": topic,
                "partitions": wire.PARTITIONS,
                "replicas": 3,
                "topicConfiguration": {"cleanup.policy": ["delete"], "max.message.bytes": wire.LARGEST},
            }
        },
    }


def _operation(agency: str) -> dict[str, Any]:
    return {"action": "receive", "channel": {"$ref": f"#/channels/{agency}"}}


def _message(agency: str) -> dict[str, Any]:
    """Everything this agency may say; a heartbeat says only that the feed is alive."""
    said = [cls for cls in EVENT_TYPES if any(n.startswith(f"{agency}.") for n in types_of(cls))]
    return {
        "name": f"{agency}.case-event",
        "title": "A sealed case event",
        "contentType": "application/octet-stream",
        "headers": _headers(sorted({*(_public(cls, agency) for cls in said), wire.heartbeat_type(agency)})),
        "payload": {"$ref": "#/components/schemas/sealed"},
        "bindings": {
            "kafka": {"key": {**_TEXT, "description": "Keyed hash of the agency's child reference"}}
        },
        "x-opened-payload": [{"$ref": path_of(cls)} for cls in said],
    }


def _public(cls: type[CaseEvent], agency: str) -> str:
    if cls.restricted:
        return f"{agency}.restricted.v1"
    return next(name for name in types_of(cls) if name.startswith(f"{agency}."))


def _headers(types: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": [wire.SPECVERSION, wire.ID, wire.SOURCE, wire.TYPE, wire.TIME, wire.SESSION_TOKEN],
        "properties": {
            wire.SPECVERSION: {"const": "1.0"},
            wire.ID: {**_TEXT, "description": "With the source the idempotency key: the same on a resend"},
            wire.SOURCE: _TEXT,
            wire.TYPE: {"enum": types},
            wire.TIME: {**_TEXT, "format": "date-time"},
            wire.PARTITION_KEY: _TEXT,
            wire.SESSION_TOKEN: {**_TEXT, "description": "Opens the sealed session for the hub alone"},
            wire.CONTENT_TYPE: _TEXT,
            wire.TRACEPARENT: _TEXT,
        },
    }


def _payload() -> dict[str, Any]:
    return {
        "sealed": {
            "type": "string",
            "format": "binary",
            "description": "A case event as JSON, sealed to the hub; the headers are authenticated with it.",
        }
    }
