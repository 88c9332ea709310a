"""Classes of characters for tokenization, by code points.

They are written out, since Unicode grows and devices with different versions of it would tokenize differently.
`web/src/encoder/characters.ts` has the same.
"""

import re

CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b"
"""Control characters other than whitespace, and the zero-width space: they separate words."""

COMPATIBILITY = "".join(
    (
        "\u00bc-\u00be\u2150-\u2188\u2189",  # fractions, Roman numerals
        "\u2100\u2101\u2105\u2106\u2116\u2120-\u2122\u213b",  # a/c, No, SM, TM
        "\u2460-\u24ff\u3200-\u33ff\U0001f100-\U0001f1e5\U0001f200-\U0001f2ff",  # enclosed and squared: (1), kg
        "\ufdfc",  # a currency in four letters
    )
)
"""Symbols that decompose into several letters or digits, which would join their neighbours."""

SUPERSCRIPT_DIGITS = "\u00b2\u00b3\u00b9\u2070\u2074-\u2079"

_SYMBOLS = """
a2-a6 a8-a9 ac ae-b1 b4 b8 d7 f7 2c2-2c5 2d2-2df 2e5-2eb 2ed 2ef-2ff 375 384-385 3f6 482 58d-58f 606-608 60b
60e-60f 6de 6e9 6fd-6fe 7f6 7fe-7ff 888 9f2-9f3 9fa-9fb af1 b70 bf3-bfa c7f d4f d79 e3f f01-f03 f13 f15-f17
f1a-f1f f34 f36 f38 fbe-fc5 fc7-fcf fd5-fd8 109e-109f 1390-1399 166d 17db 1940 19de-19ff 1b61-1b6a 1b74-1b7c
1fbd 1fbf-1fc1 1fcd-1fcf 1fdd-1fdf 1fed-1fef 1ffd-1ffe 2044 2052 207a-207c 208a-208c 20a0-20c0 20e3 2100-2101
2103-2106 2108-2109 2114 2116-2118 211e-2123 2125 2127 2129 212e 213a-213b 2140-2144 214a-214d 214f 218a-2307
230c-2328 232b-244a 249c-24e9 2500-2767 2794-27c4 27c7-27e5 27f0-2982 2999-29d7 29dc-29fb 29fe-2bff 2ce5-2cea
2e50-2e51 2e80-2ffb 3004 3012-3013 3020 3036-3037 303e-303f 309b-309c 3190-3191 3196-319f 31c0-31e3 3200-321e
322a-3247 3250 3260-327f 328a-32b0 32c0-33ff 4dc0-4dff a490-a4c6 a700-a716 a720-a721 a789-a78a a828-a82b
a836-a839 aa77-aa79 ab5b ab6a-ab6b fb29 fbb2-fbc2 fd40-fd4f fdcf fdfc-fe0f fe62 fe64-fe66 fe69 ff04 ff0b
ff1c-ff1e ff3e ff40 ff5c ff5e ffe0-ffee 10137-1013f 10179-10189 1018c-101fc 10877-10878 10ac8 1173f
11fd5-11ff1 16b3c-16b3f 16b45 1bc9c 1cf50-1d164 1d16a-1d16c 1d183-1d184 1d18c-1d1a9 1d1ae-1d241 1d245
1d300-1d356 1d6c1 1d6db 1d6fb 1d715 1d735 1d74f 1d76f 1d789 1d7a9 1d7c3 1d800-1d9ff 1da37-1da3a 1da6d-1da74
1da76-1da83 1da85-1da86 1e14f 1e2ff 1ecac 1ecb0 1ed2e 1eef0-1fbca
"""  # Unicode 14's categories S*, what is unassigned between them, all emoji, and what changes how emoji are shown


def _class_of(ranges: str) -> str:
    """Ranges of code points as a regular expression's character class."""
    return "".join("-".join(chr(int(end, 16)) for end in part.split("-")) for part in ranges.split())


SYMBOLS = _class_of(_SYMBOLS)
"""Symbols beyond ASCII; BERT treats those of ASCII as punctuation."""

is_symbol = re.compile(f"[{SYMBOLS}]").fullmatch
