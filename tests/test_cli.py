"""`python -m bot` as people run it: ask, batch, chat, run, doctor."""

import json
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from knowledge.library import Library
from tests.auxil.libraries import library_with
from tests.auxil.programs import BOT, PATIENCE, environment, run, start

QUESTION = "Người mua Mỹ quan tâm điều gì nhất?"
KEYS = ["question", "decision", "answer", "sources", "suggestions", "confidence", "latency_ms", "version"]

Bot = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def env(library: Library, guides: Path) -> dict[str, str]:
    return environment(library.folder.parent, guides)


@pytest.fixture
def bot(env: dict[str, str], tmp_path: Path) -> Bot:
    def ran(*arguments: str | bytes, stdin: str | bytes = b"") -> subprocess.CompletedProcess[str]:
        return run([*BOT, *arguments], env, tmp_path, stdin)

    return ran


def test_a_question_is_answered_with_its_source_and_what_to_ask_next(bot: Bot) -> None:
    done = bot("ask", QUESTION)
    assert (done.returncode, done.stderr) == (0, "")
    answer, sources, suggestions = done.stdout.rsplit("\n\n", 2)
    assert "chất lượng" in answer
    assert "giá không phải điều đầu tiên" in answer
    assert answer.endswith("[1]")
    assert "**" not in answer
    assert sources.startswith("Nguồn:\n[1] Bảy nhu cầu của người mua nước ngoài › Người mua Mỹ")
    assert "(VnExpress, 01/11/2019) https://vnexpress.net/" in sources
    assert suggestions.startswith("Có thể hỏi tiếp:\n1. ")


