"""The architecture, held to: a file imports only from lower rows, a room is entered only by its doors, and the pure
rows touch nothing outside.

The tables stand in ARCHITECTURE.md too: change them there and here together.
"""

import ast
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "monitor"

ROWS = (
    "model.* errors",
    "urls text dates plain wrapped endpoints jsonpath rows",
    "settings.*",
    "config",
    "web.answers web.codings web.addresses web.rules lists.* page.* story.*",
    "feeds parse relevance dedupe judge edits outage importance budget quiet looks health metrics",
    "desk schedule alert lock supervisor listener web.robots web.polite web.receipts web.exchange web.connect "
    "web.transport database.*",
    "channels fetch store reading summary backup",
    "writer life polling recheck replay gauges",
    "house",
    "decide upkeep post",
    "follow pipeline",
    "service probe show export demo.story",
    "timeline demo.web demo.printer asked",
    "demo.serve",
    "demo.play",
    "cli",
    "__main__",
)
PURE = 6  # so many rows are pure; config reads the file that it is named after
DOORS = {
    "model": set(),  # by its face only
    "settings": {"config", "relevance", "cli"},
    "web": {"fetch", "channels"},
    "lists": {"feeds"},
    "page": {"parse", "feeds"},
    "story": {"relevance", "judge", "desk", "edits"},
    "database": {"store", "writer", "reading", "backup"},
    "demo": {"cli"},
}
EFFECTS = {"httpx", "sqlite3", "sqlite_utils", "asyncio", "time", "random", "os", "socket", "apscheduler", "threading"}


@cache
def modules() -> dict[str, Path]:
    names = {".".join(path.relative_to(PACKAGE).with_suffix("").parts): path for path in sorted(PACKAGE.rglob("*.py"))}
    return {name: path for name, path in names.items() if not name.endswith("__init__")}


def row(name: str) -> int:
    room = f"{name.rpartition('.')[0]}.*"
    return next((i for i, names in enumerate(ROWS) if {name, room} & set(names.split())), -1)


@cache
def imported(name: str) -> tuple[set[str], set[str]]:
    """Return the modules of the package, and the top-level names from outside, that a file imports."""
    inside, outside = set[str](), set[str]()
    folder = name.split(".")[:-1]
    for node in ast.walk(ast.parse(modules()[name].read_text("utf-8"))):
        if isinstance(node, ast.Import):
            outside |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            outside.add((node.module or "").split(".")[0])
        elif isinstance(node, ast.ImportFrom):
            base = folder[: len(folder) - (node.level - 1)] + ((node.module or "").split(".") if node.module else [])
            inside |= {".".join(base), *(".".join([*base, alias.name]) for alias in node.names)}
    return inside & set(modules()), outside


@pytest.mark.parametrize("name", modules())
def test_every_file_has_a_row(name: str) -> None:
    assert row(name) >= 0, f"give monitor/{name.replace('.', '/')}.py a row in the table"


@pytest.mark.parametrize("name", modules())
def test_imports_point_down(name: str) -> None:
    inside, _ = imported(name)
    room = name.rpartition(".")[0]
    neighbours = {target for target in inside if room and target.startswith(f"{room}.") and row(target) == row(name)}
    upward = {target for target in inside - neighbours if row(target) >= row(name)}
    assert not upward, f"{name} (row {row(name)}) imports {upward}"


@pytest.mark.parametrize("name", modules())
def test_a_room_is_entered_by_its_doors(name: str) -> None:
    inside, _ = imported(name)
    own = name.rpartition(".")[0]
    entered = {target.split(".")[0] for target in inside if "." in target} - {own}
    assert not {room for room in entered if name not in DOORS[room]}


def test_nothing_imports_in_a_circle() -> None:
    waiting = {name: imported(name)[0] for name in modules()}
    while free := {name for name, needs in waiting.items() if not needs & set(waiting)}:
        waiting = {name: needs for name, needs in waiting.items() if name not in free}
    assert not waiting


@pytest.mark.parametrize("name", [name for name in modules() if 0 <= row(name) < PURE])
def test_pure_rows_touch_nothing(name: str) -> None:
    _, outside = imported(name)
    assert not outside & (EFFECTS - ({"os"} if name == "config" else set()))


def test_the_table_is_the_one_in_the_document() -> None:
    document = (PACKAGE.parent / "ARCHITECTURE.md").read_text("utf-8")
    missing = [names for names in ROWS if f"| {names} |" not in document]
    assert not missing
