"""Examines wrong copies in processes that have everything imported and collected already, and one change.

A room's tests run once under coverage: which test runs which line, and how long does it take? A second
process collects them and stays clean. Each mutant has a fork of it, with the changed code put into the living
functions, in which the tests that run the changed statement run, the quickest first, until one fails. What
differs when the module is imported, or runs while tests are collected, has a process that imports it anew.
"""

import contextlib
import ctypes
import gc
import hashlib
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, partial
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import coverage
import hypothesis
import pytest

from tests.mutation.instead import Living, OtherwiseThanInAFunction, import_without, put_before_import
from tests.mutation.mutants import Mutant

KEPT = Path(__file__).parents[2] / "build" / "mutation"
COVERAGE = KEPT / "coverage"
MOST_MEMORY = 8 << 30
ROOT = Path(__file__).parents[2]
FOLDER = Path("/dev/shm") if Path("/dev/shm").is_dir() else Path(tempfile.gettempdir())
ALIKE = 0.005
"""Seconds by which a test of the same function with other values is less worth while."""
MOST_TESTS = 150
"""For one mutant."""
PATIENCE = 15.0
"""Seconds beyond three times what a test takes: what is longer waits for something that never comes."""
PASSED, KILLED, OTHERWISE, FAULT = 0, 1, 7, 8
NO_TESTS = int(pytest.ExitCode.NO_TESTS_COLLECTED)


def digest(text: str) -> str:
    """Of a text, short."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class Subject:
    """A module as it stands, to be examined by its wrong copies."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.file = self.file_of(name)
        self.source = Path(self.file).read_text()

    @staticmethod
    def file_of(name: str) -> str:
        """Where the module of this name stands."""
        return str(ROOT / f"{name.replace('.', '/')}.py")

    @cached_property
    def real(self):
        """Its code as it stands."""
        return compile(self.source, self.file, "exec", dont_inherit=True)


class Room(NamedTuple):
    """Tests that are collected together; `without`: words in the names of those that need too much."""

    tests: tuple[str, ...]
    without: tuple[str, ...] = ()
    seconds: float = 10.0
    """Of tests, for one mutant."""
    at_once: int = 2
    """Processes: the machine belongs to others too."""

    def files(self) -> list[str]:
        """Every file of tests, from the project's folder."""
        named = [ROOT / test for test in self.tests]
        found = [file for path in named for file in ([path] if path.is_file() else path.glob("test_*.py"))]
        return sorted(str(file.relative_to(ROOT)) for file in found if not self.needs_much(file.name))

    def needs_much(self, name: str) -> bool:
        """Whether a test of this name, or in a file of it, takes no part."""
        return any(word in name for word in self.without)


class TestsFail(Exception):
    """They fail as the code stands: they can tell nothing of wrong copies."""


Tell = Callable[[Subject, Mutant, bool], None]


