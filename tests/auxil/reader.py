"""A process that keeps asking while others publish: a JSON line for each change of what it sees.

    python -m tests.auxil.reader LIBRARY QUESTION     until stdin is closed

Each line: version, decision, the answer, the title of each document of that version, turns (questions asked so far).
"""

import functools
import json
import select
import sys
from pathlib import Path

from bot.assistant.assistant import Assistant
from bot.assistant.dialogue import Question
from knowledge.embedding import BuiltInEmbeddings
from knowledge.library import Library
from knowledge.live import LiveLibrary

say = functools.partial(print, flush=True)


def main(folder: Path, question: str) -> None:
    with LiveLibrary(Library(folder)) as live:
        assistant = Assistant(live, BuiltInEmbeddings())
        before, turns = None, 0
        while not select.select([sys.stdin], [], [], 0.02)[0]:
            titles = [document.title for document in live.index.documents]
            reply = assistant.answer(Question(question))
            turns += 1
            seen = {"version": reply.version, "decision": reply.decision, "answer": reply.text}
            if seen != before:
                say(json.dumps({**seen, "titles": titles}))
                before = seen
        say(json.dumps({"turns": turns}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
