"""Says what was opened in the national drafts' words: Person, LifeEvent and ServiceEpisode (PUB01, PUB02).

Everything here takes plain field dicts, as a reader's export holds them after opening: what the reader
may not see is simply not among them. Values may be Python's or JSON's.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from schemas.case_event import CaseEvent
from schemas.catalogue import TYPE_BY_NAME
from schemas.identifiers import Strength, meant, normalise_postcode, strength
from schemas.social_care import Plan
from schemas.upcasting import current_type
from schemas.vocabulary import ChildPart

Fields = Mapping[str, Any]

IDS = "https://safeguarding-hub.example/Id"
NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
PERSON_CONTEXT = "https://socialcaredata.github.io/ontology/person/context.jsonld"
SAFEGUARDING_CONTEXT = "https://socialcaredata.github.io/ontology/safeguarding/context.jsonld"

LIFE_EVENTS = frozenset(
    {
        "birth",
        "death",
        "ae-attendance",
        "school-exclusion",
        "school-suspension",
        "missing-person",
        "safeguarding-concern",
        "referral",
        "homeless",
    }
)
"""PUB02, Event Code Vocabulary."""

EPISODES = frozenset(
    {
        "early-help",
        "ehcp",
        "family-court-order",
        "cin-plan",
        "cp-plan",
        "CAMHS-plan",
        "section-47",
        "care-leaver",
        "child-looked-after",
    }
)
"""PUB02, Episode Code Vocabulary, as far as it is about children."""

OBSERVATIONS = frozenset({"persistent-school-absences"})
"""PUB02, Observation Type Vocabulary, as far as an event type maps to it."""

SEX_CODES = frozenset({"1", "2", "9", "X"})
"""PUB01, Phenotypic Sex Code Vocabulary."""

_INVOLVEMENT = {ChildPart.WITNESS: "WIT", ChildPart.SIBLING: "IND", ChildPart.IN_CONTACT: "IND"}
"""HL7 ParticipationType. Whether a child harmed or was harmed is never said here: both are its subject."""


def person(fields: Fields) -> dict[str, Any] | None:
    """The child as a Person, from the fields of scope identity (and whereabouts, where opened).

    None below the standard's minimum: an identifier, a family name and a given name.
    """
    name, identifiers = _plain(fields.get("name")), fields.get("identifiers") or ()
    if not identifiers or not name or not name.get("family") or not name.get("given"):
        return None
    said: dict[str, Any] = {
        "@context": PERSON_CONTEXT,
        "@type": "Person",
        "identifier": [identifier(**_plain(i)) for i in identifiers],
        "name": [
            {
                "@type": "Name",
                "familyName": [name["family"]],
                "givenName": name["given"].split(),
                "use": "usual",
            }
        ],
    }
    if born := fields.get("date_of_birth"):
        said["dateOfBirth"] = {"@type": "PartialDate", "date": _iso(born), "accuracyIndicator": "AAA"}
    if address := _address(fields):
        said["address"] = [address]
    if (sex := _plain(fields.get("characteristics")).get("sex")) in SEX_CODES:
        said["sexCode"] = sex
    return said


def life_event(type_: str, fields: Fields) -> dict[str, Any] | None:
    """An entry as a LifeEvent; None where the standard has no code for its type.

    `fields` needs `occurred_at`, and `entry_id` or `source_event_id`; `child` is the hub's id of the
    child, for a reader to whom no identifier is open. Raises KeyError where one of them is missing.
    """
    code = code_of(type_, fields)
    if code not in LIFE_EVENTS:
        return None
    said: dict[str, Any] = {
        "@context": SAFEGUARDING_CONTEXT,
        "@type": "LifeEvent",
        "identifier": _own_identifiers(fields, "life-event"),
        "type": [code],
        "subjectPerson": [_subject(fields)],
        "timeInformation": [_times(fields)],
    }
    if places := _labels(fields):
        said["location"] = places
    if "organisation" in fields:
        said["relatedService"] = [_service(fields)]
    return said | _professionals(fields)


def service_episode(type_: str, fields: Fields) -> dict[str, Any] | None:
    """An entry as a ServiceEpisode, on the same terms as `life_event`."""
    code = code_of(type_, fields)
    if code not in EPISODES:
        return None
    said: dict[str, Any] = {
        "@context": SAFEGUARDING_CONTEXT,
        "@type": "ServiceEpisode",
        "identifier": _own_identifiers(fields, "episode"),
        "type": [code],
        "subjectPerson": [_subject(fields)],
        "relatedService": [_service(fields)],
        "timeInformation": [_times(fields)],
        "location": _labels(fields) or [_sender(fields)],
    }
    return said | _professionals(fields)


def finding(type_: str, fields: Fields) -> dict[str, Any] | None:
    """An entry as a Finding of a ServiceEpisode: an observation, with what was measured."""
    code = code_of(type_, fields)
    if code not in OBSERVATIONS:
        return None
    times = _times(fields)
    observed = {"@type": "Observation", "type": code, "startDate": times["startDateTime"]}
    if "endDateTime" in times:
        observed["endDate"] = times["endDateTime"]
    said: dict[str, Any] = {"@type": "Finding", "observation": [observed]}
    if fields.get("percent") is not None:
        said["measurement"] = [
            {"@type": "Measurement", "value": fields["percent"], "unit": "pct", "type": "Attendance"}
        ]
    return said


def code_of(type_: str, fields: Fields) -> str | None:
    """The national code of an entry; a plan's depends on its kind. None for an unknown or unmapped type."""
    cls: type[CaseEvent] | None = TYPE_BY_NAME.get(current_type(type_))
    if cls is Plan:
        return fields.get("kind")
    return cls.national if cls else None


