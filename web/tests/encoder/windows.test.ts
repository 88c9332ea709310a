import { expect, test } from "vitest";
import { capacity, windowsOf, withoutRepetition } from "../../src/encoder/windows.ts";

const ROOM = 38;

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at);
}

test("a text that fits is one window, and so is none", () => {
  expect(windowsOf(upTo(ROOM), ROOM)).toEqual([upTo(ROOM)]);
  expect(windowsOf([], ROOM)).toEqual([[]]);
});

test("further windows begin with the text's beginning, and all together hold the text", () => {
  for (let count = ROOM + 1; count <= capacity(ROOM, 8); count++) {
    const windows = windowsOf(upTo(count), ROOM);
    expect(windows.length).toBe(Math.ceil((count - ROOM) / 26) + 1);
    expect(windows.every((one) => one.length <= ROOM && one.slice(0, 8).join() === upTo(8).join())).toBe(true);
    expect([...new Set(windows.flat())].sort((one, other) => one - other)).toEqual(upTo(count));
  }
  expect(capacity(ROOM, 8)).toBe(220);
});

test("small windows share less", () => {
  expect(windowsOf(upTo(5), 3)).toEqual([
    [0, 1, 2],
    [2, 3, 4],
  ]);
});

test.each([
  ["abc", "abc"],
  ["aa", "aa"],
  ["aaaa", "a"],
  ["xabab", "xabab"], // a short phrase that comes twice may be meant
  ["xababab", "x"],
  ["aaab", "ab"],
  ["aaaab", "b"],
  ["abcdefghabcdefgh", "abcdefgh"],
  ["abcdefghabcdefghx", "abcdefghx"],
  ["aaaabbbbcccc", "a"], // where nothing would be left, the first that was said again
])("%s is read as %s", (said, read) => {
  const ids = [...said].map((letter) => letter.charCodeAt(0));
  expect(String.fromCharCode(...withoutRepetition(ids))).toBe(read);
});

test("unknown words are not one word said again", () => {
  expect(withoutRepetition([1, 1, 1, 1, 7], 1)).toEqual([1, 1, 1, 1, 7]);
  expect(withoutRepetition([1, 5, 5, 5, 7], 1)).toEqual([1, 7]);
});
