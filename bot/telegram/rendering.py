"""Replies as Telegram shows them: HTML in parts that fit into a message, with buttons under the last one."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

from telegram import ForceReply, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import InlineKeyboardButtonLimit, MessageLimit

from bot.assistant.dialogue import Citation, Reply
from bot.texts import Language, say, shown_date

ASK = "ask:"

_MARKS = re.compile(
    r"\*\*(?=\S)(?P<bold>[^\n]+?)(?<=\S)\*\*"
    r"|\[(?P<label>[^\[\]\n]+)\]\((?:(?P<url>https?://[^\s()<>\"]+(?:\([^\s()<>\"]*\)[^\s()<>\"]*)*)|[^\s()]+\.md(?:#[^\s()]*)?)\)"
)
# Telegram refuses lone surrogates, and one refused character would lose the message.
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
_PARAGRAPH, _LINE = re.compile(r"\n\s*\n"), re.compile(r"\n")
_SENTENCE, _WORD = re.compile(r"(?<=[.!?…])\s"), re.compile(r"\s")
# A break further up than this share of a full part is passed over for a finer one that fills the part.
_LEAST_FILLED = 0.25
_INVISIBLE = re.compile(r"[\s\x00-\x1f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\u3164\ufeff]*")
_SOURCES_A_ROW = 2
_LONGEST_URL = 1024


@dataclass(frozen=True, slots=True)
class Span:
    """Text as people read it, and the HTML tags around it, outermost first."""

    text: str
    tags: tuple[str, ...] = ()

    def html(self) -> str:
        opening = "".join(f"<{tag}>" for tag in self.tags)
        closing = "".join(f"</{tag.split(' ')[0]}>" for tag in reversed(self.tags))
        return f"{opening}{escape(self.text, quote=False)}{closing}"


@dataclass(frozen=True, slots=True)
class Rendered:
    """parts: HTML, each at most one message long. keyboard: for under the last part."""

    parts: tuple[str, ...]
    keyboard: InlineKeyboardMarkup | ForceReply | None = None


def render(
    reply: Reply, quote: str = "", note: str = "", below: Sequence[Sequence[InlineKeyboardButton]] = ()
) -> Rendered:
    """A reply with its sources, and buttons for these and for what to ask next.

    quote: shown as a quotation in front of the answer. note: a paragraph of its own in front of it. below: the last
    rows of buttons.
    """
    text = [Span(_sound(quote), ("blockquote",)), Span("\n")] if quote else []
    text += spans("\n\n".join(part for part in (note, reply.text) if part))
    if reply.sources:
        text += [Span("\n\n"), Span(say("sources.title", reply.language), ("b",))]
        text += [Span(f"\n{_sound(_source_line(source, reply.language))}") for source in reply.sources]
    rows: list[Sequence[InlineKeyboardButton]] = [*_source_rows(reply.sources, reply.language)]
    rows += [
        [InlineKeyboardButton(_sound(suggestion.text), callback_data=f"{ASK}{suggestion.passage}")]
        for suggestion in reply.suggestions
        if suggestion.text.strip() and fits_callback(f"{ASK}{suggestion.passage}")
    ]
    rows += below
    return Rendered(split(text), InlineKeyboardMarkup(rows) if rows else None)


def render_text(markdown: str, keyboard: InlineKeyboardMarkup | None = None) -> Rendered:
    """A text of the catalogue."""
    return Rendered(split(spans(markdown)), keyboard)


def fits_callback(data: str) -> bool:
    """Whether Telegram takes the data on a button."""
    return (
        InlineKeyboardButtonLimit.MIN_CALLBACK_DATA <= len(data.encode()) <= InlineKeyboardButtonLimit.MAX_CALLBACK_DATA
    )


def spans(markdown: str, within: tuple[str, ...] = ()) -> list[Span]:
    """Light Markdown: **bold** and [words](http…); a link to another guide leaves its words, all else is literal."""
    markdown = _sound(markdown)
    found, end = [], 0
    for match in _MARKS.finditer(markdown):
        if match["bold"] and "b" in within:
            continue
        found.append(Span(markdown[end : match.start()], within))
        if match["bold"]:
            found += spans(match["bold"], (*within, "b"))
        else:
            anchor = (f'a href="{escape(match["url"])}"',) if match["url"] else ()
            found += spans(match["label"], (*within, *anchor))
        end = match.end()
    found.append(Span(markdown[end:], within))
    return [span for span in found if span.text]


def units(text: str) -> int:
    """The length of a text as Telegram counts it, in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: Sequence[Span], limit: int = MessageLimit.MAX_TEXT_LENGTH) -> tuple[str, ...]:
    """HTML of at most `limit` UTF-16 units of visible text a part; none for a text in which nothing is visible.

    Nothing but white space at the seams is left out. Seams are between paragraphs, else lines, sentences, words.
    """
    visible = "".join(span.text for span in text)
    parts = []
    for start, end in _cuts(visible, limit):
        if not _INVISIBLE.fullmatch(visible, start, end):
            parts.append("".join(span.html() for span in _sliced(text, start, end)))
    return tuple(parts)


