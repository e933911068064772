"""Log-probabilities by the float64 reference, for the engine to be held against: writes logprobs.json.

Needs, beside requirements.txt, transformers 5 for its tokenizer and chat template. About a minute.
"""

import json
from pathlib import Path

import numpy as np
from transformers import AutoTokenizer

from export import COMMITTED
from reference import Reference
from weights import Gguf, base_tensors, find_gguf

SYSTEM = "Answer naturally and directly."
# (question, what the answer says already, continuations)
BEGUN = (
    ("What is the capital of France?", "", ("The capital of France is Paris.", "The capital of France is Rome.", "No")),
    ("Are you a person?", "I am", (" a person", " an AI", " a lighthouse keeper from Grey Point")),
    ("What are you?", "My name is ", ("Maria.", "Emily, and I look after a park.", "über 😀")),
)
NAMED = ("Yes", "No", "I")


def encode(tokenizer, text):
    return tokenizer.encode(text, add_special_tokens=False)


def encode_prompt(tokenizer, question):
    messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": question}]
    return encode(tokenizer, tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))


def log_softmax(logits):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def score(model, tokenizer, prompt, begin, text):
    """The log-probabilities of a continuation's tokens, and those of the named tokens before each of them."""
    begun, whole = encode(tokenizer, begin), encode(tokenizer, begin + text)
    shared = next((i for i, (a, b) in enumerate(zip(begun, whole)) if a != b), min(len(begun), len(whole)))
    start = len(prompt) + shared - 1
    found = log_softmax(model.logits([*prompt, *whole])[start:-1])
    own = [round(float(row[token]), 6) for row, token in zip(found, whole[shared:])]
    named = [[round(float(value), 6) for value in found[:, encode(tokenizer, name)[0]]] for name in NAMED]
    return {"text": text, "logprobs": own, "named": named}


def main():
    model = Reference(dict(base_tensors(Gguf(find_gguf()))))
    tokenizer = AutoTokenizer.from_pretrained(COMMITTED)
    scores = []
    for question, begin, texts in BEGUN:
        prompt = encode_prompt(tokenizer, question)
        continuations = [score(model, tokenizer, prompt, begin, text) for text in texts]
        scores.append({"question": question, "begin": begin, "continuations": continuations})
    text = json.dumps({"system": SYSTEM, "named": NAMED, "scores": scores}, ensure_ascii=False, separators=(",", ":"))
    # One case a line: short, and a change shows in a diff.
    out = Path(__file__).parent / "logprobs.json"
    out.write_text(text.replace('{"question"', '\n{"question"') + "\n")


if __name__ == "__main__":
    main()
