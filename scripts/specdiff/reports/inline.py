"""Text of a contract in Markdown: plain words, and code spans for everything else.

Escaping is not enough, because GitHub detects mentions, issues and links after it has rendered Markdown. It ignores
code.
"""

import re
from itertools import groupby

from . import wording

# Harmless in Markdown and on GitHub: words of letters, and numbers that are too short for a commit hash.
_PLAIN = re.compile(r"\(?(?:[A-Za-z]+(?:-[A-Za-z]+)*|\d{1,6})\)?[,.;:]?")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"[,.;:)]?|\S+')


def code(text: object, limit: int = 120) -> str:
    """Return a code span that shows exactly the text."""
    shown = wording.visible(text, limit)
    fence = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    # Markdown removes one space at both ends, unless the span consists of spaces.
    room = " " if not shown or (shown.strip() and {shown[0], shown[-1]} & {"`", " "}) else ""
    return f"{fence}{room}{shown}{room}{fence}"


def prose(text: object, limit: int = 300) -> str:
    """Return a sentence in which everything except plain words is a code span."""
    parts: list[str] = []
    for plain, tokens in groupby(_TOKEN.findall(wording.visible(text, limit)), lambda one: bool(_PLAIN.fullmatch(one))):
        said = " ".join(tokens)
        if not plain:
            words = said.rstrip(",.;:")
            said = f"{code(words, limit)}{said[len(words) :][:1]}" if words else code(said, limit)
        parts.append(said)
    return " ".join(parts)
