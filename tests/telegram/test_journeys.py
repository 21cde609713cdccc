"""Whole journeys in Telegram: profile, check, scorecard, checklist and an answer of one's own, over restarts."""

from collections.abc import Iterator

import pytest

from bot.assistant.assistant import Assistant
from bot.texts import say
from knowledge.embedding import TextEmbeddings
from knowledge.library import Library
from knowledge.live import LiveLibrary
from tests.auxil.bot_api import BotApi
from tests.auxil.journeys import Journey, journeys
from tests.telegram.conftest import Running, Turns
from tests.telegram.person import Person, buttons

pytestmark = [pytest.mark.xdist_group("telegram")]


@pytest.fixture(scope="module")
def live(journeys_library: Library) -> Iterator[LiveLibrary]:
    with LiveLibrary(journeys_library) as live:
        yield live


@pytest.fixture(scope="module")
def assistant(live: LiveLibrary, embeddings: TextEmbeddings) -> Assistant:
    return Assistant(live, embeddings)


@pytest.mark.parametrize("firm", journeys(), ids=str)
async def test_from_the_first_question_to_a_checklist_and_an_answer_of_ones_own(
    firm: Journey, api: BotApi, running: Running, turns: Turns
) -> None:
    lan = Person(api, 7)
    async with running(api):
        await lan.fills_in(firm.goods, firm.markets, firm.experience)
    async with running(api):
        await lan.says("/danhgia")
        await lan.presses("rd:on", 1)
        for _ in range(7):
            await lan.answers_one(firm.answer)
    async with running(api):
        await lan.says("/danhgia")
        await lan.presses("rd:on", 1)
        await lan.answers(firm.answer)
        report = await lan.presses("rd:end", 2)
        caption = api.sent(7)[-2]["caption"].splitlines()
        assert caption[0].endswith(f"{firm.total}/100 – {firm.level}")
        assert {f"• {say(f'need.{need}')}: {points}" for need, points in firm.needs.items()} <= set(caption)
        # The three gaps in their order, each with what to do or to find out first.
        unknown = firm.others == "unknown"
        kind = say("onboarding.find_out" if unknown else "onboarding.do")
        told = [
            f"{question.vi}\n→ {kind}: {(question.find_out if unknown else question.advice).vi}"
            for question in firm.gap_questions()
        ]
        places = [report["text"].find(gap) for gap in told]
        assert -1 not in places
        assert places == sorted(places)
        assert report["text"].count("→") == len(told)
    async with running(api):
        overview = await lan.says("/lotrinh")
        assert "0/" in overview["text"]
        firm.check_steps(await lan.steps())
        await open_step(lan, firm.opens["step"])
        detail = lan.last()
        how = next(data for label, data in buttons(detail).items() if "Cách làm" in label)
        answer = await lan.presses(how, 1)
        assert firm.opens["says"] in answer["text"]
        await lan.presses(f"ck:m:{firm.opens['step']}:done", message=detail)
    async with running(api):
        assert "1/" in (await lan.says("/lotrinh"))["text"]
        answer = await lan.says(firm.asks)
        for word in firm.says:
            assert word in answer["text"]
        [turn] = [turn for turn in await turns() if turn.question == firm.asks]
        assert turn.writing["about"] == firm.about  # type: ignore[index]


async def open_step(lan: Person, key: str) -> None:
    """Turn the pages of the checklist, from the last one back, to a step."""
    while f"ck:s:{key}" not in buttons(lan.last()).values():
        await lan.presses(next(data for label, data in buttons(lan.last()).items() if label.startswith("‹")))
    await lan.presses(f"ck:s:{key}")
