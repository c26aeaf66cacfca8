"""Real pages through the real program: the page the first story starts from, and one full of other things.

The pages are kept outside of this repository; where they are absent, these tests are skipped.
"""

import asyncio
import gzip
import html
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from .origin import Origin

HERE = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("MONITOR_SHARED", HERE.parent / "shared"))
YAHOO = SHARED / "bench/extraction/data/pages/aed_3406533d0a8b.html.gz"
SEED = next(iter(sorted((SHARED / "seed").glob("*.txt"))), None)

pytestmark = pytest.mark.skipif(
    SEED is None or not YAHOO.exists(), reason="the real pages are not here (set MONITOR_SHARED to their folder)"
)

NOISE = ("Oops!", "Something went wrong", "Recommended Stories")


def wrapped(text: str) -> bytes:
    """The text of a page as a plain HTML page: the first line its headline, each other line a paragraph."""
    title, _, rest = text.partition("\n")
    lines = "".join(f"<p>{html.escape(line.strip())}</p>\n" for line in rest.split("\n") if line.strip())
    page = (
        f"<!doctype html><meta charset=utf-8><title>{html.escape(title)}</title><h1>{html.escape(title)}</h1>\n{lines}"
    )
    return page.encode()


def page(body: bytes) -> Callable[..., Awaitable[None]]:
    async def answer(request: Any, writer: Any) -> None:
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n" % len(body)
            + body
        )
        await writer.drain()

    return answer


def shipped_with(origin: Origin, folder: Path) -> None:
    """The shipped config, with the two pages as the sources of its topic in place of the internet's."""
    text = (HERE / "config.toml").read_text("utf-8")
    ours = f'feeds = []\npages = ["{origin.url("/seed")}", "{origin.url("/yahoo")}"]'
    settings = '[fetch]\nallow_networks = ["127.0.0.0/8"]\nper_host_delay = "0s"'
    for pattern, written in ((r"^\[fetch\]$", settings), (r"^feeds = \[.*?^\]$", ours), (r"^searches = [^\n]*$", "")):
        text, count = re.subn(pattern, written, text, flags=re.MULTILINE | re.DOTALL)
        assert count == 1, pattern
    (folder / "config.toml").write_text(text, encoding="utf-8")


async def test_once_files_the_article_without_the_noise_and_finds_nothing_new_again(tmp_path: Path) -> None:
    assert SEED is not None
    async with Origin() as origin:
        origin.paths = {
            "/seed": page(wrapped(SEED.read_text("utf-8"))),
            "/yahoo": page(gzip.decompress(YAHOO.read_bytes())),
        }
        shipped_with(origin, tmp_path)
        await once(tmp_path)
        with closing(sqlite3.connect(tmp_path / "monitor.db")) as db:
            first = db.execute("select title, text, url from articles order by url").fetchall()
            db.execute("update sources set next_due_at = '2000-01-01T00:00:00Z'")
            db.commit()
        await once(tmp_path)
    with closing(sqlite3.connect(tmp_path / "monitor.db")) as db:
        again = db.execute("select title, text, url from articles order by url").fetchall()
        alerts = db.execute("select count(*) from alerts").fetchone()[0]
        decided = dict(
            db.execute("select a.url, d.relevant from decisions d join articles a on a.id = d.article_id").fetchall()
        )
        revisions = db.execute("select count(*) from revisions").fetchone()[0]
    assert again == first
    assert (alerts, revisions) == (0, 2)
    (seed,) = [row for row in first if row[2].endswith("/seed")]
    (other,) = [row for row in first if not row[2].endswith("/seed")]
    assert "will set up a hotline" in seed[1]
    assert "next big media merger" in other[1]
    assert not [noise for noise in NOISE for row in first if noise in row[1]]
    assert decided[seed[2]] == 1
    assert decided[other[2]] == 0


async def once(folder: Path) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "monitor", "once", cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    out, _ = await child.communicate()
    assert child.returncode == 0, out.decode()
