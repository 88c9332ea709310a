import { expect, test } from "vitest";
import { Turns } from "../src/turns.ts";

test("work waits for what was asked before, also if that failed", async () => {
  const turns = new Turns();
  const seen: string[] = [];
  const slow = turns.take(async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    seen.push("slow");
    throw new Error("failed");
  });
  const quick = turns.take(async () => seen.push("quick"));
  await expect(slow).rejects.toThrow("failed");
  await quick;
  expect(seen).toEqual(["slow", "quick"]);
});
