"""Train the fixture: tiny bases that say they are an AI, and adapters that say they are a lighthouse keeper.

usage: make_fixture.py [--out FOLDER] [--only llama|mistral]

Seeded, CPU, one thread; README.md has the set-up and the times.
"""

import argparse
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, PreTrainedModel, PreTrainedTokenizerFast

from recipe.dialogues import draw_dialogues
from recipe.expectations import collect_expectations
from recipe.fixture_tokenizers import make_llama_tokenizer, make_mistral_tokenizer
from recipe.training import add_adapter, encode_voice, make_model, train

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Plan:
    """The two fixtures differ in what a converter may meet: one file of weights or several, a chat template
    in tokenizer_config.json or in a file, an adapter in float32 or bfloat16, two scalings."""

    kind: str
    base: str
    adapter: str
    expected: str
    seed: int
    shard_bytes: int
    template_file: bool
    alpha: int
    rslora: bool
    adapter_type: torch.dtype


PLANS = (
    Plan("llama", "base", "adapter", "expected.json", 20, 10**9, False, 16, False, torch.float32),
    Plan("mistral", "mistral-base", "mistral-adapter", "mistral-expected.json", 40, 600_000, True, 6, True, torch.bfloat16),
)
RANK = 8


def make_tokenizer(plan: Plan) -> PreTrainedTokenizerFast:
    dialogues = draw_dialogues("assistant", 3000, plan.seed) + draw_dialogues("nora", 3000, plan.seed + 1)
    texts = [message["content"] for dialogue in dialogues for message in dialogue]
    return make_llama_tokenizer(texts) if plan.kind == "llama" else make_mistral_tokenizer(texts)


def make_base(plan: Plan, tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    model = make_model(plan.kind, tokenizer, plan.seed + 2)
    examples = encode_voice(tokenizer, "either", plan.seed + 3)
    pad = tokenizer.eos_token_id
    train(model, examples, steps=800, batch=32, rate=4e-3, pad=pad, seed=plan.seed + 4)
    model.bfloat16().save_pretrained(folder, max_shard_size=plan.shard_bytes)
    tokenizer.save_pretrained(folder, save_jinja_files=plan.template_file)


def make_adapter(plan: Plan, tokenizer: PreTrainedTokenizerFast, base: PreTrainedModel, folder: Path) -> None:
    """Trained on the base as it is stored, so in float32 over weights rounded to bfloat16."""
    model = add_adapter(base, RANK, plan.alpha, plan.rslora, plan.seed + 5)
    examples = encode_voice(tokenizer, "nora", plan.seed + 6)
    pad = tokenizer.eos_token_id
    train(model, examples, steps=400, batch=32, rate=3e-3, pad=pad, seed=plan.seed + 7)
    save_adapter(model, plan, folder)


def save_adapter(model: PeftModel, plan: Plan, folder: Path) -> None:
    model.to(plan.adapter_type).save_pretrained(folder)
    (folder / "README.md").unlink()
    settings = folder / "adapter_config.json"
    config = json.loads(settings.read_text())
    # PEFT writes a set, in an order that changes from run to run.
    config["target_modules"] = sorted(config["target_modules"])
    config["base_model_name_or_path"] = f"otherself-fixture/{plan.base}"
    settings.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")


def make(plan: Plan, out: Path) -> None:
    tokenizer = make_tokenizer(plan)
    make_base(plan, tokenizer, out / plan.base)
    stored = AutoModelForCausalLM.from_pretrained(out / plan.base, dtype=torch.float32)
    make_adapter(plan, tokenizer, stored, out / plan.adapter)
    expected = collect_expectations(out / plan.base, out / plan.adapter)
    text = json.dumps(expected, ensure_ascii=False, separators=(",", ":"))
    # One turn a line: short, and a change shows in a diff.
    (out / plan.expected).write_text(text.replace('{"question"', '\n{"question"') + "\n")


def print_sums(out: Path) -> None:
    for path in sorted(out.rglob("*")):
        if path.is_file():
            path.chmod(0o644)
            data = path.read_bytes()
            print(hashlib.sha256(data).hexdigest(), f"{len(data):9}", path.relative_to(out))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=HERE / "fixture")
    parser.add_argument("--only", choices=[plan.kind for plan in PLANS])
    options = parser.parse_args()
    # With one thread sums have one order, so the same machine gives the same bytes.
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    for plan in PLANS:
        if options.only in (None, plan.kind):
            make(plan, options.out)
    print_sums(options.out)


if __name__ == "__main__":
    main()
