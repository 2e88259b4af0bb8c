"""Text of a contract in Markdown: plain words stay words, and everything else is code, in which nothing means anything.

Escapes would not do: GitHub looks for mentions, issues and links in what is left when Markdown has been rendered, but
not in code.
"""

import re
from itertools import groupby

from . import wording

# What neither Markdown nor GitHub reads anything into: words of letters, and numbers that are too short for a commit.
_PLAIN = re.compile(r"\(?(?:[A-Za-z]+(?:-[A-Za-z]+)*|\d{1,6})\)?[,.;:]?")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"[,.;:)]?|\S+')


def code(text: object, limit: int = 120) -> str:
    """A span of code that holds exactly the text."""
    shown = wording.visible(text, limit)
    fence = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    # One space at both ends is taken off again, unless there is nothing else.
    room = " " if not shown or (shown.strip() and {shown[0], shown[-1]} & {"`", " "}) else ""
    return f"{fence}{room}{shown}{room}{fence}"


def prose(text: object, limit: int = 300) -> str:
    """A sentence in which whatever is not a plain word is code."""
    parts: list[str] = []
    for plain, tokens in groupby(_TOKEN.findall(wording.visible(text, limit)), lambda one: bool(_PLAIN.fullmatch(one))):
        said = " ".join(tokens)
        if not plain:
            words = said.rstrip(",.;:")
            said = f"{code(words, limit)}{said[len(words) :][:1]}" if words else code(said, limit)
        parts.append(said)
    return " ".join(parts)
