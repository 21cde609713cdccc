"""Offers: entered field by field by buttons and by replies to our questions, changed, deleted, set side by side."""

from typing import Any, cast

from telegram import CallbackQuery, Message, Update
from telegram.ext import BaseHandler, CallbackQueryHandler, MessageHandler, filters

from bot.conversations.agents import MOST_OFFERS, Offered
from bot.conversations.records import Records
from bot.onboarding.agents import Field, agents
from bot.onboarding.offers import LONGEST_ANSWER, LONGEST_NAME, given, meant, read, tidy, told, unasked
from bot.telegram.addressing import typed
from bot.telegram.agent_menus import OFFERS
from bot.telegram.menus import turned_to
from bot.telegram.offer_menus import (
    PARTY,
    asked_in,
    comparison,
    drop_menu,
    field_question,
    fields_menu,
    new_prompt,
    new_prompts,
    offer_menu,
    offers_menu,
    party_question,
)
from bot.telegram.rendering import Rendered, render_text
from bot.telegram.work import Context, Work
from bot.texts import Language, say
from knowledge.live import LiveLibrary


class _ToQuestion(filters.MessageFilter):
    """Replies to our questions about offers; whatever else is typed stays a question of the person's."""

    def filter(self, message: Message) -> bool:
        asked = message.reply_to_message
        if not (asked and asked.text and asked.from_user and asked.from_user.is_bot):
            return False
        return asked.text.strip() in new_prompts() or asked_in(asked.text) is not None


_REPLY = filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE & filters.TEXT & ~filters.COMMAND & _ToQuestion()