def _cuts(text: str, limit: int) -> Iterable[tuple[int, int]]:
    """Where parts start and end, without white space around them."""
    start = 0
    while start < len(text):
        end = _seam(text, start, limit)
        part = text[start:end]
        left, right = len(part) - len(part.lstrip()), len(part.rstrip())
        if left < right:
            yield start + left, start + right
        start = end


def _seam(text: str, start: int, limit: int) -> int:
    fits = start + _prefix(text[start : start + limit], limit)
    if fits >= len(text):
        return len(text)
    least = start + int(limit * _LEAST_FILLED)
    for level in (_PARAGRAPH, _LINE, _SENTENCE, _WORD):
        # One character more is looked at: white space just behind a full part is a seam as well.
        seams = [match.start() for match in level.finditer(text, least, fits + 1) if match.start() > start]
        if seams:
            return seams[-1]
    return fits


def _prefix(text: str, limit: int) -> int:
    """How many characters of the text fit into `limit` units; at least one."""
    used = 0
    for number, character in enumerate(text):
        used += 2 if character > "\uffff" else 1
        if used > limit:
            return max(1, number)
    return len(text)


def _sliced(text: Sequence[Span], start: int, end: int) -> Iterable[Span]:
    position = 0
    for span in text:
        piece = span.text[max(0, start - position) : max(0, end - position)]
        if piece:
            yield Span(piece, span.tags)
        position += len(span.text)


def _source_line(source: Citation, language: Language) -> str:
    named = source.title if source.section == source.title else f"{source.title} › {source.section}"
    date = shown_date(source.date) if source.date else say("sources.undated", language)
    parts = (named, source.where(language), source.publisher, date)
    return f"[{source.n}] {', '.join(part for part in parts if part)}"


def _source_rows(sources: Iterable[Citation], language: Language) -> list[list[InlineKeyboardButton]]:
    by_address: dict[str, list[Citation]] = {}
    for source in sources:
        if source.uri and is_web_address(source.uri):
            by_address.setdefault(source.uri, []).append(source)
    buttons = [
        InlineKeyboardButton(
            say(
                "telegram.open_source",
                language,
                n=", ".join(str(source.n) for source in cited),
                publisher=_sound(cited[0].publisher or urlsplit(address).hostname or ""),
            ),
            url=address,
        )
        for address, cited in by_address.items()
    ]
    return [buttons[row : row + _SOURCES_A_ROW] for row in range(0, len(buttons), _SOURCES_A_ROW)]


def is_web_address(address: str) -> bool:
    """Whether Telegram takes the address on a button; one bad button would lose the whole message."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    named = all(label and re.fullmatch(r"[\w-]+", label) for label in host.split(".")) and "." in host
    printable = address.isprintable() and not re.search(r"\s", address) and not _LONE_SURROGATE.search(address)
    return parts.scheme in ("http", "https") and named and printable and len(address) <= _LONGEST_URL


def _sound(text: str) -> str:
    return _LONE_SURROGATE.sub("\ufffd", text)
