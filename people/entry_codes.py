"""Codes that people read off paper and type: the one-time code of a slip, and the learner code. Pure: no models.

Both are written in groups, and read however they are typed. Letters that are easily taken for digits are not used.
"""

from __future__ import annotations

import re
import secrets

#: 32 characters, 5 bits each: no I, L, O and U. What is typed for them is understood as what they look like.
SLIP_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SLIP_LENGTH = 10  # 50 bits
_LOOK_ALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V", "Đ": "D"})
_SLIP = re.compile(f"[{SLIP_ALPHABET}]{{{SLIP_LENGTH}}}")
_LEARNER = re.compile(r"HS(\d{8})")
_NOISE = re.compile(r"[^0-9A-Z]")


def slip_code_new() -> str:
    """A new code of a slip, as it is kept in nobody's database: 10 characters without dashes."""
    return "".join(secrets.choice(SLIP_ALPHABET) for _ in range(SLIP_LENGTH))


def slip_code_show(code: str) -> str:
    """``AB3K9XQ27M`` as it is printed: ``AB3K-9XQ2-7M``."""
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


def slip_code_read(text: str) -> str | None:
    """The code that ``text`` means, in any case, with any dashes and spaces, O for 0, I for 1; None if it is none."""
    code = _NOISE.sub("", text.upper().translate(_LOOK_ALIKES))
    return code if _SLIP.fullmatch(code) else None


def learner_code_new() -> str:
    """A new learner code: seven random digits and a check digit, ``HS-4827-1935``."""
    digits = f"{secrets.randbelow(10**7):07d}"
    return learner_code_show(digits + check_digit(digits))


def learner_code_show(digits: str) -> str:
    """Eight digits as they are printed and stored."""
    return f"HS-{digits[:4]}-{digits[4:]}"


def learner_code_read(text: str) -> str | None:
    """The learner code that ``text`` means, however it is spaced; None where the check digit tells of a slip."""
    found = _LEARNER.fullmatch(_NOISE.sub("", text.upper()))
    if found is None or check_digit(found[1][:-1]) != found[1][-1]:
        return None
    return learner_code_show(found[1])


def looks_like_learner_code(text: str) -> bool:
    """Whether somebody meant to type a learner code, right or wrong."""
    return bool(re.match(r"\s*HS[\s\-.]*\d", text, re.IGNORECASE))


def check_digit(digits: str) -> str:
    """Luhn's digit (ISO/IEC 7812-1): any one wrong digit changes it, and nearly all swaps of two neighbours."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 == 0 else 1)
        total += value // 10 + value % 10
    return str(-total % 10)
