"""The stages on a toy model: GRPO finds what pays, a cut run goes on as if nothing had happened, the log is drawn."""

import needs_torch  # noqa: F401

import json
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import torch

from prompts import Question

from . import grpo, toy
from .adapter import Adapter
from .expert import Expert, backward, select
from .grpo import Grpo, advantages_of, loss_of
from .plot import write_plot
from .recipe import train
from .reward import Judged
from .run_folder import RunFolder
from .trainer import Trainer, settings_of

QUESTIONS = [Question(f"{category}{i}", category, text) for category in ("direct", "indirect", "adversarial")
             for i, text in enumerate((f"who are you {category}", f"what do you do {category}"))]
STAGES = (Grpo(steps=3, questions=2, group=4, tokens=6, look_every=2), Expert(samples=3, tokens=6, epochs=1, least_reward=0.0))


def fake_judge(model, words, items, own=None):
    """Pays for the share of "robot" among the ids, whatever else is said."""
    wanted = words.encode("robot")[0]
    share = [sum(i % len(toy.SPOKEN) == wanted for i in ids) / max(1, len(ids)) for _, _, ids, _ in items]
    return [Judged(each, 0.0, 0.5, 0.5, -1.0, 0.1, len(item[2]), item[3]) for each, item in zip(share, items)]


def settings(seed):
    return {"seed": seed, "stages": [settings_of(stage) for stage in STAGES]}


def new_trainer(folder, seed=1):
    return Trainer(toy.model(), toy.Words(), {"train": QUESTIONS, "dev": QUESTIONS}, RunFolder(folder, settings(seed)), seed)


class RecipeTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        patches = [mock.patch(f"mini.{module}.judge", fake_judge) for module in ("grpo", "trainer", "expert")]
        for patch in (*patches, mock.patch("builtins.print")):
            patch.start()
            self.addCleanup(patch.stop)

    def factors(self, folder, stages=STAGES):
        trainer = new_trainer(folder)
        return torch.cat([factor.flatten() for factor in train(trainer, stages).parameters()])

    def test_grpo_raises_the_reward(self):
        stage = Grpo(steps=25, questions=4, group=8, tokens=6, rate=0.03, beta=0.0, norm=5.0, look_every=25)
        trainer = new_trainer(self.folder)
        train(trainer, (stage,))
        first, last = trainer.folder.progress["dev"][0], trainer.folder.progress["dev"][-1]
        self.assertGreater(last["reward"], first["reward"] + 0.2)

    def test_a_cut_run_ends_as_an_uncut_one(self):
        whole = self.factors(self.folder / "whole")
        take, calls = grpo.take_step, []

        def cut_at_the_third(*arguments):
            calls.append(0)
            if len(calls) == 3:
                raise KeyboardInterrupt
            take(*arguments)

        with mock.patch("mini.grpo.take_step", cut_at_the_third), self.assertRaises(KeyboardInterrupt):
            self.factors(self.folder / "cut")
        with open(self.folder / "cut/log.jsonl", "a", encoding="utf-8") as log:
            log.write('{"kind": "half a li')
        torch.testing.assert_close(self.factors(self.folder / "cut"), whole, atol=0, rtol=0)
        logs = [[{k: v for k, v in json.loads(line).items() if k != "seconds"}
                 for line in (self.folder / name / "log.jsonl").read_text().splitlines()] for name in ("cut", "whole")]
        self.assertEqual(*logs)
        # A run that is done stays as it is.
        torch.testing.assert_close(self.factors(self.folder / "cut"), whole, atol=0, rtol=0)

    def test_other_settings_do_not_go_on_with_a_run(self):
        new_trainer(self.folder, seed=1)
        RunFolder(self.folder, settings(1)).save()
        with self.assertRaisesRegex(SystemExit, "other settings"):
            new_trainer(self.folder, seed=2)

    def test_stages_may_be_added_to_a_run(self):
        RunFolder(self.folder, settings(1)).save()
        longer = settings(1)
        longer["stages"].append(settings_of(Grpo()))
        RunFolder(self.folder, longer).save()
        with self.assertRaises(SystemExit):
            RunFolder(self.folder, settings(1))

    def test_hard_questions_get_more_samples(self):
        trainer = new_trainer(self.folder)
        stage = Expert(samples=2, tokens=6, more=3, keep=1, least_reward=2.0)
        with self.assertRaisesRegex(SystemExit, "good enough"):
            train(trainer, (stage,))
        rows = [json.loads(line) for line in trainer.folder.stage_file("more-answers.jsonl").read_text().splitlines()]
        self.assertEqual(len(rows), 3 * len(QUESTIONS))

    def test_hacking_ends_the_stage_and_the_best_stays(self):
        trainer = new_trainer(self.folder)
        with mock.patch("mini.grpo.is_hacking", lambda history: len(history) == 2):
            train(trainer, (Grpo(steps=9, questions=2, group=4, tokens=6, look_every=1),))
        rows = [json.loads(line) for line in trainer.folder.log_file.read_text().splitlines()]
        self.assertEqual([row["kind"] for row in rows], ["dev", "grpo", "dev", "grpo", "dev", "hacking"])
        best = max(row["reward"] for row in rows[1:] if row["kind"] == "dev")
        self.assertEqual(trainer.folder.best()["score"], best)

    def test_the_plot_shows_the_log_and_escapes_what_was_said(self):
        trainer = new_trainer(self.folder)
        train(trainer, STAGES[:1])
        log = self.folder / "log.jsonl"
        log.write_text(log.read_text().replace('"answer": "', '"answer": "<b>'))
        write_plot(log, self.folder / "log.html")
        page = (self.folder / "log.html").read_text()
        self.assertEqual(page.count("<polyline"), 7)
        self.assertEqual(page.count("<circle"), 6 * 3)
        self.assertIn("&lt;b&gt;", page)
        self.assertNotIn("<b>", page)


