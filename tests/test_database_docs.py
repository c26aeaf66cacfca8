"""docs/database.md and datasette.yaml say what the tables are, all of them and nothing else."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from monitor.store import Store

ROOT = Path(__file__).parent.parent
DOC = (ROOT / "docs" / "database.md").read_text("utf-8")
QUERIES = re.findall(r"```sql\n(.*?)```", DOC.split("## Ten questions")[1], re.DOTALL)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("docs") / "monitor.db"
    Store.open(path).close()
    with closing(sqlite3.connect(path)) as conn:
        yield conn


def tables(conn: sqlite3.Connection) -> dict[str, list[str]]:
    """Return every table and view with its columns, but for what SQLite and FTS5 keep for themselves."""
    names = conn.execute(
        """SELECT name FROM sqlite_master WHERE type IN ('table', 'view')
        AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '%\\_fts\\_%' ESCAPE '\\'"""
    ).fetchall()
    return {name: [row[1] for row in conn.execute(f'PRAGMA table_info("{name}")')] for (name,) in names}


def documented() -> dict[str, list[str]]:
    sections = re.split(r"^### `(\w+)`$", DOC.split("## Ten questions")[0], flags=re.MULTILINE)[1:]
    return {
        name: re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
        for name, text in zip(sections[::2], sections[1::2], strict=True)
    }


def test_every_table_and_column_is_documented_and_nothing_else(fresh: sqlite3.Connection) -> None:
    have, told = tables(fresh), documented()
    assert set(told) == set(have)
    for name, columns in have.items():
        assert set(told[name]) == set(columns), name
        assert len(told[name]) == len(set(told[name])), name


def test_no_meaning_is_empty() -> None:
    rows = re.findall(r"^\| `\w+` \|(.*)\|$", DOC, re.MULTILINE)
    assert all(len(row.strip()) >= 4 for row in rows)


def test_there_are_ten_questions() -> None:
    assert len(QUERIES) == 10


@pytest.mark.parametrize("query", QUERIES)
def test_an_example_query_runs(fresh: sqlite3.Connection, query: str) -> None:
    fresh.execute(query).fetchall()


def test_the_changes_by_hand_run(fresh: sqlite3.Connection) -> None:
    (changes,) = re.findall(r"```sql\n(update.*?)```", DOC, re.DOTALL)
    fresh.executescript(f"BEGIN; {changes} ROLLBACK;")


def test_datasette_names_only_what_exists(fresh: sqlite3.Connection) -> None:
    have = tables(fresh)
    named, table = set(), ""
    for line in (ROOT / "datasette.yaml").read_text("utf-8").splitlines():
        if found := re.fullmatch(r" {6}(\w+):", line):
            table = found[1]
            named.add(table)
            assert table in have
        elif found := re.fullmatch(r" {8}(?:sort|sort_desc|label_column|fts_pk): (\w+)", line):
            assert found[1] in have[table], line
        elif found := re.fullmatch(r" {8}facets: \[(.*)\]", line):
            assert set(found[1].split(", ")) <= set(have[table]), line
    assert named == set(have) - {"_sqlite_migrations"}
