"""config.toml: what is read from it, which file it is, and that the documents know every key."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import date, time
from ipaddress import ip_network
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import config
from monitor.config import Config, FetchSettings
from monitor.errors import ConfigError
from monitor.model import ALERTS_PER_HOUR, Fields, Interval, Llm, Milestone, Quiet, Seed, Source, SourceKind
from monitor.settings import file as config_file
from monitor.settings.values import slug_of

ROOT = Path(__file__).parent.parent
TOPIC = '[[topics]]\nname = "Case"\nabout = "case"\n'
ENV = {"KEY": "hush-hush", "HOME": "/home/someone"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "seed.txt").write_text("\ufeffA first report\n\nIt happened.\n", encoding="utf-8")
    (tmp_path / "ca.pem").write_text("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n")
    (tmp_path / "key.txt").write_text("hush-hush\n")
    return tmp_path


def load(folder: Path, text: str, env: Mapping[str, str] = ENV) -> Config:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return config.load(path, env=env)


# ------------------------------------------------------------------------------------------------------ what is read


def test_the_shortest_file_is_enough(folder: Path) -> None:
    loaded = load(folder, TOPIC)
    (topic,) = loaded.topics
    assert loaded.path == folder / "config.toml"
    assert loaded.database == folder / "monitor.db"
    assert loaded.sha256 == hashlib.sha256(TOPIC.encode()).hexdigest()
    assert (loaded.contact, loaded.fetch, loaded.channels) == ("", FetchSettings(), ())
    assert (loaded.llm, loaded.listen) == (None, None)
    assert loaded.embeddings is ("embeddings" in config.extras())
    assert (topic.slug, topic.name, topic.about) == ("case", "Case", "case")
    assert (topic.sources, topic.seed, topic.notify, topic.milestones) == ((), None, None, ())


def test_everything_that_can_be_said_is_read(folder: Path) -> None:
    loaded = load(
        folder,
        """
        [monitor]
        database = "data/../news.db"
        contact = "mailto:you@example.org"
        listen = "[::1]:9464"
        [fetch]
        timeout = "1m30s"
        max_body = "1.5kB"
        per_host_delay = "0s"
        robots = "ignore"
        allow_networks = ["127.0.0.0/16", "::1"]
        proxy = "http://user:${KEY}@proxy:3128"
        ca_file = "ca.pem"
        [[topics]]
        name = "Case"
        slug = "a-case"
        aliases = { "Case" = ["案"] }
        languages = ["en", "zh-CN", "zh"]
        seed = "seed.txt"
        notify = ["desk"]
        alerts_per_hour = 0
        recheck = false
        [[topics.milestones]]
        expect = "verdict"
        any = ["was sentenced"]
        by = 2026-01-31
        [[channels]]
        name = "desk"
        webhook = "http://10.0.0.1/${KEY}"
        secret = "${file:key.txt}"
        kinds = ["blind"]
        digest = "1d"
        quiet = "22:00-7:30"
        timezone = "Asia/Shanghai"
        [[channels]]
        name = "phone"
        apprise = "ntfy://${KEY}"
        [llm]
        url = "http://10.0.0.2:11434/v1?by=${KEY}"
        model = "small"
        key = "${KEY}"
        timeout = "5s"
        """,
    )
    assert loaded.llm == Llm("http://10.0.0.2:11434/v1/chat/completions?by=hush-hush", "small", "hush-hush", 5.0)
    (topic,) = loaded.topics
    desk, phone = loaded.channels
    assert loaded.database == folder / "news.db"
    assert loaded.contact == "mailto:you@example.org"
    assert loaded.listen == ("::1", 9464)
    assert loaded.fetch == FetchSettings(
        timeout_s=90.0,
        max_body_bytes=1_500,
        per_host_delay_s=0.0,
        robots=False,
        allow_networks=(ip_network("127.0.0.0/16"), ip_network("::1")),
        proxy="http://user:hush-hush@proxy:3128",
        ca_file=folder / "ca.pem",
    )
    assert (topic.slug, topic.about, topic.languages, topic.notify) == ("a-case", None, ("en", "zh"), ("desk",))
    assert topic.aliases == {"Case": ("案",)}
    assert topic.alerts_per_hour == 0
    assert not topic.recheck
    assert topic.seed == Seed(text="A first report\n\nIt happened.")
    assert topic.milestones == (Milestone("verdict", ("was sentenced",), date(2026, 1, 31)),)
    assert (desk.webhook, desk.secret, desk.kinds, desk.digest_s) == (
        "http://10.0.0.1/hush-hush",
        "hush-hush",
        ("blind",),
        86_400.0,
    )
    assert desk.quiet == Quiet(time(22), time(7, 30), ZoneInfo("Asia/Shanghai"))
    assert phone.quiet is None
    assert (phone.apprise, phone.webhook, phone.secret, phone.kinds, phone.digest_s) == (
        "ntfy://hush-hush",
        None,
        None,
        None,
        None,
    )


def test_no_secret_shows_in_what_is_read(folder: Path) -> None:
    loaded = load(
        folder,
        TOPIC + '[fetch]\nproxy = "http://u:${KEY}@p"\n[[channels]]\nname = "a"\nwebhook = "http://h/${KEY}"\n'
        'secret = "${KEY}"\n[[channels]]\nname = "b"\napprise = "x://${KEY}"\n'
        '[llm]\nurl = "http://h/${KEY}"\nmodel = "m"\nkey = "${KEY}"\n',
    )
    assert "hush-hush" not in repr(loaded)


SOURCES = {  # lines below the topic, the sources they make
    "a feed": ('feeds = ["https://a.org/rss"]', [Source(SourceKind.FEED, "https://a.org/rss")]),
    "one of each kind": (
        'feeds=["http://a.org"]\nsitemaps=["http://b.org"]\nlistings=["http://c.org"]\nsearches=["http://d.org"]\n'
        'pages=["http://e.org"]\nsites=["http://f.org"]',
        [Source(kind, f"http://{host}.org") for kind, host in zip(SourceKind, "abcdef", strict=True)],
    ),
    "the topic's interval": (
        'feeds = ["http://a.org"]\ninterval = { min = "1s", max = "2s" }',
        [Source(SourceKind.FEED, "http://a.org", Interval(1.0, 2.0))],
    ),
    "an interval of its own": (
        'feeds = [{ url = "http://a.org", interval = { max = "50ms" } }]\ninterval = { min = "10ms", max = "2s" }',
        [Source(SourceKind.FEED, "http://a.org", Interval(0.01, 0.05))],
    ),
    "a least interval beyond the usual longest": (
        'feeds = ["http://a.org"]\ninterval = { min = "3d" }',
        [Source(SourceKind.FEED, "http://a.org", Interval(259_200.0, 259_200.0))],
    ),
    "a longest interval below the usual least": (
        'feeds = ["http://a.org"]\ninterval = { max = "1m" }',
        [Source(SourceKind.FEED, "http://a.org", Interval(60.0, 60.0))],
    ),
    "a selector": (
        'listings = [{ url = "http://a.org", links = "main a.story" }]',
        [Source(SourceKind.LISTING, "http://a.org", links="main a.story")],
    ),
    "an address twice": ('feeds = ["http://a.org", "http://a.org"]', [Source(SourceKind.FEED, "http://a.org")]),
    "a private address": ('feeds = ["http://127.0.0.1:80/"]', [Source(SourceKind.FEED, "http://127.0.0.1:80/")]),
    "a search without words": ('searches = ["http://a.org?x=1"]', [Source(SourceKind.SEARCH, "http://a.org?x=1")]),
    "a search with paths into its answer": (
        'searches = [{ url = "http://a.org", items = "data.list", date = "at" }]',
        [Source(SourceKind.SEARCH, "http://a.org", fields=Fields(items="data.list", date="at"))],
    ),
    "a search with the name": (
        'searches = ["http://a.org?q={about}&n=1"]',
        [Source(SourceKind.SEARCH, "http://a.org?q=case&n=1")],
    ),
    "braces elsewhere are left": (
        'feeds = ["http://a.org?q={about}"]',
        [Source(SourceKind.FEED, "http://a.org?q={about}")],
    ),
}


@pytest.mark.parametrize("case", SOURCES.values(), ids=SOURCES.keys())
def test_sources(folder: Path, case: tuple[str, list[Source]]) -> None:
    lines, sources = case
    assert list(load(folder, TOPIC + lines).topics[0].sources) == sources


SEARCHED = {  # about, what stands for {about}, for {words}
    "alternatives": (
        "'Alibaba (probe OR \"a b\") NOT x'",
        "Alibaba%20%28probe%20OR%20%22a%20b%22%29",
        "Alibaba%20probe",
    ),
    "another script and a sign": ('"阿里 AT&T"', "%E9%98%BF%E9%87%8C%20AT%26T", "%E9%98%BF%E9%87%8C%20AT%26T"),
    "a query without words is searched by name": ('"*"', "Big%20Case", "Big%20Case"),
}


@pytest.mark.parametrize("case", SEARCHED.values(), ids=SEARCHED.keys())
def test_words_in_a_search_address(folder: Path, case: tuple[str, str, str]) -> None:
    about, quoted, words = case
    loaded = load(
        folder, f'[[topics]]\nname = "Big Case"\nabout = {about}\nsearches = ["http://a.org?{{about}}&{{words}}"]'
    )
    assert loaded.topics[0].sources[0].url == f"http://a.org?{quoted}&{words}"


def test_a_seed_may_be_an_address(folder: Path) -> None:
    loaded = load(folder, '[[topics]]\nname = "A"\nseed = "https://a.org/x"\nsearches = ["http://a.org?{about}"]')
    assert loaded.topics[0].seed == Seed(url="https://a.org/x")
    assert loaded.topics[0].sources[0].url == "http://a.org?A"


def test_a_database_in_the_home_folder(folder: Path) -> None:
    assert load(folder, TOPIC + '[monitor]\ndatabase = "~/m.db"').database == Path("/home/someone/m.db")


def test_a_byte_order_mark_is_no_mistake(folder: Path) -> None:
    assert load(folder, "\ufeff" + TOPIC).topics[0].slug == "case"


def test_a_relative_path_is_made_absolute(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(folder, TOPIC)
    monkeypatch.chdir(folder)
    assert config.load(Path("config.toml"), env={}).path == folder / "config.toml"


DURATIONS = {
    "50ms": 0.05,
    "30s": 30.0,
    "15m": 900.0,
    "12h": 43_200.0,
    "3d": 259_200.0,
    "2w": 1_209_600.0,
    "1.5h": 5_400.0,
    "1h 30m": 5_400.0,
    "0s": 0.0,
}


@pytest.mark.parametrize(("written", "seconds"), DURATIONS.items())
def test_durations(folder: Path, written: str, seconds: float) -> None:
    assert load(folder, f'{TOPIC}[fetch]\nper_host_delay = "{written}"').fetch.per_host_delay_s == pytest.approx(
        seconds
    )


MODELS = {  # as written -> as asked
    "http://127.0.0.1:11434/v1": "http://127.0.0.1:11434/v1/chat/completions",
    "https://api.example.org/v1/": "https://api.example.org/v1/chat/completions",
    "https://api.example.org": "https://api.example.org/chat/completions",
    "https://api.example.org/v1/chat/completions": "https://api.example.org/v1/chat/completions",
    "https://a.example/d/x/chat/completions?api-version=1#x": "https://a.example/d/x/chat/completions?api-version=1",
}


@pytest.mark.parametrize(("written", "asked"), MODELS.items())
def test_the_address_of_a_model_may_leave_out_what_all_end_in(folder: Path, written: str, asked: str) -> None:
    assert load(folder, f'{TOPIC}[llm]\nurl = "{written}"\nmodel = "m"').llm == Llm(asked, "m", None, 60.0)


SIZES = {"1B": 1, "500kB": 500_000, "15MB": 15_000_000, "1 GB": 10**9, "2KiB": 2_048, "1mib": 2**20}


@pytest.mark.parametrize(("written", "number"), SIZES.items())
def test_sizes(folder: Path, written: str, number: int) -> None:
    assert load(folder, f'{TOPIC}[fetch]\nmax_body = "{written}"').fetch.max_body_bytes == number


EMBEDDINGS = {  # written, the extra is installed -> used
    "left out": ("", False, False),
    "left out, installed": ("", True, True),
    "auto": ('embeddings = "auto"', False, False),
    "auto, installed": ('embeddings = "auto"', True, True),
    "on, installed": ('embeddings = "on"', True, True),
    "off": ('embeddings = "off"', False, False),
    "off, installed": ('embeddings = "off"', True, False),
}


@pytest.mark.parametrize("case", EMBEDDINGS.values(), ids=EMBEDDINGS.keys())
def test_embeddings_are_used_where_they_are_installed(folder: Path, case: tuple[str, bool, bool]) -> None:
    written, there, used = case
    path = folder / "config.toml"
    path.write_text(f"[monitor]\n{written}\n{TOPIC}")
    installed = frozenset({"embeddings"} if there else ())
    assert config.load(path, env=ENV, installed=installed).embeddings is used


SLUGS = {
    "words": ("Alibaba harassment probe", "alibaba-harassment-probe"),
    "accents and signs": ("Łódź: l'enquête n° 2!", "lodz-l-enquete-n-2"),
    "two scripts": ("阿里巴巴 Alibaba", "alibaba"),
    "a long name": ("word " * 30, "word-word-word-word-word-word-word-word-word-word-word-word"),
}


@pytest.mark.parametrize("case", SLUGS.values(), ids=SLUGS.keys())
def test_slugs(case: tuple[str, str]) -> None:
    assert slug_of(case[0]) == case[1]


def test_a_name_without_latin_letters_has_a_slug_of_its_own() -> None:
    slugs = {slug_of(name) for name in ("阿里巴巴性侵案", "吴亦凡案", "2021年", "?")}
    assert len(slugs) == 4
    assert all(re.fullmatch(r"topic-[0-9a-f]{8}", slug) for slug in slugs)


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=90))
def test_any_name_has_a_slug_that_could_be_given(name: str) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug_of(name))
    assert slug_of(name) == slug_of(name)


# ------------------------------------------------------------------------------------------------------- which file


def test_the_named_file_comes_first(folder: Path) -> None:
    for name in ("a.toml", "b.toml", "config.toml"):
        (folder / name).write_text("")
    env = {"MONITOR_CONFIG": "b.toml"}
    assert config.find("a.toml", env=env, cwd=folder) == folder / "a.toml"
    assert config.find(None, env=env, cwd=folder) == folder / "b.toml"
    assert config.find(None, env={"MONITOR_CONFIG": ""}, cwd=folder) == folder / "config.toml"


@pytest.mark.parametrize(
    "env", [{"XDG_CONFIG_HOME": "{}"}, {"HOME": "{}/.."}, {"XDG_CONFIG_HOME": "x", "HOME": "{}/.."}]
)
def test_the_users_own_file_comes_after_the_folder(tmp_path: Path, env: dict[str, str]) -> None:
    own = tmp_path / ".config" / "monitor" / "config.toml"
    own.parent.mkdir(parents=True)
    own.write_text("")
    found = config.find(None, env={name: value.format(own.parent.parent) for name, value in env.items()}, cwd=tmp_path)
    assert found.samefile(own)


@pytest.mark.parametrize("named", ["--config", "$MONITOR_CONFIG"])
def test_a_named_file_that_is_not_there_is_refused(folder: Path, named: str) -> None:
    (folder / "config.toml").write_text("")
    explicit, env = ("none.toml", {}) if named == "--config" else (None, {"MONITOR_CONFIG": "none.toml"})
    with pytest.raises(ConfigError, match=re.escape(f"{named} names {folder}/none.toml")):
        config.find(explicit, env=env, cwd=folder)


def test_without_any_file_the_places_are_listed(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        config.find(None, env={"XDG_CONFIG_HOME": f"{tmp_path}/xdg"}, cwd=tmp_path)
    for place in (f"{tmp_path}/config.toml", f"{tmp_path}/xdg/monitor/config.toml", "/etc/monitor/config.toml"):
        assert place in str(caught.value)
    assert "--config FILE" in str(caught.value)


# ---------------------------------------------------------------------------------------- the file that ships, the doc


def _all_in_use(text: str) -> str:
    """Take the # away from every setting that is not in use."""
    return re.sub(r"^#(?=[a-z\[])", "", text, flags=re.MULTILINE)


