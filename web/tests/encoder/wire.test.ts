import { expect, test } from "vitest";
import { fieldsOf, lowBits, numberOf, WireError } from "../../src/encoder/wire.ts";

// What protoc makes of `{1: 150, 2: "testing", 3: fixed64 1, 4: fixed32 1}`.
const MESSAGE = "089601120774657374696e671901000000000000002501000000";

function bytes(hexadecimal: string): Uint8Array {
  return new Uint8Array(Buffer.from(hexadecimal, "hex"));
}

test("the fields of a message", () => {
  const found = [...fieldsOf(bytes(MESSAGE))];
  expect(found.map(({ number, value }) => [number, Buffer.from(value).toString("hex")])).toEqual([
    [1, "9601"],
    [2, "74657374696e67"],
    [3, "0100000000000000"],
    [4, "01000000"],
  ]);
  expect(numberOf(found[0]!.value)).toBe(150);
  expect([...fieldsOf(new Uint8Array())]).toEqual([]);
});

test.each([
  ["a tag without an end", "80"],
  ["a tag that is too long", "ff".repeat(11)],
  ["a number is announced", "08"],
  ["bytes are fewer than announced", "1205666f7572"],
  ["bytes of an absurd number", `12${"ff".repeat(9)}7f`],
  ["half of eight bytes", "1900000000"],
  ["a group", "0b0c"],
  ["no wire type", "0f"],
])("no message: %s", (_, broken) => {
  expect(() => [...fieldsOf(bytes(broken))]).toThrow(WireError);
});

test("numbers that lie one behind the other", () => {
  const low = lowBits(bytes(`019601ffff03808004${"ff".repeat(9)}01`));
  expect([...new Uint16Array(low.buffer)]).toEqual([1, 150, 65535, 0, 65535]);
  expect(() => lowBits(bytes("0196"))).toThrow(WireError);
});
