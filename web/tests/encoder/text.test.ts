import { expect, test } from "vitest";
import { hasWords, head, lengthOf, prepared } from "../../src/encoder/text.ts";

test.each(["", " \t\r\n", "\u00a0\u2003\u3000", "\x00\x1f\x7f\x85", "\ufeff"])("%j has nothing to read", (text) => {
  expect(hasWords(text)).toBe(false);
});

test.each(["a", " ?", "\u200b", "\ud83d"])("%j has something to read", (text) => {
  expect(hasWords(text)).toBe(true);
});

test("halves of pairs become question marks, pairs stay", () => {
  expect(prepared("a\ud83d 😀\udc00").text).toBe("a? 😀?");
});

test("controls are blank, those that entities stand for too; line ends and tabs stay", () => {
  expect(prepared("a\x00b\vc\x85d\u200be&#1;f&#13;\t\n").text).toBe("a b c d e f\r\t\n");
});

test("of a text the first 8,192 characters are read", () => {
  expect(prepared("a".repeat(8192)).cut).toBe(false);
  expect(prepared(`${"😀".repeat(8192)}b`)).toEqual({ text: "😀".repeat(8192), cut: true });
});

test("characters are counted, not halves of them", () => {
  expect(lengthOf("a😀b")).toBe(3);
  expect(head("a😀bc", 3)).toEqual({ text: "a😀b", cut: true });
  expect(head("😀😀", 2)).toEqual({ text: "😀😀", cut: false });
  expect(head("abc", 3)).toEqual({ text: "abc", cut: false });
});
