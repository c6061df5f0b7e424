"""Who may see what: the one place that decides, from a file an information-governance lead can read."""

import hashlib
import tomllib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from hub.domain.by import By
from hub.domain.calendar import LONDON
from hub.errors import HubError, Refused
from hub.sharing.agreements import SHIPPED as SHIPPED_AGREEMENTS
from hub.sharing.agreements import Agreement, AgreementsInvalid, agreements_in
from schemas.catalogue import RESTRICTED_HOME, TYPE_BY_NAME
from schemas.scope import Scope
from schemas.vocabulary import Agency

SHIPPED = Path(__file__).with_name("policy.toml")


class PolicyInvalid(HubError):
    """The policy file cannot be used; the text names what is wrong and where. The hub then shows nothing."""

    status, title, exit_code = 503, "The access policy cannot be used", 2


class PolicyStale(HubError):
    """The policy is not in force on this day, so nothing is shown until it has been approved anew."""

    status, title, exit_code = 503, "The access policy is not in force", 4


class Tier(StrEnum):
    """What a reader gets of an entry or of a scope in it."""

    READ = "read"
    KNOWS = "knows"
    NOTHING = "nothing"


ORDER = (Tier.NOTHING, Tier.KNOWS, Tier.READ)
"""From the least to the most."""


class Answer(NamedTuple):
    """The policy's answer, with the reason that is shown and recorded, and the rule that gave it (1 to 6).

    Rule 0: there is no such role, so no rule was asked.
    """

    tier: Tier
    reason: str
    rule: int


class Situation(NamedTuple):
    """All that an answer depends on.

    `related`: the reader, or their agency, works with this child. `works_with_other`: the reader also
    works with the other child in the entry. `sealed_to_others`: the entry is sealed and does not name them.
    `glass`: the reader broke the glass of this record, and its hours are not over. `type`: the entry's
    public type, where an answer for one type is asked. `closed`: how many steps the archive has narrowed a
    closed case by for this reader (0: it is open, or not closed for long enough). `own`: the words are of the
    reader's own agency.
    """

    role: str
    purpose: str | None
    scope: str
    related: bool
    works_with_other: bool = False
    sealed_to_others: bool = False
    glass: bool = False
    type: str | None = None
    closed: int = 0
    own: bool = False


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Validity(_Model):
    """Who approved the table, and from which day to which it holds. After that nothing is shown."""

    approved_by: Annotated[str, Field(alias="approved-by", min_length=1)]
    since: Annotated[date, Field(alias="from")]
    until: date


class BreakGlass(_Model):
    """Who may look without a relationship when a child is in danger, at what, for how long, and who asks why.

    `guardians` are the roles that are told at once and review, by the agency that leads for the child;
    `guardian` is who does where none leads, or the one that does names none. `hours` from the breaking; the
    review is due so many working days later.
    """

    roles: frozenset[str]
    opens: frozenset[Scope]
    hours: Annotated[int, Field(gt=0, le=24)]
    review_working_days: Annotated[int, Field(alias="review-working-days", gt=0)]
    reason_length: Annotated[int, Field(alias="reason-length", ge=20)]
    guardian: str
    guardians: Mapping[Agency, str] = {}

    @property
    def all_guardians(self) -> tuple[str, ...]:
        """Every role that may be asked to review, the policy's own first."""
        return tuple(dict.fromkeys((self.guardian, *(self.guardians[a] for a in sorted(self.guardians)))))


class Relationship(_Model):
    """How long working with a child lasts.

    `own_acts`: whether what somebody recorded in the hub themself counts, for them, as their agency's work
    with the child. Of before it was asked: it did (decision 92). For the coordinating roles it always does.
    """

    agency_months: Annotated[int, Field(alias="agency-months", ge=0)]
    grace_days: Annotated[int, Field(alias="grace-days", ge=0)]
    own_acts: Annotated[bool, Field(alias="own-acts")] = True