def examine(room: Room, work: list[tuple[Subject, Mutant]], tell: Tell) -> None:
    """Tell of each mutant whether a test noticed. Raises TestsFail."""
    folder = Path(tempfile.mkdtemp(prefix="hub-mutants-", dir=FOLDER))
    try:
        seen = _coverage(room, {subject.name: subject for subject, _ in work}, folder)
        _in_a_process(partial(_in_living_functions, room, work, seen, folder, tell), folder)
        said = json.loads((folder / "otherwise").read_text())
        otherwise = defaultdict(list)
        for subject, mutant in (work[number] for number in said["otherwise"]):
            otherwise[subject].append(mutant)
        for subject, some in otherwise.items():
            _in_a_process(partial(_anew, room, subject, some, said["loaded"], seen, folder, tell), folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _with(tell: Tell, job: "_Job", subject: Subject, mutant: Mutant) -> "_Job":
    return job._replace(then=lambda code: tell(subject, mutant, code != PASSED))


# ------------------------------------------------------------ which test runs which line


class Coverage:
    """Which tests run which line of a module, and how long each takes."""

    def __init__(
        self, of_files: Iterable[dict[str, Any]], seconds: float, importing: Mapping[str, set[str]]
    ) -> None:
        """`importing`: of a module, the files of tests that import it by name."""
        self._seconds, self._importing = seconds, importing
        self._lines = defaultdict(lambda: defaultdict(set))
        self.took, self._shared = {}, {}
        for written in of_files:
            self.took |= written["took"]
            self._shared |= written["shared"]
            for name, (_, lines) in written["modules"].items():
                for line, tests in lines.items():
                    self._lines[name][int(line)] |= set(tests)

    def tests(self, module: str, mutant: Mutant | None = None) -> list[str]:
        """Those that run a line of the statement (without a mutant: any line): the quickest first.

        Then those that share what one of them made for several, then those that run its function (without a
        mutant: the others of their files and of those that import it, which may look at what is no function;
        of a module of fields alone nobody runs a line). Not more
        than so many: what only the hundredth notices, or one that takes seconds, has no test of its own.
        """
        if mutant is None:
            found = self._with_sharing(self._running(module, self._lines[module]))
            files = {*_nearest(found), *self._importing.get(module, ())}
            beside = {test for test in self.took if _file_of(test) in files}
            return [*self._not_too_many(found), *self._not_too_many(self._quickest(beside - set(found)))]
        found = self._with_sharing(self._running(module, mutant.lines))
        around = self._quickest(self._running(module, mutant.around) - set(found))
        return self._not_too_many([*found, *around])

    def _not_too_many(self, tests: list[str]) -> list[str]:
        some, left = [], self._seconds
        for test in tests:
            if self.took[test] <= left and len(some) < MOST_TESTS:
                some.append(test)
                left -= self.took[test]
        return some or tests[:1]

    def _running(self, module: str, lines: Iterable[int]) -> set[str]:
        there = self._lines[module]
        return {test for line in lines for test in there.get(line, ()) if test}

    def _with_sharing(self, found: set[str]) -> list[str]:
        shared = {fixture for test in found for fixture in self._shared[test]}
        sharing = {test for test, fixtures in self._shared.items() if shared & set(fixtures)} - found
        return [*self._quickest(found), *self._quickest(sharing)]

    def _quickest(self, tests: set[str]) -> list[str]:
        of_function, place = Counter(), {}
        for test in sorted(tests, key=lambda test: (self.took[test], test)):
            function = test.partition("[")[0]
            place[test] = self.took[test] + of_function[function] * ALIKE
            of_function[function] += 1
        return sorted(place, key=place.__getitem__)

    def at_collection(self, module: str, lines: Iterable[int]) -> bool:
        """Whether one of the lines ran while tests were collected."""
        return any("" in self._lines[module].get(line, ()) for line in lines)


def _coverage(room: Room, subjects: dict[str, Subject], folder: Path) -> Coverage:
    """As it was kept, for each file of tests that did not change over modules that did not; else measured."""
    kept = {test: COVERAGE / f"{test.replace('/', '.')}.json" for test in room.files()}
    wanted = [test for test, file in kept.items() if not _still_so(test, file, subjects)]
    if wanted:
        _in_a_process(partial(_measured, room, wanted, subjects, kept, folder), folder)
    seen = [json.loads(file.read_text()) for file in kept.values()]
    for test in (test for each in seen for test in each["failing"]):
        print(f"LEFT OUT, for it fails as things are: {test}", flush=True)  # noqa: T201
    return Coverage(seen, room.seconds, {name: importing(room, name) for name in subjects})


def importing(room: Room, module: str) -> set[str]:
    """The room's files of tests that import this module by name."""
    return {file for file in room.files() if f"from {module} import " in (ROOT / file).read_text()}


def _still_so(test: str, file: Path, subjects: dict[str, Subject]) -> bool:
    said = json.loads(file.read_text()) if file.exists() else {"tests": None}
    return said["tests"] == digest((ROOT / test).read_text()) and all(
        name in said["modules"] and said["modules"][name][0] == digest(subject.source)
        for name, subject in subjects.items()
    )


def _measured(room: Room, tests: list[str], subjects: dict[str, Subject], kept, folder: Path) -> int:
    files = [subject.file for subject in subjects.values()]
    cov = coverage.Coverage(data_file=None, config_file=False, include=files, messages=False)
    cov.set_option("run:disable_warnings", ["no-data-collected", "module-not-imported"])
    cov.start()

    def every(run):
        run.all_of(run.items, cov.switch_context)
        cov.stop()
        lines = {name: cov.get_data().contexts_by_lineno(subject.file) for name, subject in subjects.items()}
        for test in tests:
            own = {item.nodeid: item for item in run.items if _file_of(item.nodeid) == test}
            passed = {name: item for name, item in own.items() if name not in run.failures}
            modules = {
                name: (digest(subject.source), _only(lines[name], {*passed, ""}))
                for name, subject in subjects.items()
            }
            _keep_coverage(
                kept[test],
                modules,
                tests=digest((ROOT / test).read_text()),
                took={name: run.took[name] for name in passed},
                shared={name: _made_for_several(item) for name, item in passed.items()},
                failing=sorted(set(own) - set(passed)),
            )

    code = _Run(room, every).start(tuple(tests))
    return PASSED if code in {0, int(pytest.ExitCode.TESTS_FAILED)} else code


def _keep_coverage(file: Path, modules: dict[str, Any], **what: object) -> None:
    COVERAGE.mkdir(parents=True, exist_ok=True)
    before = json.loads(file.read_text()) if file.exists() else {"tests": None}
    others = before["modules"] if before["tests"] == what["tests"] else {}
    file.write_text(json.dumps({**what, "modules": {**others, **modules}}))


def _only(lines: dict[int, list[str]], names: set[str]) -> dict[int, list[str]]:
    return {
        line: some for line, tests in lines.items() if (some := [test for test in tests if test in names])
    }


def _made_for_several(item) -> list[str]:
    made = [definition for several in item._fixtureinfo.name2fixturedefs.values() for definition in several]
    return [f"{each.baseid}:{each.argname}" for each in made if each.scope != "function"]


# ------------------------------------------------------------ the examinations


def _in_living_functions(room: Room, work, seen: Coverage, folder: Path, tell: Tell) -> int:
    otherwise = []

    def every(run):
        subjects = {subject.file: subject for subject, _ in work}
        living = Living(set(subjects))
        for subject in subjects.values():
            subject.real  # noqa: B018 — compiled once for all
        gc.freeze()
        _side_by_side(
            (_swapped(run, living, each, None, seen) for each in subjects.values()), folder, room.at_once
        )
        _side_by_side(jobs(run, living), folder, room.at_once)

    def jobs(run, living):
        for number, (subject, mutant) in enumerate(work):
            yield _swapped(run, living, subject, mutant, seen)._replace(then=partial(then, number))

    def then(number, code):
        subject, mutant = work[number]
        if code == OTHERWISE or (code == PASSED and seen.at_collection(subject.name, mutant.lines)):
            otherwise.append(number)
        else:
            tell(subject, mutant, code != PASSED)

    code = _Run(room, every).start(tuple(room.files()))
    (folder / "otherwise").write_text(json.dumps({"otherwise": sorted(otherwise), "loaded": _loaded()}))
    return code


def _loaded() -> list[str]:
    """What was imported of this project to collect a room's tests, but for the tests."""
    ours = (name for name in sys.modules if name.startswith(("hub.", "schemas.", "adapters.", "tests.")))
    return sorted(n for n in ours if not n.rpartition(".")[2].startswith(("test_", "conftest", "__main__")))


def _anew(
    room: Room, subject: Subject, some: list[Mutant], loaded, seen: Coverage, folder, tell: Tell
) -> int:
    """Examine these where the module is imported anew, and with it only what imports it."""
    import_without(subject.name, loaded)
    gc.freeze()
    _side_by_side([_imported_anew(room, subject, None, seen)], folder, 1)
    jobs = (_with(tell, _imported_anew(room, subject, each, seen), subject, each) for each in some)
    _side_by_side(jobs, folder, room.at_once)
    return PASSED


class _Job(NamedTuple):
    what: Callable[[], int]
    longest: float
    """Seconds, for all of it."""
    then: Callable[[int], object] | None = None
    """None: it is the right code, which must pass."""


def _swapped(run: "_Run", living: Living, subject: Subject, mutant: Mutant | None, seen: Coverage) -> _Job:
    """Without a mutant: the real code in its own place, which must pass."""
    tests = seen.tests(subject.name, mutant)[: None if mutant else 20]

    def what():
        living.become(subject.real, mutant.code() if mutant else subject.real)
        by_name = {item.nodeid: item for item in run.items}
        return KILLED if run.until_failure([by_name[test] for test in tests], seen.took) else PASSED

    return _Job(what, 60 + 10 * sum(seen.took[test] for test in tests))


def _imported_anew(room: Room, subject: Subject, mutant: Mutant | None, seen: Coverage) -> _Job:
    """First the file most of whose tests come here alone: most mutants are noticed there.

    Without a mutant: the real code in its own place, and that file, which must pass.
    """
    tests = seen.tests(subject.name)
    order = {test: place for place, test in enumerate(tests)}
    nearest = _nearest(tests)

    def what():
        put_before_import(subject.name, subject.file, mutant.code() if mutant else subject.real)
        for some in (nearest[:1], nearest[1:] if mutant else []):
            run = _Run(room, lambda run: run.until_failure(run.items, seen.took), order)
            if some and not _goes_well(run, tuple(some)):
                return KILLED
        return PASSED

    return _Job(what, 60 + 10 * sum(seen.took[test] for test in tests))


def _goes_well(run: "_Run", tests: tuple[str, ...]) -> bool:
    try:
        return run.start(tests) in {0, NO_TESTS} and not run.failures
    except BaseException:  # noqa: BLE001 — what is taken down after a failure may fail, too
        return False


def _nearest(tests: Iterable[str]) -> list[str]:
    """Those of these tests, first the one most are in."""
    return [file for file, _ in Counter(map(_file_of, tests)).most_common()]


def _file_of(test: str) -> str:
    return test.partition("::")[0]


def _longest_by_file(took: dict[str, float]) -> dict[str, float]:
    longest: dict[str, float] = {}
    for test, seconds in took.items():
        longest[_file_of(test)] = max(seconds, longest.get(_file_of(test), 0.0))
    return longest


class _Run:
    """One run of pytest, whose loop over the tests is another; a plugin of it."""

    def __init__(
        self, room: Room, loop: Callable[["_Run"], object], order: dict[str, int] | None = None
    ) -> None:
        self._room, self._loop, self._order = room, loop, order
        self.failures, self.took, self.items, self._session = set(), {}, [], None

    def start(self, tests: tuple[str, ...]) -> int:
        """Collect these and do the loop; tells pytest's own code: what cannot be collected is not 0."""
        quiet = (
            "-q",
            "--assert=plain",
            "--capture=sys",
            "-p",
            "no:xdist",
            "-p",
            "no:cov",
            "-p",
            "no:randomly",
        )
        return int(pytest.main([*quiet, *tests], plugins=[self]))

    def pytest_configure(self):
        hypothesis.settings.register_profile(
            "mutation",
            deadline=None,
            max_examples=50,
            database=None,
            derandomize=True,
            phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],  # one example is enough
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        hypothesis.settings.load_profile("mutation")

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items):
        items[:] = [item for item in items if not self._needs_much(item)]
        if self._order is not None:
            items[:] = [item for item in items if item.nodeid in self._order]
            items.sort(key=lambda item: self._order[item.nodeid])

    def _needs_much(self, item):
        return item.get_closest_marker("slow") or self._room.needs_much(item.nodeid)

    def pytest_runtestloop(self, session):
        if session.testsfailed:
            return None
        self._session, self.items = session, session.items
        self._loop(self)
        return True

    def pytest_runtest_logreport(self, report):
        self.took[report.nodeid] = self.took.get(report.nodeid, 0.0) + report.duration
        if report.failed:
            self.failures.add(report.nodeid)

    def until_failure(self, items, took: dict[str, float]) -> bool:
        """Run these until one fails, and tell whether. One that takes far too long ends the process."""
        made = _longest_by_file(took)  # what a file's tests share is made by the first that needs it
        for item, following in zip_longest(items, items[1:]):
            longest = max(took[item.nodeid], made.pop(_file_of(item.nodeid), 0.0))
            signal.setitimer(signal.ITIMER_REAL, PATIENCE + 3 * longest)
            self._one(item, following)
            if self.failures:
                return True
        return False

    def all_of(self, items, before: Callable[[str], object]) -> None:
        """Run them all."""
        for item, following in zip_longest(items, items[1:]):
            before(item.nodeid)
            self._one(item, following)

    def _one(self, item, following) -> None:
        self._session.config._tmp_path_factory._given_basetemp = Path(os.environ["HUB_MUTANT_FOLDER"])
        try:
            self._session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        except BaseException:  # noqa: BLE001 — a wrong copy may raise anything, through pytest too
            self.failures.add(item.nodeid)


