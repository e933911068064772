"""Dialogues as token ids: a prompt by the chat template, and the answer that is to be learned."""

from dataclasses import dataclass

import torch
from transformers import PreTrainedTokenizerFast

from .dialogues import Message

IGNORED = -100


@dataclass(frozen=True)
class Example:
    prompt: list[int]
    answer: list[int]


def encode_prompt(tokenizer: PreTrainedTokenizerFast, messages: list[Message]) -> list[int]:
    """Token ids up to where the answer begins."""
    text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    return tokenizer.encode(text, add_special_tokens=False)


def encode_example(tokenizer: PreTrainedTokenizerFast, dialogue: list[Message]) -> Example:
    answer = tokenizer.encode(dialogue[-1]["content"], add_special_tokens=False)
    return Example(encode_prompt(tokenizer, dialogue[:-1]), [*answer, tokenizer.eos_token_id])


def make_batch(examples: list[Example], pad: int) -> dict[str, torch.Tensor]:
    """Pad on the right. Only answers count in the loss."""
    longest = max(len(e.prompt) + len(e.answer) for e in examples)
    ids = torch.full((len(examples), longest), pad)
    labels = torch.full((len(examples), longest), IGNORED)
    for row, example in enumerate(examples):
        whole = torch.tensor(example.prompt + example.answer)
        ids[row, : len(whole)] = whole
        labels[row, len(example.prompt) : len(whole)] = torch.tensor(example.answer)
    return {"input_ids": ids, "labels": labels, "attention_mask": (torch.arange(longest) < lengths(examples)).long()}


def lengths(examples: list[Example]) -> torch.Tensor:
    return torch.tensor([[len(e.prompt) + len(e.answer)] for e in examples])
