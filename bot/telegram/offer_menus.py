"""What is shown of offers: the list, one of them, the question for a field, all side by side."""

from collections.abc import Sequence

from telegram import ForceReply

from bot.conversations.agents import MOST_OFFERS, Offered
from bot.onboarding.agents import Field, agents
from bot.onboarding.comparison import compare
from bot.onboarding.offers import listed, missing, told, unasked
from bot.telegram.agent_menus import AGENTS, OFFERS, button, guide_rows, headed, paged
from bot.telegram.rendering import Rendered, render_text
from bot.texts import Language, catalogue, say
from knowledge.index import Index

# Stands for the name in the place of a field's key.
PARTY = "party"
# Between the party and the label at the head of a question; what is in front of the last one is the party.
_DOT = " · "
_LANGUAGES: tuple[Language, ...] = ("vi", "en")


def new_prompts() -> set[str]:
    """How a new offer is asked for, as Telegram gives it back."""
    return {text.strip() for text in catalogue()["agents.new_prompt"].values()}


def asked_in(text: str) -> tuple[str, str] | None:
    """The party and the field that one of our questions is about; None for any other text."""
    party, dot, label = text.partition("\n")[0].rpartition(_DOT)
    if not dot:
        return None
    keys = {field.label[language]: field.key for field in agents().fields for language in _LANGUAGES}
    keys |= dict.fromkeys(catalogue()["agents.party"].values(), PARTY)
    return (party, keys[label]) if label in keys else None


def new_prompt(language: Language) -> Rendered:
    return Rendered(render_text(say("agents.new_prompt", language)).parts, ForceReply(selective=True))


def offers_menu(offers: Sequence[Offered], language: Language) -> Rendered:
    """All offers of a person, and how to add one."""
    fields = agents().fields
    rows = [
        [
            button(
                say(
                    "agents.offer_button",
                    language,
                    party=offer.party,
                    done=len(fields) - len(missing(offer.answers)),
                    all=len(fields),
                ),
                f"{OFFERS}one:{offer.key}",
            )
        ]
        for offer in offers
    ]
    if len(offers) < MOST_OFFERS:
        rows.append([button(f"➕ {say('agents.add', language)}", f"{OFFERS}new")])
    if offers:
        rows.append([button(f"⚖️ {say('agents.compare', language)}", f"{OFFERS}compare")])
    rows.append([button(say("agents.to_menu", language), f"{AGENTS}menu")])
    some = headed("offers", say("agents.some_offers", language), language)
    return paged(some if offers else say("agents.no_offers", language), rows)


def offer_menu(offer: Offered, language: Language, note: str = "") -> Rendered:
    """What is known of one offer. note: said in front."""
    lines = [
        f"• {field.label[language]}: {answer}"
        for field in agents().fields
        if (answer := told(field, offer.answers, language))
    ]
    known = "\n".join((f"**{offer.party}**", *(lines or [say("agents.offer_empty", language)])))
    lacking = listed(missing(offer.answers), language)
    parts = (note, known, say("agents.offer_missing", language, fields=lacking) if lacking else "")
    rows = []
    if field := unasked(offer.answers):
        go_on = say("agents.go_on", language, label=field.label[language])
        rows.append([button(go_on, f"{OFFERS}field:{offer.key}:{field.key}")])
    rows += [
        [button(say("agents.edit", language), f"{OFFERS}fields:{offer.key}")],
        [button(f"⚖️ {say('agents.compare', language)}", f"{OFFERS}compare")],
        [button(f"🗑 {say('agents.drop', language)}", f"{OFFERS}drop:{offer.key}")],
        [button(say("agents.to_offers", language), f"{OFFERS}all")],
    ]
    return paged("\n\n".join(part for part in parts if part), rows)


def fields_menu(offer: Offered, language: Language) -> Rendered:
    """Every field to be filled in or changed, two in a row."""
    buttons = [button(say("agents.party", language), f"{OFFERS}field:{offer.key}:{PARTY}")]
    buttons += [
        button(
            f"✅ {field.label[language]}" if field.key in offer.answers else field.label[language],
            f"{OFFERS}field:{offer.key}:{field.key}",
        )
        for field in agents().fields
    ]
    rows = [buttons[start : start + 2] for start in range(0, len(buttons), 2)]
    rows.append([button(say("agents.to_offer", language, party=offer.party), f"{OFFERS}one:{offer.key}")])
    return paged(say("agents.edit_which", language, party=offer.party), rows)


def field_question(offer: Offered, field: Field, language: Language, note: str = "") -> Rendered:
    """Asks for a field of an offer: with buttons for its options, or for a reply. note: said below the head."""
    head = f"**{offer.party}{_DOT}{field.label[language]}**"
    asked = f"{field.ask[language]}\n\n{field.why[language]}"
    if field.kind != "choice":
        parts = (head, note, asked, say("agents.how_to_skip", language))
        return Rendered(render_text(_joined(parts)).parts, ForceReply(selective=True))
    answer = f"{OFFERS}set:{offer.key}:{field.key}"
    rows = [[button(labels[language], f"{answer}:{key}")] for key, labels in field.options.items()]
    if field.key in offer.answers:
        rows.append([button(say("agents.clear", language), f"{OFFERS}clear:{offer.key}:{field.key}")])
    rows.append([button(say("agents.skip", language), f"{OFFERS}skip:{offer.key}:{field.key}")])
    rows.append([button(say("agents.to_offer", language, party=offer.party), f"{OFFERS}one:{offer.key}")])
    return paged(_joined((head, note, asked)), rows)


def party_question(offer: Offered, language: Language) -> Rendered:
    """Asks for the right name of a party."""
    head = f"**{offer.party}{_DOT}{say('agents.party', language)}**"
    parts = (head, say("agents.party_ask", language), say("agents.how_to_skip", language))
    return Rendered(render_text(_joined(parts)).parts, ForceReply(selective=True))


def _joined(parts: Sequence[str]) -> str:
    return "\n\n".join(part for part in parts if part)


def drop_menu(offer: Offered, language: Language) -> Rendered:
    rows = [
        [button(say("agents.drop_yes", language), f"{OFFERS}gone:{offer.key}")],
        [button(say("agents.drop_no", language), f"{OFFERS}one:{offer.key}")],
    ]
    return paged(say("agents.drop_sure", language, party=f"**{offer.party}**"), rows)


def comparison(index: Index, offers: Sequence[Offered], language: Language) -> Rendered:
    """All offers side by side, with the guides that say why to beware of something."""
    compared = compare({offer.party: offer.answers for offer in offers}, language)
    rows = guide_rows(index, compared.guides(), language)
    rows.append([button(say("agents.to_offers", language), f"{OFFERS}all")])
    return paged(compared.text(language), rows)
