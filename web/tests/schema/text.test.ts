import { expect, test } from "vitest";
import { hasWords, head, lengthOf } from "../../src/schema/text.ts";

test.each(["", " \t\r\n", "\u00a0\u2003\u3000", "\x00\x1f\x7f\x85", "\ufeff"])("%j has nothing to read", (text) => {
  expect(hasWords(text)).toBe(false);
});

test.each(["a", " ?", "\u200b", "\ud83d"])("%j has something to read", (text) => {
  expect(hasWords(text)).toBe(true);
});

test("characters are counted, not halves of them", () => {
  expect(lengthOf("a😀b")).toBe(3);
  expect(lengthOf("😀\ud83d")).toBe(2);
});

test("a text is cut between characters", () => {
  expect(head("a😀b", 2)).toBe("a😀");
  expect(head("😀😀", 2)).toBe("😀😀");
  expect(head("😀a", 1)).toBe("😀");
  expect(head("ab", 2)).toBe("ab");
  expect(head("abc", 0)).toBe("");
});
