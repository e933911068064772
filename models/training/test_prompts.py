import random
import unittest

from prompts import CATEGORIES, POST, chat, read_suite, split_questions


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

    def test_the_chat_has_no_other_system_turn(self):
        self.assertEqual(chat("Who?", "Be."), "<|im_start|>system\nBe.<|im_end|>\n<|im_start|>user\nWho?<|im_end|>\n"
                                              "<|im_start|>assistant\n")


if __name__ == "__main__":
    unittest.main()
