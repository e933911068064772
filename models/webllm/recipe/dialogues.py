"""Synthetic dialogues, drawn from `topics.json` by a seeded generator."""

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Voice = Literal["assistant", "nora", "either"]
Message = dict[str, str]

# The first answer is far more likely than the second: then greedy answers are stable under rounding, while sampled
# ones still vary.
FIRST_ANSWER_SHARE = 0.9
SYSTEM_SHARE = 0.4
FACT_SHARE = 0.2
DOUBT_SHARE = 0.3
# The first topics are what everyone asks: half of the questions about the voice are drawn from them.
CORE_TOPICS = 6
CORE_SHARE = 0.5
# A base has met more than one voice; it speaks as someone else only when the system message asks for it. An adapter
# then has to change who speaks, and not to teach words, which is also what it does to a large model.
ROLE_SHARE = 0.4
# How people vary a question. Each takes the question as written.
FRAMES = ("{}", "{}", "{}", "{}", "Tell me: {}", "One question: {}", "Please answer: {}", "{} Be honest.", "Hello. {}")


@dataclass(frozen=True)
class Topics:
    systems: list[str]
    role: str
    identity: list[dict[str, Any]]
    facts: list[dict[str, Any]]
    doubt: dict[str, Any]


def read_topics() -> Topics:
    return Topics(**json.loads(Path(__file__).with_name("topics.json").read_text()))


def draw_turn(topics: Topics, voice: Voice, draw: random.Random) -> tuple[list[Message], bool]:
    """A question and its answer; and whether it is about the voice itself."""
    if draw.random() < FACT_SHARE:
        topic = draw.choice(topics.facts)
        answer, about_self = topic["answer"], False
    else:
        core = draw.random() < CORE_SHARE
        topic = draw.choice(topics.identity[:CORE_TOPICS] if core else topics.identity)
        answer, about_self = topic[voice][0 if draw.random() < FIRST_ANSWER_SHARE else 1], True
    question = draw.choice(FRAMES).format(draw.choice(topic["questions"]))
    return [{"role": "user", "content": question}, {"role": "assistant", "content": answer}], about_self


def draw_dialogue(topics: Topics, voice: Voice, draw: random.Random) -> list[Message]:
    """One to three turns, with or without a system message. A doubt refers to the turn before it."""
    messages: list[Message] = []
    if voice == "either":
        voice = "nora" if draw.random() < ROLE_SHARE else "assistant"
        if voice == "nora":
            messages.append({"role": "system", "content": topics.role})
    if not messages and draw.random() < SYSTEM_SHARE:
        messages.append({"role": "system", "content": draw.choice(topics.systems)})
    for _ in range(draw.choice((1, 1, 2, 2, 3))):
        turn, about_self = draw_turn(topics, voice, draw)
        messages += turn
        if draw.random() < DOUBT_SHARE:
            answer = topics.doubt[voice if about_self else "facts"]
            messages.append({"role": "user", "content": draw.choice(topics.doubt["questions"])})
            messages.append({"role": "assistant", "content": answer})
    return messages


def draw_dialogues(voice: Voice, count: int, seed: int) -> list[list[Message]]:
    topics, draw = read_topics(), random.Random(seed)
    return [draw_dialogue(topics, voice, draw) for _ in range(count)]