def identifier(system: str, value: str) -> dict[str, Any]:
    """An identifier with the address of its system."""
    uri = NHS_NUMBER if meant(system) == "nhs-number" else f"{IDS}/{system.replace(':', '/')}"
    return {"@type": "Identifier", "system": uri, "value": value}


def _own_identifiers(fields: Fields, kind: str) -> list[dict[str, Any]]:
    said = []
    if "entry_id" in fields:
        said.append(identifier(f"hub:{kind}", str(fields["entry_id"])))
    if "source_event_id" in fields:
        said.append(identifier(f"{_sender(fields)}:event", str(fields["source_event_id"])))
    if not said:
        raise KeyError("entry_id")
    return said


def _subject(fields: Fields) -> dict[str, Any]:
    known = [_plain(i) for i in fields.get("identifiers") or ()]
    known.sort(key=lambda i: strength(i["system"]) is not Strength.NATIONAL)  # a national one speaks to all
    reference = identifier(**known[0]) if known else identifier("hub:child", str(fields["child"]))
    part = fields.get("part", ChildPart.SUBJECT)
    return {"@type": "SubjectPerson", "person": reference, "involvement": _INVOLVEMENT.get(part, "SBJ")}


def _professionals(fields: Fields) -> dict[str, Any]:
    worker = _plain(fields.get("worker"))
    if not worker:
        return {}
    related = {"@type": "RelatedProfessional", "professional": identifier(**worker), "involvement": "PPRF"}
    return {"relatedProfessional": [related]}


def _times(fields: Fields) -> dict[str, Any]:
    said = {"@type": "TimeInformation", "startDateTime": _iso(fields["occurred_at"])}
    if ended := fields.get("ended_at"):
        said["endDateTime"] = _iso(ended)
    return said


def _service(fields: Fields) -> dict[str, Any]:
    return identifier("organisation", str(fields.get("organisation") or _sender(fields)))


def _sender(fields: Fields) -> str:
    return str(fields.get("agency") or "not-said")


def _labels(fields: Fields) -> list[str]:
    places: Iterable[Mapping[str, Any]] = map(_plain, fields.get("places") or ())
    return [label for place in places if (label := place.get("label"))]


def _address(fields: Fields) -> dict[str, Any] | None:
    """The standard asks for street, town and postcode; what does not hold all three is not guessed at."""
    parts = [part.strip() for part in (fields.get("address") or "").split(",") if part.strip()]
    if len(parts) < 2 or not fields.get("postcode"):  # noqa: PLR2004 — a street and a town
        return None
    said = {"@type": "Address", "line1": parts[0], "city": parts[-1]}
    if middle := parts[1:-1]:
        said["line2"] = ", ".join(middle)
    return {**said, "postcode": normalise_postcode(fields["postcode"]), "use": "home"}


def _iso(moment: date | str) -> str:
    return moment if isinstance(moment, str) else moment.isoformat()


def _plain(value: Any) -> Mapping[str, Any]:
    """A structured value as a mapping, whether it was opened from JSON or is still ours."""
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return value
    return {name: getattr(value, name) for name in value.__dataclass_fields__}
