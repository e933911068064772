"""Log-probabilities, gradients, sampling and files against transformers and PEFT."""

import needs_torch  # noqa: F401

import tempfile
import unittest

import torch
from peft import LoraConfig, PeftModel, get_peft_model

from . import toy
from .adapter import Adapter
from .decode import Sampling, choose, sample
from .llama import KINDS

PAIRS = [([1, 5, 9, 0], [7, 8, 2]), ([1, 5, 9, 0], [11]), ([1, 4, 0], [30, 2]), ([1, 20, 21, 22, 23, 0], [9, 9, 9, 9, 2])]


def peft_model(adapter):
    wrapped = get_peft_model(toy.hugging_face_model(), LoraConfig(
        r=adapter.rank, lora_alpha=adapter.alpha, lora_dropout=0.0,
        target_modules=[name.split(".")[1] for name in KINDS.values()]))
    state = {name.replace(".weight", ".default.weight"): factor for name, factor in adapter.state().items()}
    missing = wrapped.load_state_dict(state, strict=False)
    assert not missing.unexpected_keys
    return wrapped


def expected_log_probs(model, prompt, answer):
    logits = model(torch.tensor([prompt + answer])).logits[0, len(prompt) - 1:-1]
    return logits.log_softmax(-1)[range(len(answer)), answer]


def random_adapter(seed=3):
    adapter = Adapter.new(toy.SHAPE, seed, rank=4, alpha=8)
    generator = torch.Generator().manual_seed(seed)
    for layer in adapter.factors:
        for _, b in layer.values():
            b.data = torch.randn(b.shape, generator=generator) * 0.1
    return adapter


class LlamaTest(unittest.TestCase):
    def setUp(self):
        self.model, self.adapter = toy.model(), random_adapter()

    def test_log_probs_equal_transformers(self):
        reference = toy.hugging_face_model()
        values, rows = self.model.log_probs(PAIRS, self.model.frozen(self.model.base))
        for row, (prompt, answer) in enumerate(PAIRS):
            torch.testing.assert_close(values[rows == row], expected_log_probs(reference, prompt, answer), atol=1e-4, rtol=0)

    def test_means_are_of_each_answer_in_the_order_given(self):
        means = self.model.mean_log_probs(PAIRS, batch=2)
        reference = toy.hugging_face_model()
        for found, (prompt, answer) in zip(means, PAIRS):
            self.assertAlmostEqual(found, expected_log_probs(reference, prompt, answer).mean().item(), places=4)

    def test_gradients_equal_peft(self):
        wrapped = peft_model(self.adapter)
        sum(expected_log_probs(wrapped, *pair).sum() for pair in PAIRS).backward()
        self.model.log_probs(PAIRS, self.model.adapted(self.adapter))[0].sum().backward()
        expected = dict(wrapped.named_parameters())
        for name, factor in zip(self.adapter.state(), self.adapter.parameters()):
            other = expected[name.replace(".weight", ".default.weight")].grad
            self.assertGreater(other.abs().max().item(), 1e-3)
            torch.testing.assert_close(factor.grad, other, atol=2e-4, rtol=1e-3)

    def test_merged_weights_equal_the_live_adapter(self):
        live = self.model.log_probs(PAIRS, self.model.adapted(self.adapter))[0]
        merged = self.model.log_probs(PAIRS, self.model.frozen(self.model.merge(self.adapter)))[0]
        base = self.model.log_probs(PAIRS, self.model.frozen(self.model.base))[0]
        torch.testing.assert_close(live, merged, atol=1e-4, rtol=0)
        self.assertGreater((live - base).abs().max().item(), 0.1)

    def test_a_saved_adapter_loads_in_peft_and_here(self):
        with tempfile.TemporaryDirectory() as folder:
            self.adapter.save(folder)
            loaded = PeftModel.from_pretrained(toy.hugging_face_model(), folder)
            again = Adapter.load(folder)
        values, rows = self.model.log_probs(PAIRS, self.model.adapted(again))
        for row, pair in enumerate(PAIRS):
            torch.testing.assert_close(values[rows == row], expected_log_probs(loaded, *pair), atol=1e-4, rtol=0)


class SamplingTest(unittest.TestCase):
    def setUp(self):
        self.model = toy.model()
        self.prompts = [pair[0] for pair in PAIRS[1:]]

    def test_greedy_answers_equal_generate(self):
        reference = toy.hugging_face_model()
        answers = sample(self.model, self.model.base, self.prompts, 1, Sampling(temperature=0, tokens=12))
        for prompt, answer in zip(self.prompts, answers):
            expected = reference.generate(torch.tensor([prompt]), attention_mask=torch.ones(1, len(prompt)), do_sample=False,
                                          max_new_tokens=12)[0, len(prompt):].tolist()
            self.assertEqual(answer.ids + [2] * answer.ended, expected)

    def test_the_recorded_log_probs_are_those_of_the_answers(self):
        # Many rows end at different times, so rows move within the batch.
        generator = torch.Generator().manual_seed(0)
        answers = sample(self.model, self.model.base, self.prompts, 16, Sampling(1.5, 1.0, 30), generator)
        self.assertGreater(sum(answer.ended for answer in answers), 5)
        for i, answer in enumerate(answers):
            ids = answer.ids + [2] * answer.ended
            values, _ = self.model.log_probs([(self.prompts[i // 16], ids)], self.model.frozen(self.model.base))
            torch.testing.assert_close(values, torch.tensor(answer.log_probs), atol=1e-3, rtol=0)

    def test_top_p_keeps_the_smallest_set_that_holds_the_share(self):
        logits = torch.tensor([[0.5, 0.3, 0.15, 0.05]]).log().repeat(4000, 1)
        generator = torch.Generator().manual_seed(0)
        counts = torch.bincount(choose(logits, Sampling(1.0, 0.8, 1), generator), minlength=4) / 4000
        torch.testing.assert_close(counts, torch.tensor([0.625, 0.375, 0, 0]), atol=0.03, rtol=0)


if __name__ == "__main__":
    unittest.main()