def test_json_has_exactly_the_promised_keys(bot: Bot, library: Library) -> None:
    done = bot("ask", "nguoi mua my quan tam dieu gi nhat", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    reply = json.loads(done.stdout)
    assert list(reply) == KEYS
    assert reply["question"] == "nguoi mua my quan tam dieu gi nhat"
    assert reply["decision"] == "answer"
    [source] = reply["sources"]
    assert list(source) == ["n", "title", "section", "publisher", "date", "uri"]
    assert (source["n"], source["publisher"], source["date"]) == (1, "VnExpress", "2019-11-01")
    assert 0 < reply["confidence"] <= 1
    assert reply["latency_ms"] > 0
    assert reply["version"] == library.published()


def test_a_batch_answers_in_order_with_histories_and_names_bad_lines(bot: Bot, tmp_path: Path) -> None:
    asked = [
        {"id": "a", "question": QUESTION},
        {"id": 2, "question": "thời tiết Hà Nội hôm nay?", "history": None},
        {"id": None, "question": "chào em", "history": []},
        {"id": "d", "question": "thế ai ký hợp đồng đó?", "history": ["Đại lý uỷ quyền của Alibaba.com làm gì?"]},
        {"question": "a\ud800\x00 \ufdfa", "id": "\udfff"},
    ]
    bad = ["not json", "[1]", '{"id": 9}', '{"question": 5}', '{"question": "a", "history": 7}', "[" * 100_000]
    lines = [
        json.dumps(asked[0], ensure_ascii=False),
        "",
        bad[0],
        *map(json.dumps, asked[1:4]),
        *bad[1:],
        json.dumps(asked[4]),
    ]
    (tmp_path / "questions.jsonl").write_bytes(b"\xef\xbb\xbf" + "\n".join(lines).encode() + b"\n\xff\n")
    done = bot("ask", "--batch", "questions.jsonl")
    assert done.returncode == 1
    replies = [json.loads(line) for line in done.stdout.splitlines()]
    assert [reply["id"] for reply in replies] == ["a", 2, None, "d", "\udfff"]
    assert [reply["question"] for reply in replies] == [line["question"] for line in asked]
    assert all(list(reply) == ["id", *KEYS] for reply in replies)
    assert [reply["decision"] for reply in replies[:3]] == ["answer", "abstain", "smalltalk"]
    assert replies[1]["sources"] == []
    complaints = done.stderr.splitlines()
    assert [int(line.split()[1]) for line in complaints] == [3, 7, 8, 9, 10, 11, 13]
    assert all("is not a question" in line for line in complaints)


def test_a_batch_can_come_from_stdin(bot: Bot) -> None:
    done = bot("ask", "--batch", "-", stdin=json.dumps({"id": 1, "question": QUESTION}) + "\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["id"] == 1


def test_what_was_typed_in_another_encoding_is_still_answered(bot: Bot) -> None:
    done = bot("ask", b"xu\xe1t kh\xe2u g\xec", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["decision"] in ("answer", "clarify", "abstain")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ask"], "Give one question or one file"),
        (["ask", "x", "--batch", "y"], "Give one question or one file"),
        (["ask", "--batch", "missing.jsonl"], "There is no file missing.jsonl"),
        (["ask", "--batch", "."], "There is no file ."),
        ([], "usage:"),
    ],
)
def test_a_command_that_cannot_be_done_says_why(arguments: list[str], said: str, bot: Bot) -> None:
    done = bot(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_library_it_says_how_to_get_one(guides: Path, tmp_path: Path) -> None:
    done = run([*BOT, "ask", QUESTION], environment(tmp_path / "data", guides), tmp_path)
    assert (done.returncode, done.stderr) == (2, "The library has no version yet. Run: python ingest.py\n")


def test_a_wrong_setting_is_named(env: dict[str, str], tmp_path: Path) -> None:
    done = run([*BOT, "doctor"], {**env, "LANGUAGE": "fr"}, tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("LANGUAGE='fr'")


def test_the_doctor_finds_everything_in_order(bot: Bot) -> None:
    done = bot("doctor")
    assert (done.returncode, done.stderr) == (0, "")
    settings, library, embeddings, records, onboarding, model, telegram = done.stdout.splitlines()
    assert settings.startswith("OK  Settings: ")
    assert library.startswith("OK  Library: version 2, 4 documents, 12 passages")
    assert embeddings.startswith("OK  Embeddings: builtin:multilingual-e5-small-q4, ")
    assert records == "OK  Conversations: nothing yet; the bot makes the database when it runs"
    assert onboarding.startswith("OK  Readiness check: version 20")
    assert model == "--  Language model: no CHAT_MODEL; answers are composed of the guides' own words"
    assert telegram == "--  Telegram: no TELEGRAM_BOT_TOKEN; only the web page is there"


def test_the_doctor_says_what_to_do_and_never_shows_the_token(guides: Path, tmp_path: Path) -> None:
    token = "123456789:" + "s" * 35
    more = {"TELEGRAM_BOT_TOKEN": token, "TELEGRAM_API_URL": "http://127.0.0.1:9"}
    more["DATABASE_URL"] = "postgresql://nobody:geheim@127.0.0.1:9/nothing"
    done = run([*BOT, "doctor"], environment(tmp_path / "data", guides, **more), tmp_path)
    assert done.returncode == 1
    assert "!!  Library: The library has no version yet. Run: python ingest.py" in done.stdout
    assert "!!  Conversations: The database of conversations cannot be opened" in done.stdout
    assert "geheim" not in done.stdout + done.stderr
    assert "!!  Telegram: http://127.0.0.1:9 cannot be reached" in done.stdout
    assert token not in done.stdout + done.stderr


def test_a_conversation_through_a_pipe(bot: Bot) -> None:
    typed = f"chào em\n\n{QUESTION}\n1\n".encode() + b"\xff\xfe\n"
    done = bot("chat", stdin=typed)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Hello, I am Hải Đăng.")
    assert "em là Hải Đăng" in done.stdout
    assert done.stdout.count("Nguồn:") >= 2
    chosen = done.stdout.split("Có thể hỏi tiếp:\n1. ")[2].split("\n")[0]
    assert f"> {chosen}\n" in done.stdout


def test_run_without_token_opens_the_page_on_a_new_machine(guides: Path, vectors: Path, tmp_path: Path) -> None:
    """From nothing: the library is built beside, and the first question is answered, perhaps before it has vectors."""
    question = "Đại lý uỷ quyền của Alibaba.com làm những việc gì?"
    library_with(vectors, tmp_path / "data/library")
    process = start([*BOT, "run"], environment(tmp_path / "data", guides), tmp_path)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().removeprefix("The chat page is open: ").strip()
        assert "there is no TELEGRAM_BOT_TOKEN" in process.stdout.readline()
        with httpx.Client(base_url=url, headers={"Sec-Fetch-Site": "same-origin"}, timeout=PATIENCE) as client:
            assert client.get("/").status_code == 200
            asked = client.post("/api/questions", json={"key": "0" * 32, "text": question})
            assert asked.status_code == 202
            deadline = time.monotonic() + PATIENCE
            while "Tư vấn và bán gói thành viên" not in client.get("/api/conversation").text:
                assert time.monotonic() < deadline
                time.sleep(0.1)
        process.send_signal(2)
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.communicate()


def test_a_port_that_is_taken_is_named(env: dict[str, str], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run([*BOT, "run"], {**env, "PORT": port, "DATABASE_URL": f"sqlite:///{tmp_path}/a.sqlite3"}, tmp_path)
    assert done.returncode == 2
    assert f"PORT={port}: Address already in use" in done.stderr


def test_an_interrupted_conversation_ends_quietly(env: dict[str, str], tmp_path: Path) -> None:
    process = start([*BOT, "chat"], env, tmp_path)
    assert process.stdout is not None
    assert "Hải Đăng" in process.stdout.readline()
    process.send_signal(2)
    _, errors = process.communicate(timeout=PATIENCE)
    assert "Traceback" not in errors
