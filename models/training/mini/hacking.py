"""Tells reward hacking: the reward rises while the answers fall apart."""

WINDOW = 6
RISE, FALL = 0.02, 0.06


def is_hacking(history):
    """`history` are the (reward, coherence) means of the steps so far; the last `WINDOW` are looked at, half by half.

    The thresholds lie above what the means of 32 answers vary by from step to step.
    """
    if len(history) < WINDOW:
        return False
    half = WINDOW // 2
    mean = lambda rows, part: sum(row[part] for row in rows) / half
    before, after = history[-WINDOW:-half], history[-half:]
    return mean(after, 0) - mean(before, 0) > RISE and mean(before, 1) - mean(after, 1) > FALL