class ArchiveStep(_Model):
    """So many days after a case was closed it is read for these purposes alone.

    `own_words`: for any other purpose each agency still reads what it said itself, as its custodian.
    """

    days: Annotated[int, Field(ge=0)]
    own_words: Annotated[bool, Field(alias="own-words")]
    purposes: Annotated[frozenset[str], Field(alias="for", min_length=1)]


class Archive(_Model):
    """How a closed case narrows, step by step (field.md, "Archive narrows"; decision 89).

    `closed_by`: the types of entry that close a case. `quiet`: patterns of those that do not open it again,
    as every other does. `front_door`: the purposes for which the coordinating roles are never narrowed.
    """

    closed_by: Annotated[frozenset[str], Field(alias="closed-by", min_length=1)]
    quiet: Annotated[tuple[str, ...], Field(alias="not-opened-by")]
    front_door: Annotated[frozenset[str], Field(alias="front-door")]
    steps: Annotated[tuple[ArchiveStep, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _only_narrows(self) -> Self:
        kinds = {*TYPE_BY_NAME, *RESTRICTED_HOME}
        unknown = [t for t in sorted(self.closed_by) if t not in kinds]
        unknown += [q for q in self.quiet if not any(fnmatchcase(t, q) for t in kinds)]
        if unknown:
            raise ValueError(f"no such event types: {unknown}")
        for before, after in zip(self.steps, self.steps[1:], strict=False):
            if after.days <= before.days:
                raise ValueError("each step comes after the one before it")
            if not after.purposes <= before.purposes or after.own_words > before.own_words:
                raise ValueError("each step reads no more than the one before it")
        return self

    @cached_property
    def opens(self) -> frozenset[str]:
        """The types that open a case again: every one that is not quiet and closes none."""
        return frozenset(
            type_
            for type_ in {*TYPE_BY_NAME, *RESTRICTED_HOME} - self.closed_by
            if not any(fnmatchcase(type_, quiet) for quiet in self.quiet)
        )

    def step(self, days: int) -> int:
        """How many steps are reached so many days after the closing."""
        return sum(1 for step in self.steps if step.days <= days)


class Role(_Model):
    """One row of the table: what a role reads, knows of, gets nothing of, and for which purposes."""

    agency: Agency
    reads: frozenset[Scope]
    knows: frozenset[Scope]
    nothing: frozenset[Scope]
    purposes: Annotated[frozenset[str], Field(alias="for")]
    types: Mapping[str, Tier] = {}
    """The most this role gets of entries of a type, where that is less than its scope gives."""
    coordinates: bool = False
    """Flags are raised to this role; others see what is drawn again for them, or released to them."""
    both_strands: Annotated[bool, Field(alias="both-strands")] = False
    """The role looks at a child as one who has harmed and as one who has been harmed, whatever its work."""
    told: bool = False
    """The rules tell this role of what it knows of too, and not only of what it reads (pointer evidence)."""
    most_days: Annotated[int | None, Field(alias="most-days", gt=0)] = None
    """It is given for at most so many days at a time, to a guest; none: also without an end."""

    @model_validator(mode="after")
    def _every_scope_is_decided_once(self) -> Self:
        decided = sorted([*self.reads, *self.knows, *self.nothing])
        if decided != sorted(Scope):
            missing = sorted(scope.value for scope in set(Scope) - set(decided))
            twice = sorted({scope.value for scope in decided if decided.count(scope) > 1})
            raise ValueError(f"undecided scopes {missing}, decided twice {twice}")
        unknown = sorted(set(self.types) - set(TYPE_BY_NAME) - set(RESTRICTED_HOME))
        if unknown:
            raise ValueError(f"no such event types: {unknown}")
        return self

    def tier(self, scope: str, type_: str | None = None) -> Tier:
        """What the row says of a scope, or of a type in it: an exception takes away and never gives."""
        tier = Tier.READ if scope in self.reads else Tier.KNOWS if scope in self.knows else Tier.NOTHING
        most = self.types.get(type_ or "")
        return tier if most is None else min(tier, most, key=ORDER.index)


class PolicyDocument(_Model):
    """An appropriate policy document (DPA 2018 Sch 1 Pt 4; s.42 for Part 3): which purposes stand on it.

    `read_at` says in words where it is read; `address` is the same as a link, where there is one.
    """

    name: Annotated[str, Field(min_length=1)]
    version: Annotated[str, Field(min_length=1)]
    purposes: Annotated[frozenset[str], Field(min_length=1)]
    read_at: Annotated[str, Field(alias="read-at", min_length=1)]
    address: Annotated[str, Field(pattern=r"^(https://\S+)?$")] = ""

    def __str__(self) -> str:
        """Its name and version, as they stand beside a basis."""
        return f"{self.name}, version: {self.version}"


class Complaints(_Model):
    """To whom somebody complains: each agency, who answers for the hub as a whole, and the regulator.

    `for_children`: who helps a child, in words that a child reads.
    """

    controllers: Annotated[str, Field(min_length=1)]
    data_protection_officer: Annotated[str, Field(alias="data-protection-officer", min_length=1)]
    regulator: Annotated[str, Field(min_length=1)]
    for_children: Annotated[tuple[str, ...], Field(alias="for-children", min_length=1)]
    agencies: Mapping[Agency, Annotated[str, Field(min_length=1)]]


class Policy(_Model):
    """The whole table. `digest` and `version` stand on every disclosure."""

    version: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    validity: Validity
    scopes: Mapping[Scope, str]
    purposes: Mapping[str, str]
    contacts: Mapping[Agency, str]
    relationship: Relationship
    break_glass: Annotated[BreakGlass, Field(alias="break-glass")]
    roles: Mapping[str, Role]
    duty_to_share: Annotated[str, Field(alias="duty-to-share")] = ""
    """On what ground who holds something tells of it: said to whom it is withheld from. Empty: of before."""
    policy_documents: Annotated[tuple[PolicyDocument, ...], Field(alias="policy-documents")] = ()
    no_policy_document: Annotated[Mapping[str, str], Field(alias="no-policy-document")] = {}
    """Why a purpose needs no policy document."""
    complaints: Complaints | None = None
    """None: a policy of before it was asked for; `hub policy check` asks for it."""
    restriction: Mapping[str, str] = {}
    """For which purposes an entry whose processing is restricted is still read, and on which ground (UK GDPR
    art. 18(2)). Empty: a policy of before it was asked for, under which every purpose reads it."""
    archive: Archive | None = None
    """None: a policy of before it was asked for, under which no case narrows."""
    agreements: tuple[Agreement, ...] = ()
    digest: str = ""
    texts: tuple[bytes, bytes] = (b"", b"")
    """The two files as they were read: policy and agreements."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if set(self.scopes) != set(Scope):
            raise ValueError("every scope must be described, and no other")
        if set(self.contacts) != set(Agency):
            raise ValueError("every agency needs a contact")
        unknown = {p for role in self.roles.values() for p in role.purposes} - set(self.purposes)
        if unknown:
            raise ValueError(f"purposes without a lawful basis: {sorted(unknown)}")
        strangers = {*self.break_glass.roles, *self.break_glass.all_guardians} - set(self.roles)
        if strangers:
            raise ValueError(f"roles of break-glass that are not in the table: {sorted(strangers)}")
        agencies = {self.roles[role].agency for role in self.break_glass.all_guardians}
        if self.break_glass.guardians and len(agencies) == 1:
            raise ValueError("guardians of one agency alone: nobody looks when it is their own that broke it")
        vague = {p for agreement in self.agreements for p in agreement.purposes} - set(self.purposes)
        if vague:
            raise ValueError(f"agreements for purposes that are not in the table: {sorted(vague)}")
        if self.validity.until < self.validity.since:
            raise ValueError("the policy ends before it begins")
        return self

    @model_validator(mode="after")
    def _protects(self) -> Self:
        """A restriction blocks nothing that protects a child: whoever reads, reads it for some purpose."""
        if set(self.restriction) - set(self.purposes):
            raise ValueError("what is restricted is read for purposes that are not in the table")
        readers = [(n, role) for n, role in self.roles.items() if role.reads and self.restriction]
        left = sorted(name for name, role in readers if role.purposes.isdisjoint(self.restriction))
        if left:
            raise ValueError(f"roles with no purpose for which they read what is restricted: {left}")
        return self

    @model_validator(mode="after")
    def _archives(self) -> Self:
        """Nothing is hidden from who acts on a danger: who may break the glass reads it for some purpose."""
        if self.archive is None:
            return self
        named = {p for step in self.archive.steps for p in step.purposes} | self.archive.front_door
        if named - set(self.purposes):
            raise ValueError("a closed case is read for purposes that are not in the table")
        last = self.archive.steps[-1].purposes
        left = sorted(n for n in self.break_glass.roles if self.roles[n].purposes.isdisjoint(last))
        if left:
            raise ValueError(f"roles that break the glass and never read a closed case: {left}")
        return self

    @model_validator(mode="after")
    def _documented(self) -> Self:
        said = [*self.no_policy_document, *(p for each in self.policy_documents for p in each.purposes)]
        if set(said) - set(self.purposes):
            raise ValueError("a policy document, or that none is needed, for purposes not in the table")
        if len(said) > len(set(said)):
            raise ValueError("a purpose stands in one policy document, or needs none: one of them has two")
        if self.complaints is not None and set(self.complaints.agencies) != set(Agency):
            raise ValueError("every agency needs somebody who takes complaints")
        return self

    @property
    def name(self) -> str:
        """Version and digest of both files: which rules and agreements applied, exactly."""
        return f"{self.version}:{self.digest[:16]}"

    def document(self, purpose: str) -> PolicyDocument | None:
        """The policy document that a purpose stands on; None where it needs none, or none is named."""
        return next((each for each in self.policy_documents if purpose in each.purposes), None)

    @property
    def undocumented(self) -> tuple[str, ...]:
        """Purposes of which the policy names neither a document nor why they need none."""
        return tuple(p for p in self.purposes if not self.document(p) and p not in self.no_policy_document)

    def reads_restricted(self, purpose: str) -> bool:
        """Whether an entry whose processing is restricted is still read for this purpose."""
        return not self.restriction or purpose in self.restriction

    def reads_closed(self, role: str, purpose: str, step: int) -> bool:
        """Whether this role still reads all for this purpose, so many steps into the archive."""
        return (
            not step or self.archive is None or _reads_closed(self.archive, self.roles[role], purpose, step)
        )

    def role_at(self, name: str, agency: str) -> Role | None:
        """The role of this name, where it is one of this agency's."""
        role = self.roles.get(name)
        return role if role is not None and role.agency == agency else None

    def check_known(self, named: By) -> None:
        """Raise Refused where there is no such role at that agency, or no person is named."""
        if self.role_at(named.role, named.agency) is None or not named.person.strip():
            raise Refused("there is no such role at that agency")

    def parties(self, now: datetime) -> frozenset[str]:
        """Agencies that are party to an agreement in force: whose feed is taken (field.md, Agreements)."""
        standing = (agreement for agreement in self.agreements if agreement.in_force(now))
        return frozenset(party.agency.value for agreement in standing for party in agreement.parties)

    def check_in_force(self, now: datetime) -> None:
        """Raise PolicyStale before its first day and after its last (London's): fail closed."""
        today = now.astimezone(LONDON).date()
        if not self.validity.since <= today <= self.validity.until:
            raise PolicyStale(
                f"policy {self.version} holds from {self.validity.since} to {self.validity.until}; "
                "nothing is shown until the information-governance lead has approved it anew"
            )

    def answer(self, situation: Situation) -> Answer:
        """Decide one scope for one reader; the first rule that refuses wins (security.md 3.2)."""
        role = self.roles.get(situation.role)
        if role is None:
            return Answer(Tier.NOTHING, "No such role", 0)
        for number, (refuses, why) in enumerate(RULES, 1):
            if refuses(situation, role, self):
                return Answer(Tier.NOTHING, why, number)
        tier = role.tier(situation.scope, situation.type)
        return Answer(tier, _SAYS[tier].format(situation), ROW)


def _no_relationship(situation: Situation, _: Role, policy: Policy) -> bool:
    """Broken glass stands in for the relationship: for some roles and scopes, and between no two children."""
    if situation.related:
        return False
    glass = policy.break_glass
    broken = situation.glass and situation.role in glass.roles and situation.scope in glass.opens
    return not broken or situation.works_with_other


def _narrowed(situation: Situation, role: Role, policy: Policy) -> bool:
    """A closed case is read for fewer purposes; what somebody broke the glass of is open to them."""
    archive, purpose = policy.archive, situation.purpose or ""
    if archive is None or not (situation.closed and situation.related):
        return False
    custodian = situation.own and archive.steps[situation.closed - 1].own_words
    return not (custodian or _reads_closed(archive, role, purpose, situation.closed))


def _reads_closed(archive: Archive, role: Role, purpose: str, step: int) -> bool:
    return purpose in archive.steps[step - 1].purposes or (role.coordinates and purpose in archive.front_door)


RULES: tuple[tuple[Callable[[Situation, Role, Policy], bool], str], ...] = (
    (
        lambda situation, _role, _policy: situation.sealed_to_others,
        "The entry is sealed, and you are not named on the seal",
    ),
    (
        lambda situation, _role, _policy: situation.scope == Scope.OTHER_CHILD and situation.works_with_other,
        "You work with the other child: the two are considered separately",
    ),
    (
        lambda situation, role, _policy: situation.purpose not in role.purposes,
        "Your role may not look for this purpose",
    ),
    (_no_relationship, "Neither you nor your agency works with this child"),
    (_narrowed, "The case is closed, and this purpose no longer reads it"),
)
"""What refuses whatever the role's row says, in order, each with the words that are shown and recorded."""
ROW = len(RULES) + 1
"""The sixth rule: the role's row."""
_SAYS = {
    Tier.READ: "{0.role} reads {0.scope} for {0.purpose}",
    Tier.KNOWS: "{0.role} may know of {0.scope}, not read it",
    Tier.NOTHING: "{0.role} has nothing of {0.scope}",
}


def load(path: Path = SHIPPED, agreements: Path = SHIPPED_AGREEMENTS) -> Policy:
    """Load a policy with its agreements. Raises PolicyInvalid, naming the place: then nothing is shown."""
    try:
        texts = path.read_bytes(), agreements.read_bytes()
    except OSError as error:
        raise PolicyInvalid(f"{path.name}, {agreements.name}: {error.strerror}") from None
    return read(texts, path.name)


def read(texts: tuple[bytes, bytes], name: str = "policy") -> Policy:
    """Read a policy from the text of its two files: the same text is read once. Raises PolicyInvalid."""
    try:
        return _parsed(texts)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PolicyInvalid(f"{name}: {error}") from None
    except AgreementsInvalid as error:
        raise PolicyInvalid(f"agreements: {error}") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise PolicyInvalid(f"{name}: {place}: {first['msg']}") from None


@lru_cache(maxsize=16)
def _parsed(texts: tuple[bytes, bytes]) -> Policy:
    table: dict[str, Any] = tomllib.loads(texts[0].decode())
    found = {**table, "digest": _digest(texts), "texts": texts, "agreements": agreements_in(texts[1])}
    return Policy.model_validate(found)


def _digest(texts: tuple[bytes, bytes]) -> str:
    return hashlib.sha256(b"".join(hashlib.sha256(text).digest() for text in texts)).hexdigest()
