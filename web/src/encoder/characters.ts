/**
 * Kinds of characters that decide where a text is split, whatever the browser knows.
 *
 * A browser's own `\p{…}` follow its Unicode version, so that two devices, and the service, would split texts apart
 * from each other. Hugging Face's `tokenizers` has its kinds from Unicode 8.0, and its normal forms from 9.0; the other
 * kinds are those of the service's `encoder/characters.py`.
 */

import control from "@unicode/unicode-8.0.0/General_Category/Control/regex.mjs";
import format from "@unicode/unicode-8.0.0/General_Category/Format/regex.mjs";
import nonspacingMark from "@unicode/unicode-8.0.0/General_Category/Nonspacing_Mark/regex.mjs";
import privateUse from "@unicode/unicode-8.0.0/General_Category/Private_Use/regex.mjs";
import punctuation from "@unicode/unicode-8.0.0/General_Category/Punctuation/regex.mjs";

/** What BERT's cleaning removes: controls but tab and line ends, formats, private use, the replacement character. */
export const REMOVED = any(String.raw`(?![\t\n\r])(?:${control.source})`, format.source, privateUse.source, "\uFFFD");

/** Accents, once characters are decomposed. */
export const MARKS = any(nonspacingMark.source);

/** A character that is a word of its own; of ASCII, whatever is no letter, digit, blank or control. */
export const PUNCTUATION = any("[!-/:-@[-`{-~]", punctuation.source);

/** CJK ideographs. The fifth range begins where `tokenizers` lets it begin: 256 characters late. */
export const IDEOGRAPHS =
  /[\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFAFF\u{20000}-\u{2A6DF}\u{2A700}-\u{2B81F}\u{2B920}-\u{2CEAF}\u{2F800}-\u{2FA1F}]/gu;

/** Controls that are no blanks yet, and the zero-width space: what stands on both sides are two words. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
export const CONTROLS = /[\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F\u200B]/g;

/** Symbols that stand for several letters or digits, which would grow onto their neighbours. */
export const COMPATIBILITY = of(`
bc-be 2150-2188 2189
2100 2101 2105 2106 2116 2120-2122 213b
2460-24ff 3200-33ff 1f100-1f1e5 1f200-1f2ff
fdfc
`); // fractions and Roman numerals; a/c, No, SM, TM; enclosed and squared: (1), kg; a currency in four letters

/** Powers, which would grow onto their base. */
export const SUPERSCRIPT_DIGITS = /[\xB2\xB3\xB9\u2070\u2074-\u2079]/g;

/** Symbols beyond ASCII; of ASCII, BERT takes all for punctuation. */
export const SYMBOLS = of(`
a2-a6 a8-a9 ac ae-b1 b4 b8 d7 f7 2c2-2c5 2d2-2df 2e5-2eb 2ed 2ef-2ff 375 384-385 3f6 482 58d-58f 606-608 60b 60e-60f
6de 6e9 6fd-6fe 7f6 7fe-7ff 888 9f2-9f3 9fa-9fb af1 b70 bf3-bfa c7f d4f d79 e3f f01-f03 f13 f15-f17 f1a-f1f f34 f36
f38 fbe-fc5 fc7-fcf fd5-fd8 109e-109f 1390-1399 166d 17db 1940 19de-19ff 1b61-1b6a 1b74-1b7c 1fbd 1fbf-1fc1
1fcd-1fcf 1fdd-1fdf 1fed-1fef 1ffd-1ffe 2044 2052 207a-207c 208a-208c 20a0-20c0 20e3 2100-2101 2103-2106 2108-2109
2114 2116-2118 211e-2123 2125 2127 2129 212e 213a-213b 2140-2144 214a-214d 214f 218a-2307 230c-2328 232b-244a
249c-24e9 2500-2767 2794-27c4 27c7-27e5 27f0-2982 2999-29d7 29dc-29fb 29fe-2bff 2ce5-2cea 2e50-2e51 2e80-2ffb 3004
3012-3013 3020 3036-3037 303e-303f 309b-309c 3190-3191 3196-319f 31c0-31e3 3200-321e 322a-3247 3250 3260-327f
328a-32b0 32c0-33ff 4dc0-4dff a490-a4c6 a700-a716 a720-a721 a789-a78a a828-a82b a836-a839 aa77-aa79 ab5b ab6a-ab6b
fb29 fbb2-fbc2 fd40-fd4f fdcf fdfc-fe0f fe62 fe64-fe66 fe69 ff04 ff0b ff1c-ff1e ff3e ff40 ff5c ff5e ffe0-ffee
10137-1013f 10179-10189 1018c-101fc 10877-10878 10ac8 1173f 11fd5-11ff1 16b3c-16b3f 16b45 1bc9c 1cf50-1d164
1d16a-1d16c 1d183-1d184 1d18c-1d1a9 1d1ae-1d241 1d245 1d300-1d356 1d6c1 1d6db 1d6fb 1d715 1d735 1d74f 1d76f 1d789
1d7a9 1d7c3 1d800-1d9ff 1da37-1da3a 1da6d-1da74 1da76-1da83 1da85-1da86 1e14f 1e2ff 1ecac 1ecb0 1ed2e 1eef0-1fbca
`); // Unicode 14's categories S*, what is unassigned between them, all emoji, and what changes how emoji are shown

/**
 * What came after Unicode 9, or is still to come, and has no normal form in `tokenizers` but itself. The ranges reach over
 * characters that no normal form touches; the shortest of the gaps that may yet be filled are left out.
 */
export const NEWER = of(`
7fb-7fd 85c-8d3 9e4-a12 ace-b12 bd8-c45 cd7-d3c e5c-ea6 eba-ec7 ee0-eff fcd-fff 1715-171e 1737-177f 193c-19dd
1abf-1aff 1df6-1dfa 242a-245f 2e5e-2e9a 32ff a48d-a63f a7dd-a7f4 a82c-a87f ab69-ab6f fada-faff fdd0-fdef ffef-101cf
101fe-102df 1037b-10a0b 10a49-10abf 10ae7-10fff 1104e-1107e 11242-112af 112eb-1133b 11375-113ff 1145c-1147f
114c8-1157f 115de-115ff 11645-1167f 116ba-1171c 1172c-11c37 11c46-16aef 16b46-1bc9b 1bca4-1d128 1d246-1d3ff
1da8c-1dfff 1e02b-1e8c6 1e8d7-1e8ff 1e94c-1edff 1eebc-1f0ff 1f16c 1f1ae-1f1e5 1f252-2f7ff 2fa1e-10ffff
`);

// The sources are of expressions without the flag `u`: characters beyond the first plane are pairs in them.
function any(...sources: readonly string[]): RegExp {
  return new RegExp(sources.map((source) => `(?:${source})`).join("|"), "g");
}

/** A character of ranges of code points, in hexadecimal. */
function of(ranges: string): RegExp {
  return new RegExp(`[${ranges.replace(/[0-9a-f]+/g, "\\u{$&}").replace(/\s/g, "")}]`, "gu");
}
