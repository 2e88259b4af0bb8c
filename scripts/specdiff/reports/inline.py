"""Shows text of a contract in Markdown. Plain words stay as they are, and everything else becomes a code span.

Escaping is not enough, because GitHub detects mentions, issues and links in rendered Markdown, but not in code.
"""

import re
from itertools import groupby

from . import wording

# Words of letters, and numbers that are too short for a commit hash, have no special meaning in Markdown or on GitHub.
_PLAIN = re.compile(r"\(?(?:[A-Za-z]+(?:-[A-Za-z]+)*|\d{1,6})\)?[,.;:]?")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"[,.;:)]?|\S+')


def code(text: object, limit: int = 120) -> str:
    """Return a code span that shows the text without changes."""
    shown = wording.visible(text, limit)
    fence = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    # Markdown removes one space at each end, unless the span consists only of spaces.
    room = " " if not shown or (shown.strip() and {shown[0], shown[-1]} & {"`", " "}) else ""
    return f"{fence}{room}{shown}{room}{fence}"


def prose(text: object, limit: int = 300) -> str:
    """Return a sentence with plain words. Everything else is in code spans."""
    parts: list[str] = []
    tokens = _TOKEN.findall(wording.visible(text, limit))
    for is_plain, group in groupby(tokens, lambda token: bool(_PLAIN.fullmatch(token))):
        part = " ".join(group)
        if not is_plain:
            words = part.rstrip(",.;:")
            part = f"{code(words, limit)}{part[len(words) :][:1]}" if words else code(part, limit)
        parts.append(part)
    return " ".join(parts)
