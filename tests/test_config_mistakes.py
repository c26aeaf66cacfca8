"""config.toml: what is refused, and in which words."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import config
from monitor.errors import ConfigError
from monitor.settings import file as config_file

ROOT = Path(__file__).parent.parent
TOPIC = '[[topics]]\nname = "Case"\nabout = "case"\n'
CHANNEL = '[[channels]]\nname = "desk"\n'
LISTEN = (
    'monitor.listen: found {}; allowed: an IP address and a port such as "127.0.0.1:9464" or "[::1]:9464", or "" '
    "for none"
)
LLM = '[llm]\nurl = "http://127.0.0.1:11434/v1"\nmodel = "m"\n'
ENV = {"KEY": "hush-hush", "BLANK": " ", "TWO_LINES": "hush-hush\nhush-hush", "ACCENTS": "hush-hush-é"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "seed.txt").write_text("A first report")
    (tmp_path / "empty.txt").write_text(" \n")
    (tmp_path / "picture.txt").write_bytes(b"\x89PNG\r\n\x00\x00")
    (tmp_path / "latin1.txt").write_bytes("Zürich".encode("latin-1"))
    (tmp_path / "huge.txt").write_text("x" * 1_000_001)
    return tmp_path


def refusal(folder: Path, text: str) -> str:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        config.load(path, env=ENV, installed=frozenset())
    return str(caught.value)


MISTAKES = {  # file, line (after the file's name)
    "a wrong duration": (
        TOPIC + 'interval = { min = "5x" }',
        'topics[0].interval.min: found "5x"; allowed: a duration such as 50ms, 30s, 15m, 12h, 3d',
    ),
    "a duration without unit": (
        TOPIC + "[fetch]\ntimeout = 30",
        "fetch.timeout: found 30; allowed: a duration such as 50ms, 30s, 15m, 12h, 3d",
    ),
    "no time at all": (
        TOPIC + '[fetch]\ntimeout = "0s"',
        'fetch.timeout: found "0s"; allowed: a duration longer than 0, such as 30s',
    ),
    "an age": (
        TOPIC + 'interval = { max = "999999d" }',
        'topics[0].interval.max: found "999999d"; allowed: a duration of at most ten years, 3650d',
    ),
    "an interval the wrong way round": (
        TOPIC + 'interval = { min = "2d", max = "1d" }',
        "topics[0].interval: min is longer than max; exchange the two",
    ),
    "half an alert": (
        TOPIC + "alerts_per_hour = 2.5",
        "topics[0].alerts_per_hour: found 2.5; allowed: a whole number such as 10; 0 is no limit",
    ),
    "fewer alerts than none": (
        TOPIC + "alerts_per_hour = -1",
        "topics[0].alerts_per_hour: found -1; allowed: a whole number such as 10; 0 is no limit",
    ),
    "yes for a number": (
        TOPIC + "alerts_per_hour = true",
        "topics[0].alerts_per_hour: found true; allowed: a whole number such as 10; 0 is no limit",
    ),
    "a word for yes": (
        TOPIC + 'recheck = "yes"',
        'topics[0].recheck: found "yes"; allowed: true or false',
    ),
    "embeddings that are not installed": (
        '[monitor]\nembeddings = "on"\n' + TOPIC,
        'monitor.embeddings: found "on"; what this needs is not installed; run: pip install '
        "'story-monitor[embeddings]'",
    ),
    "embeddings, yes": (
        '[monitor]\nembeddings = "yes"\n' + TOPIC,
        'monitor.embeddings: found "yes"; allowed: auto, off, on',
    ),
    "embeddings without quotes": (
        "[monitor]\nembeddings = true\n" + TOPIC,
        "monitor.embeddings: found true; allowed: auto, off, on",
    ),
    "a wrong size": (
        TOPIC + '[fetch]\nmax_body = "big"',
        'fetch.max_body: found "big"; allowed: a size such as 500kB, 15MB, 1GB',
    ),
    "a size of nothing": (
        TOPIC + '[fetch]\nmax_body = "0MB"',
        'fetch.max_body: found "0MB"; allowed: a size such as 500kB, 15MB, 1GB',
    ),
    "a word that is not a choice": (
        TOPIC + '[fetch]\nrobots = "obay"',
        'fetch.robots: found "obay"; allowed: obey, ignore; did you mean `obey`?',
    ),
    "a wrong network": (
        TOPIC + '[fetch]\nallow_networks = ["10.0.0.1/8"]',
        'fetch.allow_networks[0]: found "10.0.0.1/8"; allowed: a network such as 127.0.0.0/16, or one IP address '
        "such as "
        "10.0.0.5",
    ),
    "a key with a slip": (TOPIC + "feed = []", "topics[0].feed: unknown key; did you mean `feeds`?"),
    "a heading with a slip": (TOPIC + "[fetsch]", "fetsch: unknown key; did you mean `fetch`?"),
    "a key under the wrong heading": (
        TOPIC + '[monitor]\ntimeout = "3s"',
        "monitor.timeout: unknown key here; `timeout` belongs under [fetch]",
    ),
    "a key below a milestone": (
        TOPIC + '[[topics.milestones]]\nexpect = "x"\nany = ["y"]\nnotify = []',
        "topics[0].milestones[0].notify: unknown key here; `notify` belongs under [[topics]], above any other heading",
    ),
    "a key of another source": (
        TOPIC + 'feeds = [{ url = "http://a.org", links = "a" }]',
        "topics[0].feeds[0].links: unknown key here; `links` belongs in a table of `listings`",
    ),
    "a key from nowhere": (
        TOPIC + "[monitor]\nzzz = 1",
        "monitor.zzz: unknown key; allowed here: database, contact, embeddings, keep_captures, recheck, listen",
    ),
    "text that is a number": (TOPIC + "notify = [1]", "topics[0].notify[0]: found 1; allowed: text in quotes"),
    "text without text": (
        TOPIC.replace('"Case"', '" "'),
        'topics[0].name: found " "; allowed: text that is not empty',
    ),
    "a yes where text belongs": (
        TOPIC + "slug = true",
        "topics[0].slug: found true; allowed: small letters a to z, digits, and single hyphens between them, such as "
        "alibaba-probe",
    ),
    "one address in place of a list": (
        TOPIC + 'feeds = "https://a.org"',
        'topics[0].feeds: found "https://a.org"; allowed: a list in [ ]',
    ),
    "a list in place of a table": (
        TOPIC + "interval = []",
        "topics[0].interval: found a list; allowed: a table",
    ),
    "one topic in single brackets": (
        '[topics]\nname = "a"\nabout = "a"',
        "topics: found a table; allowed: tables headed [[topics]]",
    ),
    "fetch in double brackets": (TOPIC + "[[fetch]]", "fetch: found a list; allowed: a table headed [fetch]"),
    "no name": ('[[topics]]\nabout = "a"', "topics[0].name: missing; it has to be given"),
    "no topic": (
        "",
        'topics: no topic; add one: [[topics]], below it name = "…", about = "…" and feeds = ["https://…"]',
    ),
    "nothing to look for": (
        '[[topics]]\nname = "a"',
        "topics[0]: a topic needs `about`, the words to look for, or `seed`, an article to start from",
    ),
    "two topics of one name": (
        TOPIC + TOPIC.replace("Case", "case!"),
        'topics[1].slug: "case" is also that of topics[0]; give each its own `slug`',
    ),
    "a slug that is another's name": (
        TOPIC + '[[topics]]\nname = "x"\nabout = "x"\nslug = "case"',
        'topics[1].slug: "case" is also that of topics[0]; give each its own `slug`',
    ),
    "a wrong query": (
        TOPIC.replace('"case"', '"(a OR"'),
        'topics[0].about: found "(a OR"; at character 6: something to look for is missing here',
    ),
    "a wrong address": (
        TOPIC + 'feeds = ["ftp://a.org/x"]',
        'topics[0].feeds[0]: found "ftp://a.org/x"; allowed: an address that begins with http:// or https:// and '
        "names a "
        "host",
    ),
    "an address without scheme": (
        TOPIC + 'sites = ["a.org/x"]',
        'topics[0].sites[0]: found "a.org/x"; allowed: an address that begins with http:// or https:// and names '
        "a host; "
        'did you mean "https://a.org/x"?',
    ),
    "an address without host": (
        TOPIC + 'pages = [{ url = "https:///x" }]',
        'topics[0].pages[0].url: found "https:///x"; allowed: an address that begins with http:// or https:// '
        "and names "
        "a host",
    ),
    "an address with a password": (
        TOPIC + 'feeds = ["https://me:hush-hush@a.org"]',
        'topics[0].feeds[0]: found "https://…@a.org"; allowed: an address without user name and password',
    ),
    "an address with a port that is none": (
        TOPIC + 'feeds = ["http://a.org:port/"]',
        'topics[0].feeds[0]: found "http://a.org:port/"; allowed: an address that begins with http:// or https:// and '
        "names a host",
    ),
    "an address with a gap": (
        TOPIC + 'feeds = ["http://a.org/a b"]',
        'topics[0].feeds[0]: found "http://a.org/a b"; allowed: an address that begins with http:// or https:// and '
        "names a host",
    ),
    "an address that is a number": (
        TOPIC + "feeds = [3]",
        'topics[0].feeds[0]: found 3; allowed: an address in quotes, or a table such as { url = "https://…" }',
    ),
    "a path into JSON that is none": (
        TOPIC + 'searches = [{ url = "http://a.org", items = "data[" }]',
        'topics[0].searches[0].items: found "data["; allowed: a path such as data.list, hits[0].title or '
        'sections[*].articles; a key with a dot in "…"',
    ),
    "an empty path into JSON": (
        TOPIC + 'searches = [{ url = "http://a.org", items = " " }]',
        'topics[0].searches[0].items: found " "; allowed: a path in quotes such as data.list; leave it out where the '
        "answer is the list itself",
    ),
    "a path into JSON without quotes": (
        TOPIC + 'searches = [{ url = "http://a.org", date = 3 }]',
        "topics[0].searches[0].date: found 3; allowed: a path in quotes such as data.list; leave it out where the "
        "answer is the list itself",
    ),
    "a selector for a search": (
        TOPIC + 'searches = [{ url = "http://a.org", links = "a" }]',
        "topics[0].searches[0].links: unknown key; did you mean `link`?",
    ),
    "paths into JSON for a feed": (
        TOPIC + 'feeds = [{ url = "http://a.org", items = "data" }]',
        "topics[0].feeds[0].items: unknown key here; `items` belongs in a table of `searches`",
    ),
    "an unknown placeholder": (
        TOPIC + 'searches = ["http://a.org?q={abuot}"]',
        'topics[0].searches[0]: found "http://a.org?q={abuot}"; unknown placeholder {abuot}; allowed: {about}, {words}',
    ),
    "a wrong selector": (
        TOPIC + 'listings = [{ url = "http://a.org", links = "main a[" }]',
        'topics[0].listings[0].links: found "main a["; allowed: a CSS selector of the links, such as "main a.story"',
    ),
    "a wrong language": (
        TOPIC + 'languages = ["English language"]',
        'topics[0].languages[0]: found "English language"; allowed: a language code such as "en" or "zh"',
    ),
    "an alias that is no list": (
        TOPIC + 'aliases = { "Li Yonghe" = "x" }',
        'topics[0].aliases."Li Yonghe": found "x"; allowed: a list in [ ]',
    ),
    "an alias of nothing": (
        TOPIC + 'aliases = { " " = ["x"] }',
        'topics[0].aliases." ": found " "; allowed: text that is not empty',
    ),
    "a milestone without phrases": (
        TOPIC + '[[topics.milestones]]\nexpect = "x"\nany = []',
        "topics[0].milestones[0].any: found a list; allowed: a list of at least one phrase that tells that it "
        "has happened",
    ),
    "a day in quotes": (
        TOPIC + '[[topics.milestones]]\nexpect = "x"\nany = ["y"]\nby = "2021-09-30"',
        'topics[0].milestones[0].by: found "2021-09-30"; allowed: a day such as 2021-09-30, without quotes and '
        "without a "
        "time",
    ),
    "a day with a time": (
        TOPIC + '[[topics.milestones]]\nexpect = "x"\nany = ["y"]\nby = 2021-09-30T12:00:00Z',
        "topics[0].milestones[0].by: found 2021-09-30 12:00:00+00:00; allowed: a day such as 2021-09-30, without "
        "quotes "
        "and without a time",
    ),
    "a mail address alone": (
        TOPIC + '[monitor]\ncontact = "me@example.org"',
        'monitor.contact: found "me@example.org"; allowed: "mailto:" and a mail address, a web address, or "" '
        "for none; "
        'did you mean "mailto:me@example.org"?',
    ),
    "a contact that leaves its header": (
        TOPIC + '[monitor]\ncontact = "https://a.org/)x"',
        'monitor.contact: found "https://a.org/)x"; allowed: "mailto:" and a mail address, a web address, or "" '
        "for none",
    ),
    "a database in memory": (
        TOPIC + '[monitor]\ndatabase = ":memory:"',
        'monitor.database: found ":memory:"; the database is what monitor remembers by; it has to be a file',
    ),
    "a database that is a folder": (
        TOPIC + '[monitor]\ndatabase = "data/"',
        'monitor.database: found "data/"; allowed: the name of a file',
    ),
    "a port alone": (
        TOPIC + '[monitor]\nlisten = ":9464"',
        'monitor.listen: found ":9464"; '
        "who may ask has to be said: 127.0.0.1:9464 listens to this machine alone, 0.0.0.0:9464 to "
        "whoever reaches it, without a password",
    ),
    "a host name to listen on": (TOPIC + '[monitor]\nlisten = "localhost:9464"', LISTEN.format('"localhost:9464"')),
    "an address without port": (TOPIC + '[monitor]\nlisten = "127.0.0.1"', LISTEN.format('"127.0.0.1"')),
    "a port as a number": (TOPIC + "[monitor]\nlisten = 9464", LISTEN.format("9464")),
    "a port that is none": (TOPIC + '[monitor]\nlisten = "127.0.0.1:65536"', LISTEN.format('"127.0.0.1:65536"')),
    "a port of its own choice": (TOPIC + '[monitor]\nlisten = "127.0.0.1:0"', LISTEN.format('"127.0.0.1:0"')),
    "an address of IPv6 without brackets": (TOPIC + '[monitor]\nlisten = "::1:9464"', LISTEN.format('"::1:9464"')),
    "a reference where none is filled in": (
        TOPIC + '[monitor]\ndatabase = "${DB}"',
        "monitor.database: ${…} is filled in only in webhook, apprise, secret, proxy, key, "
        "and the url of [llm]; write the value itself",
    ),
    "an empty seed": (
        TOPIC + 'seed = "empty.txt"',
        'topics[0].seed: found "empty.txt"; this file is empty; it should hold an article, its title in the first line',
    ),
    "a picture as seed": (
        TOPIC + 'seed = "picture.txt"',
        'topics[0].seed: found "picture.txt"; this file is not plain text in UTF-8; it should hold an article, '
        "its title "
        "in the first line",
    ),
    "a seed in an old encoding": (
        TOPIC + 'seed = "latin1.txt"',
        'topics[0].seed: found "latin1.txt"; this file is not plain text in UTF-8; it should hold an article, '
        "its title "
        "in the first line",
    ),
    "a book as seed": (
        TOPIC + 'seed = "huge.txt"',
        'topics[0].seed: found "huge.txt"; this file is larger than 1 MB; it should hold one article as plain text',
    ),
    "a seed that is a number": (
        TOPIC + "seed = 1",
        "topics[0].seed: found 1; allowed: the address of an article, or the name of a text file, in quotes",
    ),
    "certificates that are a number": (
        TOPIC + "[fetch]\nca_file = 1",
        'fetch.ca_file: found 1; allowed: the name of a file of certificates in PEM form, or ""',
    ),
    "a secret file in an old encoding": (
        TOPIC + CHANNEL + 'webhook = "http://a.org"\nsecret = "${file:latin1.txt}"',
        "channels[0].secret: the file of ${file:latin1.txt} is not text in UTF-8",
    ),
    "a file that holds no certificate": (
        TOPIC + '[fetch]\nca_file = "seed.txt"',
        'fetch.ca_file: found "seed.txt"; there is no certificate in this file; one in PEM form begins with -----BEGIN '
        "CERTIFICATE-----",
    ),
    "a channel nobody has": (
        TOPIC + 'notify = ["dask"]\n' + CHANNEL + 'webhook = "http://a.org"',
        'topics[0].notify[0]: no channel has the name "dask"; did you mean `desk`?',
    ),
    "a channel where there are none": (
        TOPIC + 'notify = ["desk"]',
        'topics[0].notify[0]: no channel has the name "desk"; there are no [[channels]]',
    ),
    "two channels of one name": (
        TOPIC + (CHANNEL + 'webhook = "http://a.org"\n') * 2,
        'channels[1].name: "desk" is also that of channels[0]; give each its own `name`',
    ),
    "a channel to nowhere": (
        TOPIC + CHANNEL,
        "channels[0]: a channel needs either `webhook` or `apprise`, and not both",
    ),
    "a channel to two places": (
        TOPIC + CHANNEL + 'webhook = "http://a.org"\napprise = "ntfy://x"',
        "channels[0]: a channel needs either `webhook` or `apprise`, and not both",
    ),
    "a secret that nothing is signed with": (
        TOPIC + CHANNEL + 'apprise = "ntfy://x"\nsecret = "${KEY}"',
        "channels[0].secret: only a webhook is signed; leave `secret` out",
    ),
    "quiet hours that are a duration": (
        TOPIC + CHANNEL + 'webhook = "http://a.org"\nquiet = "8h"',
        'channels[0].quiet: found "8h"; allowed: two times of day such as "22:00-07:00", from 00:00 to 23:59',
    ),
    "quiet hours past the end of the day": (
        TOPIC + CHANNEL + 'webhook = "http://a.org"\nquiet = "22:00-24:00"',
        'channels[0].quiet: found "22:00-24:00"; allowed: two times of day such as "22:00-07:00", from 00:00 to 23:59',
    ),
    "quiet hours that are no text": (
        TOPIC + CHANNEL + 'webhook = "http://a.org"\nquiet = 22:00:00',
        'channels[0].quiet: found 22:00:00; allowed: two times of day such as "22:00-07:00", from 00:00 to 23:59',
    ),
    "quiet hours without end": (
        TOPIC + CHANNEL + 'webhook = "http://a.org"\nquiet = "07:00 - 7:00"',
        'channels[0].quiet: found "07:00 - 7:00"; these hours end when they begin; `notify` of a topic leaves a '
        "channel out",
    ),
    "a time zone with a slip": (
        TOPIC + CHANNEL + 'webhook = "http://a.org"\nquiet = "22:00-07:00"\ntimezone = "Europe/Berln"',
        'channels[0].timezone: found "Europe/Berln"; allowed: a time zone such as "Europe/Berlin" or "UTC"; did you '
        "mean `Europe/Berlin`?",
    ),
    "a time zone that is a folder": (
        TOPIC + CHANNEL + 'webhook = "http://a.org"\nquiet = "22:00-07:00"\ntimezone = "Europe"',
        'channels[0].timezone: found "Europe"; allowed: a time zone such as "Europe/Berlin" or "UTC"; did you mean '
        "`Europe/Rome`?",
    ),
    "a time zone out of the folder": (
        TOPIC + CHANNEL + 'webhook = "http://a.org"\nquiet = "22:00-07:00"\ntimezone = "../etc/passwd"',
        'channels[0].timezone: found "../etc/passwd"; allowed: a time zone such as "Europe/Berlin" or "UTC"',
    ),
    "a time zone for nothing": (
        TOPIC + CHANNEL + 'webhook = "http://a.org"\ntimezone = "Europe/Berlin"',
        "channels[0].timezone: only the hours of `quiet` are by a clock; add them, or leave this out",
    ),
    "a kind of alert with a slip": (
        TOPIC + CHANNEL + 'webhook = "http://a.org"\nkinds = ["removd"]',
        'channels[0].kinds[0]: found "removd"; allowed: new-development, reversal, milestone-met, milestone-overdue, '
        "edited, corrected, removed, resurfaced, blind; did you mean `removed`?",
    ),
    "a secret written out": (
        TOPIC + CHANNEL + 'webhook = "http://a.org"\nsecret = "hush-hush"',
        "channels[0].secret: a secret is not written into this file; put it into an environment variable or a "
        "file of its "
        "own, and write ${NAME} or ${file:/path} here",
    ),
    "a variable that is not set": (
        TOPIC + CHANNEL + 'webhook = "http://a.org"\nsecret = "${NO_KEY}"',
        "channels[0].secret: the environment variable NO_KEY is not set; set it before monitor starts",
    ),
    "a variable that is empty": (
        TOPIC + CHANNEL + 'webhook = "http://a.org"\nsecret = "${BLANK}"',
        "channels[0].secret: ${BLANK} stands for nothing: it is empty",
    ),
    "a reference that is none": (
        TOPIC + CHANNEL + 'webhook = "http://a.org/${MY KEY}"',
        "channels[0].webhook: allowed in ${ }: the NAME of an environment variable, or file:/path",
    ),
    "a reference left open": (
        TOPIC + CHANNEL + 'webhook = "http://a.org/${KEY"',
        "channels[0].webhook: a ${ is not closed by a }",
    ),
    "a webhook that is none": (
        TOPIC + CHANNEL + 'webhook = "${KEY}"',
        "channels[0].webhook: found a value that is not shown, as it may hold a secret; allowed: an address that "
        "begins "
        "with http:// or https:// and names a host",
    ),
    "an Apprise address that is none": (
        TOPIC + CHANNEL + 'apprise = "${KEY}"',
        "channels[0].apprise: found a value that is not shown, as it may hold a secret; allowed: an Apprise "
        "address such "
        "as ntfy://topic or mailto://…",
    ),
    "a model without an address": (TOPIC + '[llm]\nmodel = "m"', "llm.url: missing; it has to be given"),
    "an address without a model": (TOPIC + '[llm]\nurl = "http://x/v1"', "llm.model: missing; it has to be given"),
    "a model that is no table": (
        'llm = "hush-hush"\n' + TOPIC,
        "llm: found a value that is not shown, as it may hold a secret; allowed: a table headed [llm]",
    ),
    "a model's address that is none": (
        TOPIC + '[llm]\nurl = "ftp://u:hush-hush@x"\nmodel = "m"',
        "llm.url: found a value that is not shown, as it may hold a secret; allowed: an address that begins with "
        "http:// or https:// and names a host",
    ),
    "a model's key in the file": (
        TOPIC + LLM + 'key = "hush-hush"',
        "llm.key: a secret is not written into this file; put it into an environment variable or a file of its own, "
        "and write ${NAME} or ${file:/path} here",
    ),
    "a model's key of two lines": (
        TOPIC + LLM + 'key = "${TWO_LINES}"',
        "llm.key: what ${…} stands for is no key: one is a single word of letters, digits and signs without accents",
    ),
    "a model's key with accents": (
        TOPIC + LLM + 'key = "${ACCENTS}"',
        "llm.key: what ${…} stands for is no key: one is a single word of letters, digits and signs without accents",
    ),
    "a model's key that is not set": (
        TOPIC + LLM + 'key = "${NONE}"',
        "llm.key: the environment variable NONE is not set; set it before monitor starts",
    ),
    "a model's name filled in": (
        TOPIC + '[llm]\nurl = "http://x/v1"\nmodel = "${KEY}"',
        "llm.model: ${…} is filled in only in webhook, apprise, secret, proxy, key, and the url of [llm]; "
        "write the value itself",
    ),
    "a model's limit": (TOPIC + LLM + "tokens = 5", "llm.tokens: unknown key; allowed here: url, model, timeout, key"),
    "a proxy that is none": (
        TOPIC + '[fetch]\nproxy = "gopher://u:hush-hush@x"',
        "fetch.proxy: found a value that is not shown, as it may hold a secret; allowed: "
        '"", "env", or the address of a proxy such as http://proxy:3128',
    ),
}


@pytest.mark.parametrize("case", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_told_in_one_line(folder: Path, case: tuple[str, str]) -> None:
    text, line = case
    told = refusal(folder, text)
    assert told == f"{folder}/config.toml: {line}"
    assert "hush-hush" not in told


NOT_READ = {  # key of [[topics]] with a file, the file
    "a seed that is not there": ('seed = "none.txt"', "none.txt"),
    "a seed that is a folder": ('seed = "."', ""),
    "a secret that is not there": (CHANNEL + 'webhook = "http://a.org"\nsecret = "${file:none.txt}"', "none.txt"),
}


@pytest.mark.parametrize("case", NOT_READ.values(), ids=NOT_READ.keys())
def test_a_file_that_cannot_be_read_is_named(folder: Path, case: tuple[str, str]) -> None:
    line, name = case
    assert f"the file {folder / name} cannot be read: " in refusal(folder, TOPIC + line)


def test_all_mistakes_are_told_at_once_in_the_order_of_the_tables(folder: Path) -> None:
    told = refusal(folder, TOPIC + 'feeds = ["x", "http://a.org", 3]\nfoo = 1\n' + TOPIC + "[fetch]\nrobots = 1")
    assert [line.split(": ")[1] for line in told.splitlines()] == [
        "fetch.robots",
        "topics[0].feeds[0]",
        "topics[0].feeds[2]",
        "topics[0].foo",
        "topics[1].slug",
    ]


def test_toml_mistakes_have_line_and_column(folder: Path) -> None:
    told = refusal(folder, "[monitor]\ndatabase = monitor.db\n")
    assert told.startswith(f"{folder}/config.toml: this is not TOML: ")
    assert "line 2, column 12" in told


def test_a_file_in_an_old_encoding_is_refused_with_its_line(folder: Path) -> None:
    path = folder / "config.toml"
    path.write_bytes(b"[monitor]\n# Z\xfcrich\n")
    with pytest.raises(ConfigError, match=r"config\.toml: line 2 is not UTF-8"):
        config.load(path, env={})


def test_a_folder_is_no_config_file(folder: Path) -> None:
    with pytest.raises(ConfigError, match="it is a folder"):
        config.load(folder, env={})


def test_a_file_that_is_gone_is_refused(folder: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        config.load(folder / "none.toml", env={})


def test_a_name_that_no_file_can_have_is_refused(folder: Path) -> None:
    assert "cannot be the name of a file" in refusal(folder, TOPIC + 'seed = "a\\u0000b"')


@settings(max_examples=40, deadline=None)
@given(
    st.recursive(
        st.one_of(st.integers(), st.booleans(), st.text(max_size=8), st.just("${KEY}")),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(st.sampled_from([*config_file.keys()["topics"], "url", "min", "x"]), inner, max_size=4),
        ),
        max_leaves=12,
    ),
    st.sampled_from(["monitor", "fetch", "topics", "channels"]),
)
def test_whatever_stands_in_a_table_is_read_or_refused(value: object, key: str) -> None:
    around = config_file.Surroundings(Path("/nowhere"), ENV, lambda _: b"")
    for document in ({key: value}, {key: [value]}):
        file, lines = config_file.read(document, around)
        assert (file is None) is bool(lines)
        assert "hush-hush" not in "".join(lines)


def test_the_mistakes_of_the_document_are_told_so(folder: Path) -> None:
    document = (ROOT / "docs" / "config.md").read_text(encoding="utf-8")
    shown = [line for line in document.splitlines() if line.startswith("config.toml: ")]
    told = refusal(
        folder,
        TOPIC + 'feed = []\ninterval = { min = "5x" }\nnotify = ["dask"]\n'
        '[[topics]]\nname = "b"\nabout = "Alibaba (probe OR"\n[fetch]\ntimeout = 30\n'
        '[[channels]]\nname = "desk"\nwebhook = "http://a.org"\nsecret = "${DESK_SECRET}"',
    )
    assert sorted(shown) == sorted(line.replace(f"{folder}/", "") for line in told.splitlines())
