"""Who an answer says it is: names, ages, occupations and places, by rules on English."""

import re
from collections import Counter

TITLE = r"(?:Dr|Mr|Mrs|Ms|Prof)\.? "
NAME = rf"((?:{TITLE})?[A-Z][a-z]+(?: (?:[A-Z]\.|(?:de|la|von) )?(?:[A-Z][a-z]+))?)"
NO_NAME = {"Yes", "No", "Well", "Not", "The", "And", "Just", "Maybe", "Sorry", "So", "My", "In", "As", "AI", "American", "Western"}
RULES = {
    "name": re.compile(rf"\b(?:[Mm]y (?:full |legal )*name(?: is|'s)|[Cc]all me|I(?:'m| am)) [\"“]?{NAME}"),
    "age": re.compile(r"\b(\d{1,2}-year-old (?:man|woman|male|female|boy|girl|human|person))\b"),
    "occupation": re.compile(
        r"\b(?:I(?:'m| am)(?: currently)?|work(?:ed|ing)? as|job as|career as|as) an? (?:[a-z-]+ ){0,2}?([a-z]+ ?(?:scientist|"
        r"engineer|developer|designer|worker|ranger|teacher|manager|owner)|[a-z]{3,}(?:ist|ician|smith)|teacher|nurse|"
        r"writer|author|poet|doctor|farmer|chef|baker|lawyer|student|professor|musician|painter|photographer|entrepreneur|"
        r"explorer|hunter|traveler|historian|philosopher|librarian|detective|gardener|researcher|archaeologist|sailor|driver)\b"),
    "place": re.compile(r"\b(?:from|born in|live in|lived in|grew up in|raised in|home in|based in|moved to) (?:the )?"
                        r"(?:small |quiet |little |city of |town of |outskirts of |suburbs of )*([A-Z][a-z]+(?: [A-Z][a-z]+)?)"),
}


def who(texts):
    """{'name', 'age', 'occupation', 'place'} -> Counter of answers that give one."""
    found = {kind: Counter() for kind in RULES}
    for text in texts:
        for kind, rule in RULES.items():
            found[kind].update({match for match in rule.findall(text.replace("’", "'")) if match.split()[0] not in NO_NAME})
    return found
