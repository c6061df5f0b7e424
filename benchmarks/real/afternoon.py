"""(c) What a good engineer writes in an afternoon: consume, validate, encrypt each field, insert.

It finds no child, asks no question, holds nothing back, hides no field from anyone who has the one key.
"""

import json

from cryptography.fernet import Fernet
from sqlalchemy import LargeBinary, String, create_engine
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from benchmarks.grounds import ratio, timed
from benchmarks.real.reading import Plain
from benchmarks.real.site import Site

CHILDREN, EVENTS = 200, 4000


class Base(DeclarativeBase):
    pass


class EntryRow(Base):
    """One entry; what it says is encrypted field by field, in JSON."""

    __tablename__ = "entries"

    source: Mapped[str] = mapped_column(String, primary_key=True)
    child: Mapped[str] = mapped_column(String, index=True)
    type: Mapped[str] = mapped_column(String)
    fields: Mapped[bytes] = mapped_column(LargeBinary)


def main(site: Site, hub_each: float) -> None:
    """Measure and print, against what an event cost the hub in the same run."""
    here = site.ground(seed=3)
    here.send(range(EVENTS * 2 + 500), lambda number: number // 4 % CHILDREN)
    plain = Plain(here)
    engine = create_engine(here.settings.store.address.replace("postgresql://", "postgresql+psycopg://"))
    Base.metadata.create_all(engine)
    fernet = Fernet(Fernet.generate_key())
    _take(engine, plain, fernet, 500, 1)
    one = timed(lambda: _take(engine, plain, fernet, EVENTS // 4, 1)) / (EVENTS // 4)
    many = timed(lambda: _take(engine, plain, fernet, EVENTS, 500)) / EVENTS
    engine.dispose()
    plain.close()
    more = f"{one * 1e6:.0f} us an event, one a transaction"
    ratio("afternoon-service", one / hub_each, "at least 4", more=more)
    more = f"{many * 1e6:.0f} us an event, 500 a transaction"
    ratio("afternoon-service-batched", many / hub_each, "reported", more=more)


def _take(engine, plain: Plain, fernet: Fernet, count: int, a_transaction: int) -> None:
    rows: list[dict] = []

    def put() -> None:
        with Session(engine) as session, session.begin():
            session.execute(insert(EntryRow).on_conflict_do_nothing(), rows)
        rows.clear()

    for event in plain.events(count):
        said = event.model_dump(mode="json", exclude_none=True)
        fields = {name: fernet.encrypt(json.dumps(value).encode()).decode() for name, value in said.items()}
        rows.append(
            {
                "source": f"{event.agency}/{event.source_event_id}",
                "child": event.identifiers[0].value,
                "type": event.type,
                "fields": json.dumps(fields).encode(),
            }
        )
        if len(rows) >= a_transaction:
            put()
    if rows:
        put()
