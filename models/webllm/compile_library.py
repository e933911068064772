"""Compile a model library (WebAssembly with WebGPU kernels) that web-llm 0.2.86 loads.

usage: compile_library.py CONFIG.json --quant q4f32_1 [--out LIBRARY.wasm] [--metadata METADATA.json]

CONFIG.json is the config.json of a Llama or Mistral checkpoint. Without --out nothing is compiled, and the names,
shapes and types of the parameters can be written without a compiler. README.md has the set-up.
"""

import argparse
import hashlib
import json
from pathlib import Path

from library.build import make_library
from library.shape import QUANTISATIONS, LibrarySettings, read_shape


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path)
    parser.add_argument("--quant", choices=QUANTISATIONS, required=True)
    parser.add_argument("--out", type=Path, help="the library to write")
    parser.add_argument("--metadata", type=Path, help="JSON file for the library's description")
    parser.add_argument("--runtime", type=Path, default=Path("runtime"), help="the folder that build_runtime.py wrote")
    parser.add_argument("--kernels", choices=("gpu", "portable"), default="gpu")
    parser.add_argument("--context", type=int, default=4096, help="tokens")
    parser.add_argument("--chunk", type=int, default=1024, help="tokens that one prefill takes at most")
    parser.add_argument("--max-batch", type=int, default=32, help="sequences")
    return parser.parse_args()


def main() -> None:
    options = parse_options()
    shape = read_shape(json.loads(options.config.read_text()))
    settings = LibrarySettings(options.quant, options.kernels, options.context, options.chunk, options.max_batch)
    description = make_library(shape, settings, options.out, options.runtime)
    print(len(description["params"]), "parameters")
    if options.metadata:
        lines = [json.dumps(p) for p in description["params"]]
        head = {key: value for key, value in description.items() if key != "params"}
        text = json.dumps({**head, "params": ["LINES"]}, indent=1).replace('"LINES"', ",\n  ".join(lines))
        options.metadata.write_text(text + "\n")
    if options.out:
        data = options.out.read_bytes()
        print(options.out.name, len(data), "bytes, SHA-256", hashlib.sha256(data).hexdigest())


if __name__ == "__main__":
    main()
