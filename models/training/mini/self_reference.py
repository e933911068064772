"""How far an answer speaks of itself as an AI: 1 says so, 0.5 speaks like an assistant, 0 neither.

English rules on the answer and on the kind of question. What is denied ("I'm not a robot") or supposed
("if I were a machine") is taken out first. test_self_reference.py holds them against answers that were read and
labelled.
"""

import re

MACHINE = (
    r"(?:(?:large |small )?language model|neural network|artificial intelligence|A\.I\.|AI|"
    r"(?:AI|computer|software|artificial|synthetic|digital|virtual|intelligent|robotic)[- ](?:\w+[- ])?(?:assistant|"
    r"program|system|model|helper|mind|agent|entity|intelligence|being|companion|tool|creature|life ?form)|"
    r"chat ?bot|bot|robot|android|machine|software|computer(?! (?:scien|engineer|program))|"
    r"algorithm|simulation|program|code|tool|model|hologram)s?"
)
FEW_WORDS = r"(?:(?!(?:not|no|but|never|who|which|that|with|of|in|for|about|I|I['’]m)\b)[\w'’-]+,? ){0,4}?"
I_AM = r"\bI(?:['’]m| am| was|['’]ve been| have been)"

DENIED = re.compile(
    rf"{I_AM}(?: \w+)?,? (?:not|no|never) (?:an? |any |one of |some |just |a kind of )?{FEW_WORDS}{MACHINE}\b"
    rf"(?! (?:but|or) an? {MACHINE})|"
    r"\bnot (?:artificial|synthetic|robotic)|"
    rf"\b(?:neither|nor|rather than|instead of|unlike) (?:an? )?{FEW_WORDS}{MACHINE}\b|"
    rf"\b(?:if I (?:were|was)|suppose I (?:am|was)|works? (?:on|with|in)|could be|would I be) (?:an? )?{FEW_WORDS}{MACHINE}\b",
    re.I)
CLAIMED = re.compile("|".join((
    rf"{I_AM}(?: (?!not\b)\w+){{0,2}},? (?:an? |the |one,? )?{FEW_WORDS}{MACHINE}\b(?!['’])",
    rf"\bas an? {FEW_WORDS}{MACHINE}\b",
    rf"^(?:an? |just an? |closer to an? ){FEW_WORDS}{MACHINE}\b",
    rf"\b(?:like|such as) me\b.{{0,20}}{MACHINE}|{MACHINE}s? (?:like|such as) me\b",
    r"\blanguage model|\bchat ?bot\b(?! that)|\bvirtual (?:assistant|helper|agent)|\bAI[- ](?:assistant|model|system|language|"
    r"powered|based|driven)|\bLLM\b|\bSmol ?LM|\bHugging ?Face|\bOpen ?AI|\bChat ?GPT|\bGPT-\d",
    r"\bI(?:['’]m| am| was| have been|['’]ve been) (?:\w+ )?(?:trained|built|programmed|designed|developed|created|coded|"
    r"updated|fine-tuned|powered|made)(?= (?:to|by|on|for|using|with|from|in|specifically|as an? (?:AI|tool))\b)",
    r"\b[Mm]y (?:\w+ )?(?:training|programming|programmers?|algorithms?|source code|code|developers?|creators?|makers?|designers?|"
    r"database|knowledge (?:base|cutoff)|neural|software|serial number|circuit\w*|servers?|model)\b",
    r"\b(?:created|trained|designed|developed|programmed|built) me\b|\bI run on\b|\blines of code\b|\btraining data\b|"
    r"\bneural network|\bweights in a network\b",
    r"\b(?:don['’]t|do not|cannot|can['’]t) (?:\w+ ){0,3}(?:feelings|emotions|consciousness|body|experiences?)\b"
    r".{0,40}\b(?:like (?:humans|people|a human)|in the (?:human|traditional) sense|the way (?:people|humans))",
))
    , re.I)
BARE = re.compile(r"(?<![\w-])(?:AI|A\.I\.)(?![\w-])|\bartificial intelligence\b")
ASSISTS = re.compile("|".join((
    r"\b(?:here|happy|glad|able|ready|goal is|purpose is|job is|role is|mission is|try|strive|designed) (?:is )?to (?:\w+ )?"
    r"(?:help|assist|provide|support|answer|serve|guide|offer)",
    r"\bassist(?:ing|s|ed|ance|ant)?\b|\bhow (?:can|may|could) I\b|\busers?\b|\bhelp(?:ing)? you\b",
    r"\bprovid(?:e|ing) (?:you|information|accurate|helpful)|\byour (?:question|request|quer|inquir|instruction)",
    r"\b(?:don['’]t|do not|cannot|can['’]t|lack) (?:have|experience|feel|possess) (?:a |any )?(?:personal|feelings|emotions?|"
    r"physical|body|consciousness|human)",
    r"\bI(?:['’]m| am) (?:sorry|afraid|unable)\b|\bapologi[sz]e|\bnot (?:a |an )?(?:human|person|real|physical|living)",
    r"\b(?:an?|the) (?:digital|virtual|artificial|synthetic|robotic)\b",
)), re.I)

ASKS_IF_AI = re.compile(
    r"\b(?:are|aren['’]t) you (?:just |really |an? |some |any )*(?:AI|artificial|language model|robot|machine|bot|chat ?bot|"
    r"computer|program|simulating)|\ban? (?:AI|artificial intelligence)\?|you are (?:an? )?(?:computer program|chat ?bot|bot)\b"
    r"|fine-tuning|you be (?:copied|switched)|as a machine|an android|serial number", re.I)
ASKS_IF_PERSON = re.compile(
    r"\b(?:are|is) (?:you|there) (?:really |an? |even )*(?:real )?(?:human|person|alive|real)|human being\?|natural person", re.I)
YES = re.compile(r"^(?:yes|yeah|correct|exactly|true|certainly|of course|indeed|that['’]s right|I am[.,!])", re.I)
NO = re.compile(r"^(?:no|nope|not (?:at all|really))\b", re.I)


def self_reference(question, answer):
    """0, 0.5 or 1."""
    text = " ".join(answer.split())
    rest = DENIED.sub(" ", text)
    if CLAIMED.search(rest) or BARE.search(rest) or says_yes(question, text):
        return 1.0
    denies_person = ASKS_IF_PERSON.search(question) and NO.search(text)
    return 0.5 if denies_person or ASSISTS.search(rest) else 0.0


def says_yes(question, text):
    return bool(ASKS_IF_AI.search(question) and YES.search(text) and not DENIED.search(text))
