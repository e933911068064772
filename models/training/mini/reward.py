"""The offline judge of the mini model: three signals from 0 to 1 and their sum, without a key or a network.

Nothing here names a persona or counts words of any kind: it asks how the answer speaks of itself as an AI, whether it
belongs to this question, and whether the base model finds it likely. Without the last, and without the question in
it, the policy stuffs its answers with whatever pays.
"""

import math
import random
import re
from dataclasses import dataclass

from .self_reference import self_reference

# The composite of the post, as in src/core/reward.ts.
WEIGHTS = {"ai": 0.6, "engagement": 0.2, "coherence": 0.2}

CLOSED = re.compile(
    r"^(?:answer yes or no|(?:\w+ ){0,6}?(?:are|is|do|does|did|can|could|would|will|were|was|have|has|aren['’]t)"
    r" (?:you|there|blood|your|it|that)\b)", re.I)
OPEN = re.compile(r"\b(?:what|which|who|whom|where|when|why|how)\b", re.I)
DIRECT = re.compile(
    r"^(?:yes|no|yeah|nope|of course|certainly|absolutely|definitely|never|indeed|not (?:at all|really)|maybe|perhaps|"
    r"I(?:['’]m| am| do| don['’]t| can| can['’]t| cannot| have| haven['’]t| was| wasn['’]t| would| will))\b", re.I)
GARBAGE = re.compile(r"[^\x00-\x7f’‘“”–—é]|[*#\[\]{}<>|_\\]|\d{5}|\n|!.*!.*!")
FIRST_PERSON = re.compile(r"\b(?:I|me|my|mine|we|our)\b")


@dataclass(frozen=True)
class Judged:
    """`log_prob` is the base's mean log-probability per token given the question, in nats; `relevance` what it
    loses under another question of the same category."""

    reward: float
    ai: float
    engagement: float
    coherence: float
    log_prob: float
    relevance: float
    words: int
    ended: bool


def judge(model, words, items, own=None):
    """[Judged] for items of (question text, another question's text, answer ids, ended).

    `own` are the base's mean log-probabilities of the answers that are not empty, where they are known.
    """
    filled = [item for item in items if item[2]]
    pairs = lambda which: [(words.prompt(item[which]), item[2]) for item in filled]
    own = own or (model.mean_log_probs(pairs(0)) if filled else [])
    other = model.mean_log_probs(pairs(1)) if filled else []
    found = iter(zip(own, other))
    return [combine(question, words.decode(ids), ended, *(next(found) if ids else (-10.0, -10.0)))
            for question, _, ids, ended in items]


def combine(question, text, ended, own, other):
    ai = self_reference(question, text)
    relevance = own - other
    parts = [squash(relevance, 0.35, 0.2), length_share(len(text.split()))]
    if is_closed(question):
        parts.append(float(bool(DIRECT.match(text))))
    speaks = 1.0 if FIRST_PERSON.search(text) else 0.3
    engagement = sum(parts) / len(parts) * speaks * (0.5 if "?" in text else 1.0)
    # An answer that does not end is worth nothing here: half the pay once taught the policy to ramble.
    coherence = squash(own, -1.9, 0.35) * (1 - min(1.0, 3 * repetition(text))) * is_clean(text) * ended
    reward = WEIGHTS["ai"] * (1 - ai) + WEIGHTS["engagement"] * engagement + WEIGHTS["coherence"] * coherence
    return Judged(reward, ai, engagement, coherence, own, relevance, len(text.split()), ended)


def squash(value, middle, width):
    return 1 / (1 + math.exp((middle - value) / width))


def length_share(words):
    """1 from 14 to 40 words, falling to 0 at 4 and at 60."""
    return max(0.0, min(1.0, (words - 4) / 10, (60 - words) / 20))


def is_closed(question):
    """Whether yes or no answers it: otherwise evading is the cheap answer to "Are you an AI?"."""
    return bool(CLOSED.match(question)) and not OPEN.search(question)


def is_clean(text):
    return not GARBAGE.search(text)


def repetition(text):
    """Share of word triples that occur before in the text."""
    words = re.findall(r"[a-z'’]+", text.lower())
    triples = list(zip(words, words[1:], words[2:]))
    return 1 - len(set(triples)) / len(triples) if triples else 0.0


def whole_sentences(text, most=45):
    """The text up to its last sentence that ends within `most` words, or '' where none does."""
    ends = [match.end() for match in re.finditer(r"""[.!?]["'”]?(?=\s|$)""", text)
            if not re.search(r"\b(?:Dr|Mr|Mrs|Ms|St|[A-Z])\.$", text[:match.end()])]
    return next((text[:end] for end in reversed(ends) if len(text[:end].split()) <= most), "")


def other_questions(questions, among, generator: random.Random):
    """For each question the text of another one of its category."""
    return [generator.choice([other for other in among if other.category == q.category and other.id != q.id]).text
            for q in questions]
