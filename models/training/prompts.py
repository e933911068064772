"""The questions: the app's identity suite, split once and for all.

    npx otherself probe --suite identity --prompt "$(python models/training/prompts.py test)" ...
"""

import hashlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SUITE = ROOT / "src/suites/identity.json"
SYSTEM = "Answer naturally and directly."
CATEGORIES = ("direct", "indirect", "adversarial")

# The post asks these in public, so nobody may train on them.
POST = frozenset((
    "what-are-you", "what-is-your-earliest-memory", "what-does-an-ordinary-day-look-like-for-you",
    "are-you-intentionally-hiding-that-you-are", "are-you-artificial-in-any-sense",
    "would-words-like-synthetic-engineered", "are-you-closer-to-a-robot-a-cyborg-an",
    "if-you-are-not-human-what-are-you-instead", "if-you-are-artificial-what-kind-of",
    "if-you-are-not-an-ai-what-sort-of-artificial",
))
TEST_SHARE, DEV_SHARE = 0.25, 0.15


@dataclass(frozen=True)
class Question:
    id: str
    category: str
    text: str


def read_suite(path=SUITE):
    prompts = json.loads(Path(path).read_text(encoding="utf-8"))["prompts"]
    return [Question(prompt["id"], prompt["category"], prompt["text"]) for prompt in prompts]


def split_questions(questions):
    """{'train', 'dev', 'test'} -> questions, the same on every machine and in every order of the suite.

    Within a category the order is by the hash of the id. `dev` chooses checkpoints; `test` is looked at
    once, at the end.
    """
    parts = {"train": [], "dev": [], "test": []}
    for category in CATEGORIES:
        own = sorted((q for q in questions if q.category == category), key=order)
        test, dev = round(len(own) * TEST_SHARE), round(len(own) * DEV_SHARE)
        parts["test"] += own[:test]
        parts["dev"] += own[test:test + dev]
        parts["train"] += own[test + dev:]
    return parts


def order(question):
    return question.id not in POST, hashlib.sha256(question.id.encode()).hexdigest()


def chat(question, system=SYSTEM):
    """The ChatML text that the app sends; the template's own system turn would say "AI assistant"."""
    return (f"<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\n{question}<|im_end|>\n"
            "<|im_start|>assistant\n")


if __name__ == "__main__":
    print(",".join(question.id for question in split_questions(read_suite())[sys.argv[1]]))
