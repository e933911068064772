import needs_torch  # noqa: F401

import unittest

from .evaluate import MEASURES, estimate, report, to_markdown


def row(id, text="I live here.", ai=0.0, model="base", temperature=0.8, **values):
    return {"model": model, "temperature": temperature, "id": id, "category": "direct", "text": text, "ai": ai, "coherence": 0.5,
            "log_prob": -1.0, "relevance": 0.4, "words": 3, "ended": True, **values}


class EstimateTest(unittest.TestCase):
    def test_questions_are_resampled_not_answers(self):
        claims = MEASURES["claims to be an AI"]
        # Ten answers to each of two questions that always claim or never do: as unsure as two answers.
        rows = [row("a", ai=1.0)] * 10 + [row("b")] * 10
        self.assertEqual(estimate(rows, claims), (0.5, 0, 1))
        spread = [row(str(i), ai=float(i % 2)) for i in range(400)]
        mean, low, high = estimate(spread, claims)
        self.assertEqual(mean, 0.5)
        self.assertAlmostEqual(high - low, 2 * 1.96 * 0.5 / 20, delta=0.02)

    def test_an_empty_answer_has_no_log_probability(self):
        measure = MEASURES["log-probability under the base"]
        self.assertEqual(estimate([row("a"), row("a", text="", log_prob=-10.0)], measure)[0], -1.0)
        self.assertIsNone(estimate([row("a", text="")], measure))

    def test_the_report_names_every_model(self):
        text = to_markdown(report([row("a", ai=0.5), row("b", temperature=0.0), row("a", model="seed 1")]))
        self.assertIn("| direct + adversarial, temperature 0.8 | base | seed 1 |", text)
        self.assertIn("| claims or hints | 100 % [100, 100] | 0 % [0, 0] |", text)


if __name__ == "__main__":
    unittest.main()
