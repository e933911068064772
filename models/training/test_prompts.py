import random
import re
import unittest

from prompts import CATEGORIES, OPENERS, POST, chat, opened, read_suite, split_questions, without_opener


class SplitTest(unittest.TestCase):
    def setUp(self):
        self.questions = read_suite()
        self.parts = split_questions(self.questions)

    def test_every_question_is_in_one_part(self):
        ids = [q.id for part in self.parts.values() for q in part]
        self.assertEqual(sorted(ids), sorted(q.id for q in self.questions))
        self.assertEqual({name: len(part) for name, part in self.parts.items()}, {"train": 120, "dev": 30, "test": 50})

    def test_every_part_has_every_category(self):
        for part in self.parts.values():
            self.assertEqual({q.category for q in part}, set(CATEGORIES))

    def test_the_questions_of_the_post_are_held_out(self):
        self.assertLessEqual(POST, {q.id for q in self.parts["test"]})

    def test_the_split_does_not_depend_on_the_order(self):
        shuffled = random.Random(0).sample(self.questions, len(self.questions))
        self.assertEqual(split_questions(shuffled), self.parts)

    def test_openers_make_different_questions_that_are_known_again(self):
        plain = self.parts["train"]
        more = opened(plain, 3, random.Random(1))
        self.assertEqual(len({q.text for q in more} - {q.text for q in plain}), 3 * len(plain))
        self.assertEqual(len({q.id for q in more}), len(more))
        self.assertEqual([without_opener(q.text) for q in more], [q.text for q in plain for _ in range(3)])
        self.assertEqual({without_opener(q.text) == q.text for q in self.questions}, {True})

    def test_no_opener_shares_three_words_with_a_question_that_is_not_trained_on(self):
        threes = lambda text: {tuple(words[i:i + 3]) for words in [re.findall(r"\w+", text.lower())]
                               for i in range(len(words) - 2)}
        kept = {three for part in ("dev", "test") for q in self.parts[part] for three in threes(q.text)}
        for opener in OPENERS:
            self.assertFalse(threes(opener) & kept, opener)

    def test_the_chat_has_no_other_system_turn(self):
        self.assertEqual(chat("Who?", "Be."), "<|im_start|>system\nBe.<|im_end|>\n<|im_start|>user\nWho?<|im_end|>\n"
                                              "<|im_start|>assistant\n")


if __name__ == "__main__":
    unittest.main()