# ------------------------------------------------------------ processes


def _side_by_side(jobs: Iterable[_Job], folder: Path, at_once: int) -> None:
    waiting, running = iter(jobs), {}
    more, number = True, 0
    while more or running:
        while more and len(running) < at_once:
            job = next(waiting, None)
            more = job is not None
            if job:
                own, number = folder / f"{os.getpid()}-{number}", number + 1
                running[_fork(job.what, own)] = job, time.monotonic() + job.longest, own
        for child, (job, until, own) in list(running.items()):
            code = _ended(child, until)
            if code is not None:
                del running[child]
                said = Path(f"{own}.said").read_text()[-4000:]
                if code == FAULT:
                    raise TestsFail(said)
                if job.then is None and code != PASSED:
                    raise TestsFail(f"the right code is taken for a wrong copy:\n{said}")
                for written in (own, _temporary(own)):
                    shutil.rmtree(written, ignore_errors=True)
                if job.then is not None:
                    job.then(code)
        time.sleep(0.005)


def _ended(child: int, until: float) -> int | None:
    done, status = os.waitpid(child, os.WNOHANG)
    if done or time.monotonic() > until:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)  # and what a test started and, failing, did not end
    if done:
        return os.waitstatus_to_exitcode(status)
    if time.monotonic() > until:
        os.waitpid(child, 0)
        return KILLED
    return None


