import { expect, test } from "vitest";
import { unescaped } from "../../src/encoder/entities.ts";

test.each([
  ["&amp; &lt;b&gt; &apos;&eacute;&Eacute;", "& <b> 'éÉ"],
  ["&#65;&#x42;&#X43;&#128512;", "ABC😀"],
  ["&#128;&#x99;&#129;&#159;&#160;", "€™\uFFFDŸ\u00a0"],
  ["&amp;quot; &amp;amp;quot;", '" &quot;'],
  ["&amp &#65 & &; &#; &#x; &unknown; &AMP;", "&amp &#65 & &; &#; &#x; &unknown; &AMP;"],
  ["&#xd800; &#x110000; &#00000065; &#x0000041;", "&#xd800; &#x110000; &#00000065; &#x0000041;"],
])("%j stands for %j", (text, meant) => {
  expect(unescaped(text)).toBe(meant);
});
