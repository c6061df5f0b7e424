"""Describes the bus for those who connect to it: AsyncAPI 3.0, two channels an agency."""

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
            "there only as `<agency>.restricted.v1`. Receipts come back on a topic of each agency's own.",
        },
        "defaultContentType": "application/json",
        "channels": {
            **{agency: _channel(agency) for agency in agencies},
            **{f"receipts-{agency}": _receipts(agency) for agency in agencies},
        },
        "operations": {
            **{f"receive-{agency}": _operation("receive", agency) for agency in agencies},
            **{f"give-receipts-{agency}": _operation("send", f"receipts-{agency}") for agency in agencies},
        },
        "components": {
            "messages": {**{a: _message(a) for a in agencies}, "receipt": _receipt(), "bus-key": _bus_key()},
            "schemas": _payload(),
        },
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


def _receipts(agency: str) -> dict[str, Any]:
    topic = wire.receipts_topic_of(Agency(agency))
    return {
        "address": topic,
        "description": f"Receipts for {agency}, in the ledger's order: written by the hub, read by {agency} "
        "alone. One may come again; it is the same receipt. Among them: which key to seal to from now on.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in ("receipt", "bus-key")},
        "bindings": {
            "kafka": {
                "topic": topic,
                "partitions": 1,
                "replicas": 3,
                "topicConfiguration": {"cleanup.policy": ["delete"], "max.message.bytes": wire.LARGEST},
            }
        },
    }


def _receipt() -> dict[str, Any]:
    title = "An agency's own signature, proved to be in the hub's ledger"
    return _from_hub("receipt", title, wire.RECEIPT, "The row's position: the same on a resend")


def _bus_key() -> dict[str, Any]:
    title = "The key to seal to from now on, signed by the key of the hub's ledger"
    return _from_hub("bus-key", title, wire.BUS_KEY, "The key's id")


def _from_hub(name: str, title: str, type_: str, id_: str) -> dict[str, Any]:
    return {
        "name": f"hub.{name}",
        "title": title,
        "contentType": "application/json",
        "headers": {
            "type": "object",
            "required": [wire.SPECVERSION, wire.ID, wire.SOURCE, wire.TYPE, wire.TIME],
            "properties": {
                wire.SPECVERSION: {"const": "1.0"},
                wire.ID: {**_TEXT, "description": id_},
                wire.SOURCE: _TEXT,
                wire.TYPE: {"const": type_},
                wire.TIME: {**_TEXT, "format": "date-time"},
                wire.PARTITION_KEY: _TEXT,
                wire.CONTENT_TYPE: _TEXT,
            },
        },
        "payload": {"$ref": f"#/components/schemas/{name}"},
        "bindings": {"kafka": {"key": {**_TEXT, "description": "The agency"}}},
    }


def _operation(action: str, channel: str) -> dict[str, Any]:
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}}


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
        },
        "receipt": {
            "type": "object",
            "required": ["row", "proof"],
            "properties": {
                "row": {
                    "type": "array",
                    "description": "The stored row: position, stream, version, topic, bytes in hexadecimal",
                },
                "proof": {**_TEXT, "description": "C2SP tlog-proof, to a checkpoint that the hub signed"},
            },
        },
        "bus-key": {
            "type": "object",
            "required": ["hub", "kid", "since", "mlkem768", "x25519", "signature"],
            "properties": {
                "hub": {**_TEXT, "description": "Whose: the id of the hub's keys, which agencies sign to"},
                "kid": {**_TEXT, "description": "The key's id"},
                "since": {"type": "integer", "description": "When it was made, in seconds since 1970"},
                "mlkem768": {**_TEXT, "description": "In hexadecimal, as the other half"},
                "x25519": _TEXT,
                "signature": {**_TEXT, "description": "Ed25519, by the ledger's key, over all of these"},
            },
        },
    }
