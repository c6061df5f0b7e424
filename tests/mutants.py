"""A module with one change made to its source: wrong rules that tests must notice."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path


def mutated(module, old, new):
    """The module with one change made to its source, beside the real one."""
    source = Path(module.__file__).read_text()
    assert 1 == source.count(old), f"{old!r} stands {source.count(old)} times"
    name = f"mutant_{len(sys.modules)}"
    spec = spec_from_file_location(name, module.__file__)
    mutant = module_from_spec(spec)
    sys.modules[name] = mutant
    try:
        exec(compile(source.replace(old, new), module.__file__, "exec"), mutant.__dict__)
    finally:
        del sys.modules[name]
    return mutant