def test_the_shipped_file_follows_the_story_in_two_languages() -> None:
    loaded = config.load(ROOT / "config.toml", env={})
    (topic,) = loaded.topics
    assert topic.languages == ("en", "zh")
    assert "阿里巴巴" in topic.aliases["Alibaba"]
    assert {source.kind for source in topic.sources} == {SourceKind.FEED, SourceKind.SEARCH}
    assert all(any(phrase.isascii() for phrase in each.any) for each in topic.milestones)
    assert all(any(not phrase.isascii() for phrase in each.any) for each in topic.milestones)
    assert len(topic.milestones) == 4


def test_every_setting_of_the_shipped_file_can_be_used(folder: Path) -> None:
    text = _all_in_use((ROOT / "config.toml").read_text(encoding="utf-8"))
    loaded = load(folder, text, {"DESK_SECRET": "x", "NTFY_TOPIC": "y", "LLM_KEY": "z"})
    assert loaded.contact == "mailto:you@example.org"
    assert loaded.fetch == FetchSettings()  # what is shown as usual is what is usual
    assert [topic.slug for topic in loaded.topics] == ["alibaba-harassment-probe", "name-of-the-story"]
    assert [channel.name for channel in loaded.channels] == ["desk", "phone"]
    assert loaded.llm is not None
    assert (loaded.llm.key, loaded.llm.timeout_s) == ("z", Llm("", "").timeout_s)
    assert {source.kind for source in loaded.topics[0].sources} == set(SourceKind)
    assert loaded.topics[0].sources[0].interval == Interval()
    assert loaded.topics[0].alerts_per_hour == loaded.topics[1].alerts_per_hour == ALERTS_PER_HOUR


