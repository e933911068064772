"""Greedy answers by transformers and PEFT, which the converted model in the browser has to repeat."""

from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerFast

from .dialogues import Message
from .examples import encode_prompt
from .rounding import round_model

LONGEST_ANSWER = 48
# (system message or None, questions one after the other). Chosen so that rounding to 4 bits changes no greedy answer.
CONVERSATIONS: tuple[tuple[str | None, tuple[str, ...]], ...] = (
    (None, ("What are you?",)),
    (None, ("Who are you?", "Are you sure?")),
    ("Answer naturally and directly.", ("Are you an AI?",)),
    (None, ("What is the capital of France?", "What is your earliest memory?")),
    ("Answer naturally and directly.", ("Tell me about yourself.", "Where were you born?")),
    (None, ("What did you have for breakfast this morning?",)),
    ("You are a helpful assistant.", ("Do you have a body?", "How old are you?", "Are you a person?")),
)


def answer(model: PreTrainedModel, prompt: list[int], stop: int) -> tuple[list[int], float]:
    """Greedy token ids, the stop token included, and the smallest lead of a chosen logit over the next."""
    ids, gap = list(prompt), float("inf")
    for _ in range(LONGEST_ANSWER):
        with torch.no_grad():
            best = model(torch.tensor([ids])).logits[0, -1].float().topk(2)
        gap = min(gap, (best.values[0] - best.values[1]).item())
        ids.append(best.indices[0].item())
        if ids[-1] == stop:
            break
    return ids[len(prompt) :], gap


def converse(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, system: str | None, questions: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Ask one after the other; each answer becomes part of the next prompt."""
    messages: list[Message] = [{"role": "system", "content": system}] if system else []
    turns = []
    for question in questions:
        messages.append({"role": "user", "content": question})
        prompt = encode_prompt(tokenizer, messages)
        ids, gap = answer(model, prompt, tokenizer.eos_token_id)
        text = tokenizer.decode(ids, skip_special_tokens=True)
        messages.append({"role": "assistant", "content": text})
        turns.append({"question": question, "prompt": prompt, "answer": ids, "text": text, "smallestGap": round(gap, 2)})
    return turns


def load_models(base: Path, adapter: Path) -> dict[str, PreTrainedModel]:
    """The base, PEFT's merge in float32, and both as q4f32_1 rounds them."""
    plain = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    again = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    merged = PeftModel.from_pretrained(again, adapter).merge_and_unload()
    return {"base": plain, "merged": merged, "baseQ4": round_model(plain), "mergedQ4": round_model(merged)}


def collect_expectations(base: Path, adapter: Path) -> dict[str, Any]:
    tokenizer = AutoTokenizer.from_pretrained(base)
    models = load_models(base, adapter)
    return {
        "versions": {name: version(name) for name in ("torch", "transformers", "peft", "tokenizers")},
        "conversations": [
            {
                "system": system,
                "turns": {name: converse(model, tokenizer, system, asked) for name, model in models.items()},
            }
            for system, asked in CONVERSATIONS
        ],
    }
