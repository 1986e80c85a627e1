"""The child process that holds the embedded model: ``python -m telex.providers.embedded_child``.

A model in the same process would hold up the event loop while it loads and take its processor time while it answers.

What is said over the pipes, one JSON object a line::

    in   {"model": path, "api_key": …, "context_tokens": …, "slots": …, "threads": …}    once; never in argv, where all can read
    out  {"progress": 0..1, "text": …}*   then   {"address": "http://127.0.0.1:…"}   or   {"error": …}

The end of the input means that the parent is gone, however it went, and ends the child.
"""

import contextlib
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

NICE = 10
BLOCK = 4 * 1024 * 1024
READ, LOADED = 0.2, 0.7  # how far the start is when the library is there, and when the file is in memory
HTTP_THREADS = 4


def main() -> NoReturn:
    """Serve until the input ends."""
    with contextlib.suppress(OSError):
        os.nice(NICE)
    say = _only_voice()
    settings = json.loads(sys.stdin.buffer.readline() or b"null")
    if settings is None:
        os._exit(0)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    try:
        server = _serve(settings, say)
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent must hear of it
        _tell(say, error=str(error) or type(error).__name__)
        os._exit(1)
    _tell(say, address=server.listening_address)
    threading.Event().wait()
    os._exit(0)


def _only_voice() -> BinaryIO:
    """Keep the output for ourselves: llama.cpp writes its log wherever it likes."""
    voice = os.fdopen(os.dup(1), "wb", buffering=0)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    return voice


def _tell(say: BinaryIO, **message: Any) -> None:
    with contextlib.suppress(OSError):
        say.write(json.dumps(message).encode() + b"\n")


def _leave_with_parent() -> None:
    while os.read(0, 1024):
        pass
    os._exit(0)  # at once: threads of the library would hold up an orderly exit


def _serve(settings: dict[str, Any], say: BinaryIO) -> Any:
    _tell(say, progress=0.0, text="starting")
    import xllamacpp  # noqa: PLC0415 - so that the start is told before

    _read_ahead(settings["model"], say)
    _tell(say, progress=LOADED, text="loading the model")
    params = xllamacpp.CommonParams()
    params.model.path = settings["model"]
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [settings["api_key"]]
    params.n_parallel = settings["slots"]
    params.n_ctx = settings["context_tokens"] * settings["slots"]  # the library divides it among the slots
    params.n_gpu_layers = 0
    params.fit_params = False  # nothing to fit on a processor; looking costs time
    params.cache_ram_mib = 0  # the slots keep their own conversations
    params.ui = False
    params.offline = True
    params.n_threads_http = HTTP_THREADS
    params.verbosity = -1
    for cpu in (params.cpuparams, params.cpuparams_batch):
        cpu.n_threads = settings["threads"]
        cpu.poll = 0  # waiting must not burn what the rest of the machine needs
    return xllamacpp.Server(params)


def _read_ahead(path: str, say: BinaryIO) -> None:
    """Bring the file into the system's cache, which is most of a first start, and tell how far that is."""
    size = Path(path).stat().st_size or 1
    done = 0
    with Path(path).open("rb", buffering=0) as file:
        while block := file.read(BLOCK):
            done += len(block)
            _tell(say, progress=READ + (LOADED - READ) * done / size, text="reading the model")


if __name__ == "__main__":
    main()
