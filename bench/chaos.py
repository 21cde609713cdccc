"""The whole bot killed again and again while people ask it: whether anybody's question is lost, as a Markdown table.

    python -m bench.chaos [--chats 200] [--questions 10] [--kills 20] [--only WORD] [--seed 0]

The bot is a process of its own over four small guides; ended with SIGKILL at random moments and started again. Every
message that came is compared, in its order, with what the assistant says to these questions.
"""

import argparse
import asyncio
import contextlib
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import asyncpg

from bench.measures import table
from bot.assistant.assistant import Assistant
from knowledge.embedding import BUILT_IN, load_embeddings
from knowledge.ingestion import Options, ingest
from knowledge.library import Library
from knowledge.live import LiveLibrary
from tests.auxil import postgres
from tests.auxil.chaos import Chaos, Plan, Result
from tests.auxil.programs import environment

_GUIDES = Path(__file__).parent.parent / "tests/data/guides"
# Seconds that the last life has: each chat is told one message a second.
_WITHIN = 900.0
_REFUSED = 0.1

_HEADER = (
    "run",
    "questions",
    "messages",
    "lost",
    "out of order",
    "not called for",
    "under way at a kill",
    "of these came twice",
    "twice without that",
    "seconds",
)


def row(name: str, result: Result) -> list[str]:
    explained = result.twice - result.unexplained
    counts = (result.questions, result.messages, result.lost, result.disordered, result.strange, result.under_way)
    return [name, *map(str, (*counts, explained, result.unexplained)), f"{result.seconds:.0f}"]


@contextlib.contextmanager
def server() -> Iterator[str]:
    """An empty database of PostgreSQL, in a server of our own."""
    postgres.reserve()
    try:
        socket, name = postgres.started(), f"chaos_{secrets.token_hex(4)}"
        asyncio.run(_create(socket, name))
        yield f"postgresql://postgres@/{name}?host={socket}"
    finally:
        postgres.release()


async def _create(socket: Path, name: str) -> None:
    connection = await asyncpg.connect(host=str(socket), user="postgres", database="postgres")
    await connection.execute(f'CREATE DATABASE "{name}"')
    await connection.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chats", type=int, default=200)
    parser.add_argument("--questions", type=int, default=10, help="of each person")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--only", default="", help="runs whose name has this in it")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    killed = Plan(options.chats, options.questions, options.kills, seed=options.seed)
    plans = {
        "killed": killed,
        "killed, Telegram answers a tenth with 429 or 502": replace(killed, refused=_REFUSED),
        "killed, another program holds the database": replace(killed, slow=True),
    }
    print(table(_HEADER, []), flush=True)
    with tempfile.TemporaryDirectory() as temporary, contextlib.ExitStack() as stack:
        folder = Path(temporary)
        library, embeddings = Library(folder / "library"), load_embeddings(BUILT_IN)
        ingest(library, _GUIDES, BUILT_IN, lambda: embeddings, Options())
        live = stack.enter_context(LiveLibrary(library))
        for database in ("SQLite", "PostgreSQL"):
            for name, plan in plans.items():
                if options.only.lower() not in f"{database}: {name}".lower():
                    continue
                home = folder / secrets.token_hex(4)
                (home / "data").mkdir(parents=True)
                (home / "data/library").symlink_to(library.folder)
                with contextlib.ExitStack() as running:
                    url = f"sqlite:///{home / 'data/hai-dang.sqlite3'}"
                    if database == "PostgreSQL":
                        url = running.enter_context(server())
                    env = environment(home / "data", _GUIDES)
                    result = asyncio.run(Chaos(plan, Assistant(live, embeddings), env, home, url).run(_WITHIN))
                print(table(row(f"{database}: {name}", result), []).splitlines()[0], flush=True)
                if result.errors or result.ended or result.turns != result.questions or result.unfinished:
                    print(f"\n{result}\n")


if __name__ == "__main__":
    main()
