"""The last look: numbers and names that no cited passage holds are seen."""

from bot.assistant.grounding import ungrounded
from knowledge.passages import Passage


def passage(text: str) -> Passage:
    return Passage("id", "a.md", "Số liệu", "figures", ("Xuất khẩu sang Mỹ bao nhiêu?",), text, 0, (), (), (), ())


SAID = passage("Chín tháng năm 2019, Việt Nam xuất khẩu sang Mỹ 44,65 tỷ USD, theo VnExpress.")


def test_what_stands_in_the_passage_is_grounded() -> None:
    assert ungrounded("Xuất khẩu sang Mỹ đạt 44,65 tỷ USD năm 2019, theo VnExpress. [1]", [SAID]) == []


def test_an_invented_number_and_an_invented_name_are_seen() -> None:
    assert ungrounded("Việt Nam xuất khẩu sang Mỹ 45 tỷ USD, theo Reuters. [1]", [SAID]) == ["45 tỷ USD", "Reuters"]


def test_step_numbers_and_citations_are_not_claims() -> None:
    assert ungrounded("1. Xem số liệu [1]\n2. Hỏi lại [2]", [SAID]) == []