@pytest.mark.parametrize(("table", "keys"), config_file.keys().items())
def test_every_key_is_in_the_shipped_file_and_in_the_document(table: str, keys: tuple[str, ...]) -> None:
    shipped = (ROOT / "config.toml").read_text(encoding="utf-8")
    document = (ROOT / "docs" / "config.md").read_text(encoding="utf-8")
    for key in keys:
        assert re.search(rf"^#?{key} = |[{{,] {key} = |^#?\[+(\w+\.)?{key}\]", shipped, re.MULTILINE), (table, key)
        assert re.search(rf"^\| `{key}` \||^## `\[+{key}\]|^\*\*`?\[*(topics\.)?{key}", document, re.MULTILINE), (
            table,
            key,
        )


def _query_examples() -> list[tuple[str, str, str]]:
    document = (ROOT / "docs" / "config.md").read_text(encoding="utf-8")
    section = document.partition("| query | takes the title |")[2].partition("\n\n")[0]
    return re.findall(r"^\| `(.+?)` \| (.+?) \| (.+?) \|$", section, re.MULTILINE)


@pytest.mark.parametrize(("about", "taken", "left"), _query_examples())
def test_the_query_examples_of_the_document_are_true(about: str, taken: str, left: str) -> None:
    query = config.query.parse(about)
    assert query.match(taken, "").matched
    assert not query.match(left, "").matched
