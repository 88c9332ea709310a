# ruff: noqa: RUF001 -- characters that look alike are what is tested
"""How people and catalogues spell things: symbols on words, entities, compounds, prices, other forms of letters."""

import random
from collections.abc import Callable, Sequence
from html.entities import name2codepoint

_SYMBOLS = "®™℠©½¼⅓①⑳㎏㎡㏑№℃℡Ⅷⅻ🅐🆗🈁🇩🇪£€₹¥¢°±×÷−≈≡─▪●★✓→♥😀👍🏽☕️✨²³¹⁵₂﷼"
_LETTERS = "ＡＢｃｄ１２！＆ﬁﬂﬀﬃＭＡＸ𝐛𝒊𝖑𝗅ªºŀŉǆĳſ㌔ﾊﾝｶｸ"
_CONTROLS = "\v\f\x85\x00\x01\x1f\x7f\x80\x9b\u200b\u2028\u2029\u00ad\ufeff"
_HYPHENS = "\u2010\u2011"
_COMPOUNDS = """
T-shirt tshirt t‑shirts wi-fi WiFi WI‐FI x-ray xray 24-70mm mother-in-law -lead trail- a--b rock'n'roll don’t dont
H&M h&m A&E U.S.A. U.S. usa e.g. v2.0 L'Oréal loreal Straße-Süd İ-x ŉ-a ǆ'ĳ 1,000 1,000,000 10,00 1,0000 a,000 3.5
a-b-a-b-a-b-a-b-a-b-a-b-a-b-a-b-a-b-a-b-a-b-a-b-a-b-a-b-a-b-a-b-c a-b-c-d-e-f-g q-r,s-t,u-v,w-x,y-z,1-2,3-4,5-6,7-8,9-0
"""
_TOLD_APART = "C++ C# C F# A+ £20 €5 ₹100 $5 5% 20° #1 ## ##s c_++ 5_£_5 +_+"
_PRICES = "£{} €{} ₹{} {}€ US${} {}°C {}² {}½ {}×{} ±{} {}% №{} {}㎏ {}™ {}_¢ {}_m³ {}_£ $_{}"
_NUMBERS = "5 20 1,000 3.50 12,345,678 100 20.00 19.9 1.000,00 5,0 1234567890"
_ODD_ENTITIES = """
&amp &amp;amp; &amp;amp;amp; &amp;quot; &amp;#39; &#39 &#39; &#x27; &#X27; &#x; &#; &; & &&amp;& &#0; &#9; &#10; &#11;
&#x80; &#128; &#129; &#151; &#x9f; &#159; &#160; &#x110000; &#1114111; &#1114112; &#9999999; &#99999999; &#xd83d;
&#xd83d;&#xde00; &#128512; &#x1F600; &#x0001F600; &AMP; &Amp; &apos; &nbsp; &unknown; &hellip &thetasym; &frac12;
&lt;b&gt; &sup2; &euro;5 &pound;20 &trade; &lang; &zwnj; &shy; &#173; &_ &a_mp; &amp_;
"""


def _of(line: str) -> list[str]:
    """The words of a line, with a blank for each underscore."""
    return [one.replace("_", " ") for one in line.split()]


FIXED = (*_of(_COMPOUNDS + _TOLD_APART + _ODD_ENTITIES), *_SYMBOLS, *_LETTERS, *_CONTROLS)


def spellings(draw: random.Random, words: Sequence[str]) -> Sequence[Callable[[], str]]:
    """Draws of texts of each kind, of those words."""

    def glued() -> str:
        """Symbols on words and digits, with and without a blank between."""
        parts = [draw.choice(words), str(draw.randrange(100)), draw.choice(words), draw.choice(words)]
        return "".join(part + draw.choice(("", "", " ")) + draw.choice(_SYMBOLS + _LETTERS) for part in parts)

    def priced() -> str:
        number = draw.choice(_of(_NUMBERS))
        return (
            f"{draw.choice(words)} {draw.choice(_of(_PRICES)).format(number, number)} {draw.choice(_of(_TOLD_APART))}"
        )

    def controlled() -> str:
        return "".join(draw.choice(words) + draw.choice(_CONTROLS) for _ in range(draw.randint(2, 8)))

    def escaped() -> str:
        parts = [draw.choice((_entity(draw), draw.choice(words), draw.choice(words) + " ")) for _ in range(12)]
        return "".join(parts)

    def compounded() -> str:
        return " ".join(draw.choice((_compound(draw, words), draw.choice(words))) for _ in range(draw.randint(1, 24)))

    def mingled() -> str:
        kinds = (glued, priced, controlled, escaped, compounded)
        return draw.choice(("", " ")).join(draw.choice(kinds)() for _ in range(draw.randint(2, 5)))

    return glued, priced, controlled, escaped, compounded, mingled


def _entity(draw: random.Random) -> str:
    named = f"&{draw.choice(sorted(name2codepoint))};"
    numbered = f"&#{draw.choice((draw.randrange(256), draw.randrange(0x3000), draw.randrange(0x120000)))};"
    hexadecimal = f"&#{draw.choice('xX')}{draw.randrange(0x2000):{draw.choice('xX')}};"
    entity = draw.choice((named, named, numbered, hexadecimal, draw.choice(_of(_ODD_ENTITIES))))
    return draw.choice((entity, entity, entity.replace("&", "&amp;"), entity.removesuffix(";")))


def _compound(draw: random.Random, words: Sequence[str]) -> str:
    joint = draw.choice(f"-{_HYPHENS}'\u2019.&,")
    return draw.choice((draw.choice(_of(_COMPOUNDS)), joint.join(draw.choices(words, k=draw.randint(2, 4)))))
