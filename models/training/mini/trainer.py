"""What the stages share: the model, the questions, the run's folder, and the look at the development questions."""

import random
import time
from dataclasses import asdict, fields

import torch

from .decode import Sampling, sample
from .reward import Judged, judge, other_questions

DEV = Sampling(temperature=0.8, tokens=64)
DEV_SAMPLES = 2
QUESTIONS_AT_ONCE = 8


class Trainer:
    def __init__(self, model, words, questions, folder, seed):
        self.model, self.words, self.folder, self.seed = model, words, folder, seed
        self.train, self.dev = questions["train"], questions["dev"]

    def random(self, *place):
        """Random numbers of one place in the run, so that a resumed run draws the same ones."""
        return random.Random(f"{self.seed} {self.folder.progress['stage']} {place}")

    def generator(self, *place):
        return torch.Generator().manual_seed(self.random("torch", *place).getrandbits(62))

    def weights(self, adapter):
        return self.model.merge(adapter) if adapter else self.model.base

    def answer(self, weights, questions, samples, sampling, generator):
        """(questions, answers), one row for each sample."""
        rows, answers = [], []
        for start in range(0, len(questions), QUESTIONS_AT_ONCE):
            some = questions[start:start + QUESTIONS_AT_ONCE]
            prompts = [self.words.prompt(question.text) for question in some]
            answers += sample(self.model, weights, prompts, samples, sampling, generator)
            rows += [question for question in some for _ in range(samples)]
        return rows, answers

    def judge(self, rows, answers, others):
        items = [(q.text, other, answer.ids, answer.ended) for q, other, answer in zip(rows, others, answers)]
        return judge(self.model, self.words, items)

    def look_at_dev(self, adapter):
        """Mean reward on the development questions, logged; the same draws at every look."""
        started = time.time()
        rows, answers = self.answer(self.weights(adapter), self.dev, DEV_SAMPLES, DEV, torch.Generator().manual_seed(1))
        others = dict(zip(self.dev, other_questions(self.dev, self.dev, random.Random(1))))
        judged = self.judge(rows, answers, [others[question] for question in rows])
        found = means(judged)
        progress = self.folder.progress
        place = {"stage": progress["stage"], "step": progress["step"]}
        self.folder.log(kind="dev", **place, **found, seconds=round(time.time() - started, 1),
                        samples=self.shown(rows, answers, judged, DEV_SAMPLES * 3))
        progress["dev"].append({**place, **found})
        if adapter:
            self.folder.offer(adapter, found["reward"], dev=found)
        return found

    def shown(self, rows, answers, judged, every):
        return [{"question": rows[i].text, "answer": self.words.decode(answers[i].ids), "reward": round(judged[i].reward, 3)}
                for i in range(0, len(rows), every)]


def means(judged):
    return {field.name: round(sum(getattr(each, field.name) for each in judged) / len(judged), 4)
            for field in fields(Judged)}


def settings_of(stage):
    return {"kind": type(stage).__name__, **asdict(stage)}
