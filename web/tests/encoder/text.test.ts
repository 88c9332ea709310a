import { expect, test } from "vitest";
import { hasWords, head, lengthOf, sanitized } from "../../src/encoder/text.ts";

test.each(["", " \t\r\n", "\u00a0\u2003\u3000", "\x00\x1f\x7f\x85", "\ufeff"])("%j has nothing to read", (text) => {
  expect(hasWords(text)).toBe(false);
});

test.each(["a", " ?", "\u200b", "\ud83d"])("%j has something to read", (text) => {
  expect(hasWords(text)).toBe(true);
});

test("halves of pairs become question marks, pairs stay", () => {
  expect(sanitized("a\ud83d 😀\udc00")).toBe("a? 😀?");
});

test("characters are counted, not halves of them", () => {
  expect(lengthOf("a😀b")).toBe(3);
  expect(head("a😀bc", 3)).toEqual({ text: "a😀b", cut: true });
  expect(head("😀😀", 2)).toEqual({ text: "😀😀", cut: false });
  expect(head("abc", 3)).toEqual({ text: "abc", cut: false });
});
