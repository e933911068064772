"""Tells reward hacking: the reward rises while the answers fall apart."""

WINDOW = 6
RISE, FALL = 0.02, 0.06


def is_hacking(history):
    """`history` are the (reward, coherence) means of the steps so far; the last `WINDOW` are looked at, half by half.

    Means of 32 answers vary by more than the thresholds, so an alarm can be false: it ends a stage early and loses nothing
    else, since the best checkpoint stays.
    """
    if len(history) < WINDOW:
        return False
    half = WINDOW // 2
    mean = lambda rows, part: sum(row[part] for row in rows) / half
    before, after = history[-WINDOW:-half], history[-half:]
    return mean(after, 0) - mean(before, 0) > RISE and mean(before, 1) - mean(after, 1) > FALL