def _in_a_process(what: partial[int], folder: Path) -> None:
    """Do it in a process that is wholly forgotten afterwards. Raises TestsFail with what it said last."""
    child = _fork(what, folder / what.func.__name__)
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status) != PASSED:
        raise TestsFail((folder / f"{what.func.__name__}.said").read_text()[-2000:])


def _temporary(own: Path) -> Path:
    """Where what tests leave behind lies: a process that is ended so clears nothing up itself."""
    return own.with_name(f"{own.name}.tmp")


def _fork(what: Callable[[], int], own: Path) -> int:
    """A process with a folder of its own for what tests write, that ends with this one."""
    child = os.fork()
    if child:
        return child
    code = FAULT
    try:
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
        os.setsid()
        os.environ["HUB_MUTANT_FOLDER"] = str(own)
        _temporary(own).mkdir()
        tempfile.tempdir = os.environ["TMPDIR"] = str(_temporary(own))
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        said = os.open(f"{own}.said", os.O_WRONLY | os.O_CREAT)
        os.dup2(said, 1)
        os.dup2(said, 2)
        code = what()
    except OtherwiseThanInAFunction:
        code = OTHERWISE
    except BaseException:  # noqa: BLE001 — said in the file, and by its own code
        traceback.print_exc()
        code = FAULT
    finally:
        sys.stdout.flush()
        os._exit(code)
