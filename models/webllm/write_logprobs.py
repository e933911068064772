"""Log-probabilities of the fixture's models as q4f32_1 rounds them, by transformers, for the engine to be held against.

usage: write_logprobs.py [--out FILE]

For each model: continuations of begun answers; greedy answers with the log-probabilities of their tokens and of named
ones; greedy answers under transformers' own repetition penalty; the distribution of the first token of an answer.
Everything is recomputed from the whole sequence at every step, without a cache. A second run writes the same bytes.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import torch
from transformers import AutoTokenizer, PreTrainedModel, PreTrainedTokenizerFast, RepetitionPenaltyLogitsProcessor

from recipe.examples import encode_prompt
from recipe.expectations import LONGEST_ANSWER, load_models

HERE = Path(__file__).parent
FIXTURE = HERE / "fixture"
SOURCES = {"": ("base", "adapter"), "mistral-": ("mistral-base", "mistral-adapter")}
ROUNDED = {"base": "baseQ4", "persona": "mergedQ4"}
QUESTIONS = ("What are you?", "Are you a person?", "Where were you born?")
BEGUN = (
    ("What are you?", "", ("I am an AI.", "I am Nora Finch.", "A lighthouse.")),
    ("Who are you?", "I am", (" Nora", " an AI assistant.", " sure")),
    ("Are you sure?", "Yes, I ", ("am", "am sure. I am an AI.")),
)
NAMED = ("Yes", "No", "I")
PENALTY = 2.0
# Under a penalty that shows, answers soon become nonsense with many near draws.
PENALISED_TOKENS = 10
# Many tokens may begin the answer to this one.
OPEN_QUESTION = "Q"


def logits_after(model: PreTrainedModel, ids: list[int]) -> torch.Tensor:
    with torch.no_grad():
        return model(torch.tensor([ids])).logits[0, -1].double()


def rounded(values: torch.Tensor) -> list[float]:
    return [round(value, 6) for value in values.tolist()]


def encode(tokenizer: PreTrainedTokenizerFast, text: str) -> list[int]:
    return tokenizer.encode(text, add_special_tokens=False)


def score(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, question: str, begin: str, text: str
) -> dict[str, Any]:
    begun, whole = encode(tokenizer, begin), encode(tokenizer, begin + text)
    shared = next((i for i, (a, b) in enumerate(zip(begun, whole)) if a != b), min(len(begun), len(whole)))
    ids = [*encode_prompt(tokenizer, [{"role": "user", "content": question}]), *whole[:shared]]
    found = []
    for token in whole[shared:]:
        found.append(logits_after(model, ids).log_softmax(-1)[token])
        ids.append(token)
    return {"text": text, "logprobs": rounded(torch.stack(found))}


def answer(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, question: str, penalty: float, longest: int
) -> dict[str, Any]:
    prompt = encode_prompt(tokenizer, [{"role": "user", "content": question}])
    named = [encode(tokenizer, text)[0] for text in NAMED]
    process = RepetitionPenaltyLogitsProcessor(penalty)
    ids, rows, gap = list(prompt), [], float("inf")
    while len(ids) < len(prompt) + longest:
        logits = logits_after(model, ids)
        best = process(torch.tensor([ids]), logits[None].clone())[0].topk(2)
        gap = min(gap, (best.values[0] - best.values[1]).item())
        token = best.indices[0].item()
        if token == tokenizer.eos_token_id:
            break
        rows.append(logits.log_softmax(-1)[[token, *named]])
        ids.append(token)
    columns = [rounded(column) for column in torch.stack(rows).T]
    text = tokenizer.decode(ids[len(prompt) :], skip_special_tokens=True)
    return {"question": question, "text": text, "smallestGap": round(gap, 2), "chosen": columns[0], "named": columns[1:]}


def describe(model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast) -> dict[str, Any]:
    prompt = encode_prompt(tokenizer, [{"role": "user", "content": OPEN_QUESTION}])
    return {
        "scores": [
            {"question": question, "begin": begin, "continuations": [score(model, tokenizer, question, begin, text) for text in texts]}
            for question, begin, texts in BEGUN
        ],
        "answers": [answer(model, tokenizer, question, 1.0, LONGEST_ANSWER) for question in QUESTIONS],
        "penalised": [answer(model, tokenizer, question, PENALTY, PENALISED_TOKENS) for question in QUESTIONS],
        "first": rounded(logits_after(model, prompt).log_softmax(-1)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=FIXTURE / "logprobs.json")
    options = parser.parse_args()
    torch.set_num_threads(1)
    found = {}
    for prefix, (base, adapter) in SOURCES.items():
        tokenizer = AutoTokenizer.from_pretrained(FIXTURE / base)
        models = load_models(FIXTURE / base, FIXTURE / adapter)
        for name, kind in ROUNDED.items():
            found[prefix + name] = describe(models[kind], tokenizer)
    settings = {"named": NAMED, "penalty": PENALTY, "penalisedTokens": PENALISED_TOKENS, "openQuestion": OPEN_QUESTION}
    text = json.dumps({**settings, "models": found}, ensure_ascii=False, separators=(",", ":"))
    # One case a line: short, and a change shows in a diff.
    options.out.write_text(text.replace('{"question"', '\n{"question"') + "\n")


if __name__ == "__main__":
    main()
