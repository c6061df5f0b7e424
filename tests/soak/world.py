"""A whole hub of real processes on chosen engines, with agencies that publish: a soak kills things in it."""

import os
import random
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from hub.settings import Settings, load
from tests.hubs import Desk
from tests.soak.engines import Engine
from tests.soak.events import SPEAKING
from tests.soak.processes import Kept
from tests.warm import Begin, afresh


@dataclass
class World:
    """Two intakes, a follower, four agencies, and the engines they stand on."""

    folder: Path
    engines: list[Engine]
    chance: random.Random
    how: Begin = afresh
    """How a process is started: in an interpreter of its own, or forked from one that has read the code."""
    kept: dict[str, Kept] = field(default_factory=dict)
    kills: Counter[str] = field(default_factory=Counter)
    stubborn: list[str] = field(default_factory=list)
    """Whoever did not stop within 20 seconds of being asked."""

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def environment(self) -> dict[str, str]:
        """Settings of every process: those of the engines."""
        chosen = {name: value for engine in self.engines for name, value in engine.environment().items()}
        return {**os.environ, **chosen, "HUB_DATA": str(self.data)}

    def settings(self) -> Settings:
        """The same settings, for the reckoning."""

        return load(self.data, self.environment)

    def begin(self) -> None:
        """Found the hub and start every process."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for engine in self.engines:
            engine.begin()
        settings = self.settings()
        Desk(self.data, settings.bus, settings.store)
        commands = {
            "intake-1": ("hub", "intake"),
            "intake-2": ("hub", "intake"),
            "follow": ("hub", "follow"),
            **{
                f"agency-{agency.value}": ("tests.soak.publisher", str(self.data), agency.value)
                for agency in SPEAKING
            },
        }
        for name, command in commands.items():
            one = self.kept[name] = Kept(
                name, command, self.environment, self.folder / f"{name}.log", self.how
            )
            one.start()

    def kill_something(self) -> str:
        """Kill one process or one engine at random, and start it again."""
        victims: dict[str, Callable[[], None]] = {name: self._killer(one) for name, one in self.kept.items()}
        for engine in self.engines:
            victims |= engine.victims()
        name = self.chance.choice(sorted(victims))
        victims[name]()
        self.kills[name] += not name.endswith("(back)")
        return name

    def _killer(self, one: Kept) -> Callable[[], None]:
        def kill() -> None:
            one.kill()
            one.start()

        return kill

    def tend(self) -> None:
        """Start again what ended by itself: a service manager would."""
        for one in self.kept.values():
            one.start()

    def finish(self, seconds: float = 120.0) -> None:
        """Let the agencies send what they have, then stop everything but the engines."""
        for engine in self.engines:
            engine.mend()
        (self.data / "enough").touch()
        for name, one in self.kept.items():
            if name.startswith("agency-"):
                one.start()
                one.wait(seconds)
        for one in self.kept.values():
            if one.process is not None and one.process.poll() is None:
                one.process.terminate()
                try:
                    one.process.wait(20)
                except subprocess.TimeoutExpired:
                    one.kill()
                    self.stubborn.append(one.name)

    def end(self) -> None:
        """Stop everything."""
        for one in self.kept.values():
            one.kill()
        for engine in self.engines:
            engine.end()


def soak(
    world: World, kills: int, seconds: float, every: tuple[float, float], say: Callable[[str], None]
) -> None:
    """Kill until there were so many kills and so many seconds have passed; both must be reached."""
    until = time.monotonic() + seconds
    while sum(world.kills.values()) < kills or time.monotonic() < until:
        time.sleep(world.chance.uniform(*every))
        world.tend()
        say(world.kill_something())
