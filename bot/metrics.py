"""Figures about a running bot in a registry of their own, as Prometheus reads them; nothing about people."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bot.conversations.exchange import Backlog, NewTurn

REGISTRY = CollectorRegistry()

_QUESTIONS = Counter(
    "haidang_questions", "Questions dealt with, by channel and decision.", ("channel", "decision"), registry=REGISTRY
)
_SECONDS = Histogram(
    "haidang_answer_seconds",
    "Seconds from taking up a question to its reply, without waiting in line.",
    ("channel",),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 60.0),
    registry=REGISTRY,
)
_INBOX = Gauge("haidang_inbox_open", "Updates that are written down and not done.", registry=REGISTRY)
_OUTBOX = Gauge("haidang_outbox_waiting", "Messages that wait to be sent.", registry=REGISTRY)
_LIBRARY = Gauge("haidang_library_version", "Number of the library's version that answers.", registry=REGISTRY)


def count_turn(channel: str, turn: NewTurn) -> None:
    """Count a turn that is kept."""
    _QUESTIONS.labels(channel, turn.decision).inc()
    if "total" in turn.latency:
        _SECONDS.labels(channel).observe(turn.latency["total"] / 1000)


def exposition(backlog: Backlog, library_version: int) -> bytes:
    """All figures in Prometheus' text format."""
    _INBOX.set(backlog.inbox)
    _OUTBOX.set(backlog.outbox)
    _LIBRARY.set(library_version)
    return generate_latest(REGISTRY)
