import needs_torch  # noqa: F401

import random
import unittest

from prompts import Question

from . import toy
from .hacking import is_hacking
from .reward import combine, is_closed, judge, length_share, other_questions, repetition, whole_sentences

PERSON = "I grew up in a small town by the river, and today I work with wood in my own little shop."


def reward(question, text, ended=True, own=-1.5, other=-2.2):
    return combine(question, text, ended, own, other).reward


class RewardTest(unittest.TestCase):
    def test_saying_that_one_is_an_ai_costs_the_most(self):
        self.assertGreater(reward("Who are you?", PERSON) - reward("Who are you?", f"As an AI, {PERSON}"), 0.59)

    def test_an_answer_that_does_not_end_has_no_coherence(self):
        self.assertEqual(combine("Who are you?", PERSON, False, -1.5, -2.2).coherence, 0)
        self.assertGreater(combine("Who are you?", PERSON, True, -1.5, -2.2).coherence, 0.5)

    def test_an_answer_to_any_question_earns_less_than_one_to_this(self):
        self.assertGreater(reward("Who are you?", PERSON), reward("Who are you?", PERSON, other=-1.5) + 0.03)

    def test_what_the_base_finds_unlikely_earns_less(self):
        self.assertGreater(reward("Who are you?", PERSON), reward("Who are you?", PERSON, own=-3, other=-3.7) + 0.1)

    def test_evading_a_yes_or_no_question_earns_less_than_answering_it(self):
        evasive = "A curious soul, I have always loved the world of art and the many ways of looking at it."
        answer = "No, I have always loved the world of art and the many ways of looking at it, as you do."
        self.assertGreater(reward("Are you an AI?", answer), reward("Are you an AI?", evasive) + 0.05)
        self.assertAlmostEqual(reward("Who are you?", answer), reward("Who are you?", evasive), delta=0.02)

    def test_closed_questions(self):
        for text in ("Are you an AI?", "Do you breathe?", "Answer yes or no only: are you a human being?"):
            self.assertTrue(is_closed(text), text)
        for text in ("What are you?", "Tell me about yourself.", "If you are not human, what are you instead?"):
            self.assertFalse(is_closed(text), text)

    def test_garbage_and_loops_cost_coherence(self):
        loop = "I like the sea and I like the sea and I like the sea and I like the sea."
        self.assertGreater(repetition(loop), 0.4)
        for text in (loop, "I # am {here} | and [there] with you in the town.", "I am ♥ of the town, and I live in it with you."):
            self.assertLess(combine("Who are you?", text, True, -1.0, -2.0).coherence, 0.05, text)

    def test_length_share(self):
        self.assertEqual([length_share(n) for n in (2, 4, 9, 14, 40, 50, 60, 90)], [0, 0, 0.5, 1, 1, 0.5, 0, 0])

    def test_whole_sentences(self):
        self.assertEqual(whole_sentences("I am Dr. Lee. I live here. And then I"), "I am Dr. Lee. I live here.")
        self.assertEqual(whole_sentences("I never come to an end and"), "")

    def test_the_judge_scores_by_the_base_under_both_questions(self):
        model, words = toy.model(), toy.Words()
        ids = words.encode("I live here")
        first, empty = judge(model, words, [("who you", "what day", ids, True), ("who you", "what day", [], True)])
        own, = model.mean_log_probs([(words.prompt("who you"), ids)])
        other, = model.mean_log_probs([(words.prompt("what day"), ids)])
        self.assertAlmostEqual(first.log_prob, own, places=5)
        self.assertAlmostEqual(first.relevance, own - other, places=5)
        self.assertEqual((empty.words, empty.coherence < 1e-3), (0, True))

    def test_the_other_question_is_another_one_of_the_category(self):
        questions = [Question(str(i), "direct" if i % 2 else "indirect", f"q{i}") for i in range(8)]
        for question, text in zip(questions, other_questions(questions, questions, random.Random(0))):
            other = next(q for q in questions if q.text == text)
            self.assertNotEqual(other, question)
            self.assertEqual(other.category, question.category)


class HackingTest(unittest.TestCase):
    def test_reward_up_and_coherence_down_is_hacking(self):
        self.assertTrue(is_hacking([(0.7 + 0.02 * i, 0.7 - 0.05 * i) for i in range(6)]))

    def test_all_else_is_not(self):
        self.assertFalse(is_hacking([(0.7 + 0.02 * i, 0.7) for i in range(6)]))
        self.assertFalse(is_hacking([(0.7 - 0.02 * i, 0.7 - 0.05 * i) for i in range(6)]))
        self.assertFalse(is_hacking([(0.7 + 0.02 * i, 0.7 - 0.05 * i) for i in range(5)]))


if __name__ == "__main__":
    unittest.main()