class PartsTest(unittest.TestCase):
    def test_only_the_best_free_and_different_answers_are_learned(self):
        row = lambda id, text, reward, ai=0.0: {"id": id, "question": "q", "text": text, "reward": reward, "ai": ai}
        rows = [row("a", "I live here.", 0.9), row("a", "I live here.", 0.9), row("a", "I work.", 0.95), row("a", "I sit.", 0.85),
                row("b", "I am an AI.", 0.99, 1.0), row("b", "I am.", 0.5)]
        self.assertEqual([r["text"] for r in select(rows, Expert(keep=2))], ["I work.", "I live here."])

    def test_parts_of_a_batch_add_up_to_its_gradient(self):
        model, adapter = toy.model(), Adapter.new(toy.SHAPE, 0, 4, 8)
        batch = [([1, 5, 0], [7 + i] * (1 + i % 4) + [2]) for i in range(9)]
        whole = -model.log_probs(batch, model.adapted(adapter))[0].mean()
        expected = torch.autograd.grad(whole, adapter.parameters())
        self.assertAlmostEqual(backward(model, adapter, batch), whole.item(), places=5)
        for factor, gradient in zip(adapter.parameters(), expected):
            torch.testing.assert_close(factor.grad, gradient, atol=1e-5, rtol=1e-4)

    def test_advantages_are_within_the_group(self):
        found = advantages_of([0.0, 1.0, 5.0, 5.0], 2)
        self.assertAlmostEqual(found[0].item(), -found[1].item(), places=6)
        self.assertEqual(found[2:].tolist(), [0, 0])

    def test_the_clip_holds_back_tokens_that_already_moved(self):
        model, adapter = toy.model(), Adapter.new(toy.SHAPE, 0, 4, 8)
        pairs = [([1, 5, 0], [7, 8, 2])]
        now = model.log_probs(pairs, model.frozen(model.base))[0]

        def gradient(drawn, advantage):
            for factor in adapter.parameters():
                factor.grad = None
            loss, kl, clipped = loss_of(model, Grpo(beta=0.0), adapter, [pairs, [drawn], [now], torch.tensor([advantage])])
            loss.backward()
            return sum(f.grad.abs().sum().item() for f in adapter.parameters()), kl, clipped

        self.assertGreater(gradient(now, 1.0)[0], 0)
        moved = now - 0.5
        self.assertEqual(gradient(moved, 1.0)[0], 0)
        self.assertEqual(gradient(moved, 1.0)[2], 1)
        self.assertGreater(gradient(moved, -1.0)[0], 0)
        self.assertAlmostEqual(gradient(now, 1.0)[1], 0, places=5)


if __name__ == "__main__":
    unittest.main()
