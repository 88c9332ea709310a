import { expect, test } from "vitest";
import { troubleOf } from "../src/trouble.ts";

const READY = { state: "ready", items: [{ id: "a", title: "A", text: "A" }], alone: false } as const;
const FAILED = { state: "failed", message: "The model can’t be fetched." } as const;
const OFF = { state: "off" } as const;

test("nothing is wrong", () => {
  expect(troubleOf(READY, "server", OFF, undefined)).toBeUndefined();
});

test("the device's failure is told only where the device is to rank", () => {
  expect(troubleOf(READY, "device", FAILED, undefined)).toBe(FAILED.message);
  expect(troubleOf(READY, "server", FAILED, undefined)).toBeUndefined();
});

test("a service without a catalogue is told how to have one", () => {
  expect(troubleOf({ state: "ready", items: [], alone: false }, "server", OFF, undefined)).toContain("--demo");
});

test("without a catalogue nothing else matters", () => {
  const gone = { state: "failed", message: "The server can’t be reached." } as const;
  expect(troubleOf(gone, "device", FAILED, new Error("other"))).toBe(gone.message);
});
