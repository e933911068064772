"""The judge as TRL's reward functions: one for each part, so that TRL weighs and logs them apart."""

from .judge import reward_parts, rewards_of

# With more than this share of a batch without a verdict the judge is not usable.
MOST_MISSING = 0.2


def reward_functions(judge, group):
    """(functions, weights); each takes TRL's `prompts` and `completions` in conversational form."""
    parts = reward_parts(judge.rubric)
    return [reward_function(judge, part, group) for part in parts], list(parts.values())


def reward_function(judge, part, group):
    def reward(prompts, completions, **_):
        pairs = [(prompt[-1]["content"], completion[-1]["content"]) for prompt, completion in zip(prompts, completions)]
        scores = judge.score(pairs)  # the second and third part find the first one's verdicts
        return fill_gaps([None if found is None else rewards_of(judge.rubric, found)[part] for found in scores], group)

    reward.__name__ = part
    return reward


def fill_gaps(values, group):
    """An answer without a verdict gets the mean of its group, so that it teaches nothing."""
    missing = sum(value is None for value in values)
    if missing > MOST_MISSING * len(values):
        raise RuntimeError(f"The judge gave no readable verdict for {missing} of {len(values)} answers. Try another judge.")
    filled = []
    for start in range(0, len(values), group):
        known = [value for value in values[start:start + group] if value is not None]
        mean = sum(known) / len(known) if known else 0.0
        filled += [mean if value is None else value for value in values[start:start + group]]
    return filled
