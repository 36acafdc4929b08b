"""Every module that does something has its own unit tests, at the same place under tests/unit.

`untested.txt` names the exceptions, each with its reason. It only shrinks: a name whose module is gone, or has its
tests by now, must leave the list.
"""

from pathlib import Path

from tests.tidy.rules import functions
from tests.tidy.sources import ROOT, Source, sources, tracked
from tests.tidy.test_house import none

LIST = ROOT / "tests/tidy/untested.txt"


def places_of(file: Source) -> tuple[str, ...]:
    """`src/beffroi/cases/rules.py`: `tests/unit/cases/test_rules.py`; a `__main__.py` also: `test_main.py`."""
    folder, _, name = file.path.removeprefix("src/beffroi/").rpartition("/")  # examples keep their folder's name
    stem = name.removesuffix(".py")
    return tuple(
        (Path("tests/unit") / folder / f"test_{it}.py").as_posix() for it in dict.fromkeys((stem, stem.strip("_")))
    )


def is_tested(file: Source) -> bool:
    return any(place in tracked() for place in places_of(file))


def excused() -> dict[str, str]:
    """Module → reason, as `untested.txt` has them."""
    lines = [line for line in LIST.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    return {module.strip(): reason.strip() for module, _, reason in (line.partition(" — ") for line in lines)}


def doing() -> list[Source]:
    """The modules with at least one function; frozen types alone need no test."""
    modules = (file for file in sources("src/") if not file.path.endswith("__init__.py"))
    return [file for file in modules if "/migrations/" not in file.path and any(functions(file.tree))]


def test_every_module_has_its_tests() -> None:
    missing = (file for file in doing() if not is_tested(file) and file.module not in excused())
    none(f"{file.path}:1: no {places_of(file)[-1]}" for file in missing)


def test_every_unit_test_has_its_module() -> None:
    mirrored = {place for file in (*sources("src/"), *sources("examples/")) for place in places_of(file)}
    unit = (path for path in tracked() if path.startswith("tests/unit/") and Path(path).name.startswith("test_"))
    none(f"{path}:1: there is no module that it mirrors" for path in unit if path not in mirrored)


def test_the_list_of_exceptions_only_shrinks() -> None:
    untested = {file.module for file in doing() if not is_tested(file)}
    none(f"tests/tidy/untested.txt: {module} does not belong there" for module in excused() if module not in untested)
    none(f"tests/tidy/untested.txt: {module} has no reason" for module, reason in excused().items() if not reason)
