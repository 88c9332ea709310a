import { expect, test } from "vitest";
import { readUtf8, roomFor, writeUtf8 } from "../../src/core/utf8.ts";

const TEXTS = ["", "abc", "é߿", "ࠀ￿€", "😀\u{10ffff}", "a\0b", "mixed é 漢 😀 end"];

function written(text: string): Uint8Array {
  const bytes = new Uint8Array(roomFor(text) + 1);
  return bytes.slice(1, writeUtf8(text, bytes, 1));
}

test.each(TEXTS)("%j is written as every encoder writes it, and read back", (text) => {
  expect([...written(text)]).toEqual([...new TextEncoder().encode(text)]);
  expect(readUtf8(written(text))).toBe(text);
});

test("a half of a pair is a question mark", () => {
  expect(readUtf8(written("a\ud83d b\udc00"))).toBe("a? b?");
  expect(readUtf8(written("\udc00\ud83d"))).toBe("??");
});