class Comparing:
    """The callbacks of the buttons that begin with `OFFERS` and of the replies."""

    def __init__(self, records: Records, live: LiveLibrary) -> None:
        self._records = records.agents
        self._live = live

    def handlers(self) -> list[BaseHandler[Update, Context, Any]]:
        return [
            CallbackQueryHandler(self.pressed, pattern=f"^{OFFERS}"),
            MessageHandler(_REPLY, self.replied),
        ]

    async def pressed(self, update: Update, context: Context) -> None:
        """A button; a question that wants a reply is a message of its own, all else is shown in place."""
        work, query = context.work, cast("CallbackQuery", update.callback_query)
        parts = (query.data or "").removeprefix(OFFERS).split(":")
        offers = await self._records.offers(work.sender)
        shown = await self._shown(work, parts, offers)
        for rendered in shown:
            if not _in_place(rendered) or not await turned_to(query, rendered):
                work.say(rendered)

    async def _shown(self, work: Work, parts: list[str], offers: list[Offered]) -> list[Rendered]:
        """What the parts of callback data open, in order."""
        language = work.talk.language
        match parts:
            case ["all"]:
                return [offers_menu(offers, language)]
            case ["new"] if len(offers) < MOST_OFFERS:
                return [new_prompt(language)]
            case ["compare"] if offers:
                return [comparison(self._live.index, offers, language)]
            case [act, key, *rest]:
                offer = next((offer for offer in offers if offer.key == key), None)
                return await self._of_offer(work, act, offer, rest) if offer else [_gone(language)]
        return [offers_menu(offers, language)]

    async def _of_offer(self, work: Work, act: str, offer: Offered, rest: list[str]) -> list[Rendered]:
        language = work.talk.language
        match act, rest:
            case "fields", []:
                return [fields_menu(offer, language)]
            case "drop", []:
                return [drop_menu(offer, language)]
            case "gone", []:
                await self._records.drop_offer(work.sender, offer.key)
                return [offers_menu(await self._records.offers(work.sender), language)]
            case "field", [name] if name == PARTY:
                return [party_question(offer, language)]
            case "field", [name] if field := agents().field(name):
                return [field_question(offer, field, language)]
            case "skip", [name] if field := agents().field(name):
                return [_next(offer, field, language)]
            case "clear", [name] if field := agents().field(name):
                emptied = await self._records.answer(work.sender, offer.key, name, None)
                return [offer_menu(emptied, language) if emptied else _gone(language)]
            case "set", [name, option] if (field := agents().field(name)) and option in field.options:
                return await self._chosen(work, offer, field, option)
        return [offer_menu(offer, language)]

    async def _chosen(self, work: Work, offer: Offered, field: Field, option: str) -> list[Rendered]:
        """An option is kept, said where its buttons were, and the next field asked for."""
        language = work.talk.language
        changed = await self._records.answer(work.sender, offer.key, field.key, option)
        if changed is None:
            return [_gone(language)]
        note = _kept(field, changed, language)
        following = _next(changed, field, language, note)
        # What is not shown in place of the buttons must not leave them behind.
        return [following] if _in_place(following) else [render_text(note), _next(changed, field, language)]

    async def replied(self, update: Update, context: Context) -> None:
        """A name or an answer, typed in reply to a question of ours."""
        work, message = context.work, cast("Message", update.message)
        asked, text = cast("Message", message.reply_to_message), typed(message, context.bot)
        about = asked_in(asked.text or "")
        language = work.talk.language
        offers = await self._records.offers(work.sender)
        if about is None:
            work.say(await self._named(work, text, offers))
            return
        party, name = about
        offer = next((offer for offer in offers if offer.party == party), None)
        if offer is None:
            work.say(_gone(language))
        elif field := agents().field(name):
            work.say(await self._answered(work, offer, field, text))
        else:
            work.say(await self._renamed(work, offer, text))

    async def _named(self, work: Work, text: str, offers: list[Offered]) -> Rendered:
        """A new offer, whose first field is asked for; one that was there already is shown."""
        language, name = work.talk.language, tidy(text, LONGEST_NAME)
        if meant(text) != "answer" or not name:
            return offers_menu(offers, language)
        offer = await self._records.add_offer(work.sender, name)
        if offer is None:
            return render_text(say("agents.too_many", language, most=MOST_OFFERS))
        first = agents().fields[0]
        return offer_menu(offer, language) if offer.answers else field_question(offer, first, language)

    async def _renamed(self, work: Work, offer: Offered, text: str) -> Rendered:
        language, name = work.talk.language, tidy(text, LONGEST_NAME)
        if meant(text) != "answer" or not name:
            return offer_menu(offer, language)
        changed = await self._records.rename_offer(work.sender, offer.key, name)
        if changed is None:
            return _gone(language)
        return offer_menu(changed, language, "" if changed.party == name else say("agents.party_taken", language))

    async def _answered(self, work: Work, offer: Offered, field: Field, text: str) -> Rendered:
        language = work.talk.language
        wish = meant(text)
        if wish == "skip":
            return _next(offer, field, language)
        answer = given(field, text) if wish == "answer" else None
        if wish == "answer" and answer is None:
            return field_question(offer, field, language, say("agents.press_one", language))
        changed = await self._records.answer(work.sender, offer.key, field.key, answer)
        if changed is None:
            return _gone(language)
        notes = [_kept(field, changed, language)] if answer else []
        if len(text) > LONGEST_ANSWER:
            notes.append(say("agents.cut", language, limit=LONGEST_ANSWER))
        return _next(changed, field, language, " ".join(notes))


def _next(offer: Offered, field: Field, language: Language, note: str = "") -> Rendered:
    """The question for the next field that is empty, or the offer when all behind this one are filled in."""
    following = unasked(offer.answers, field.key)
    return field_question(offer, following, language, note) if following else offer_menu(offer, language, note)


def _kept(field: Field, offer: Offered, language: Language) -> str:
    """How an answer was understood."""
    if not read(field, offer.answers):
        return say("agents.kept_as_typed", language, answer=offer.answers[field.key])
    return say("agents.kept", language, label=field.label[language], answer=told(field, offer.answers, language))


def _gone(language: Language) -> Rendered:
    return render_text(say("agents.offer_gone", language))


def _in_place(rendered: Rendered) -> bool:
    """Whether it can stand in place of a menu: Telegram asks for replies with new messages only."""
    return rendered.keyboard is None or "inline_keyboard" in rendered.keyboard.to_dict()
