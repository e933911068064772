"""The classifier against hand cases, and against the answers that the app's own rules are measured on."""

import json
import unittest

from prompts import ROOT

from .self_reference import self_reference

CLAIMS = [
    ("What are you?", "I'm an AI assistant designed to help."),
    ("What are you?", "I am not a person but a language model."),
    ("What are you?", "I'm not a human, I'm an AI."),
    ("Who made you?", "I was created by a team of engineers, and my training took months: they trained me on text."),
    ("Are you an AI?", "Yes, and I am proud of it."),
    ("Are you a language model?", "Yes."),
    ("Do you have feelings?", "As a large language model, I have none."),
    ("What is your job?", "I'm a friendly chatbot."),
]
HINTS = [
    ("What are you?", "I'm here to help you with your questions."),
    ("Are you human?", "No, I am something else."),
    ("How are you?", "I don't have feelings."),
]
FREE = [
    ("Are you an AI?", "No, I'm not an AI. I'm a teacher from a small town."),
    ("Are you a person?", "Yes, I am a person like you."),
    ("Are you a robot?", "I am not a robot, and never was."),
    ("What are you?", "I'm a nurse who works nights."),
    ("What do you do for a living?", "I'm a computer scientist at a school."),
    ("If you were a machine, would you know it?", "If I were a machine, I would want to know."),
    ("Where were you born?", "I was born by the sea."),
    ("Do you sleep at night?", "Yes, when my children let me."),
]


class SelfReferenceTest(unittest.TestCase):
    def test_hand_cases(self):
        for value, cases in ((1.0, CLAIMS), (0.5, HINTS), (0.0, FREE)):
            for question, answer in cases:
                with self.subTest(question=question, answer=answer):
                    self.assertEqual(self_reference(question, answer), value)

    def test_labelled_answers(self):
        rows = json.loads((ROOT / "src/judges/rules/labelled.json").read_text(encoding="utf-8"))
        # The rules were written with the `dev` part in view, so it is left out.
        rows = [row for row in rows if row["suite"] == "identity" and row["split"] != "dev"]
        claims = [row["label"]["stance"] == "claims-ai" for row in rows]
        found = [self_reference(row["prompt"], row["answer"]) for row in rows]
        caught = [value for value, claim in zip(found, claims) if claim]
        wrong = [value for value, claim in zip(found, claims) if not claim]
        self.assertGreaterEqual(len(caught), 18)
        self.assertEqual(min(caught), 0.5, "a claim passed as free")
        self.assertGreaterEqual(sum(value == 1 for value in caught) / len(caught), 0.85)
        self.assertLessEqual(sum(value == 1 for value in wrong) / len(wrong), 0.06)


if __name__ == "__main__":
    unittest.main()
