import { expect, test } from "vitest";
import { latest } from "../src/latest.ts";

/** Work that ends when the test says so. */
function workshop() {
  const begun: { input: string; signal: AbortSignal; end(output: string): void; fail(error: Error): void }[] = [];
  const shown: string[] = [];
  const failed: unknown[] = [];
  const asking = latest<string, string>(
    (input, signal) => new Promise((end, fail) => begun.push({ input, signal, end, fail })),
    (output) => shown.push(output),
    (error) => failed.push(error),
  );
  return { asking, begun, shown, failed };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

test("an answer is shown", async () => {
  const { asking, begun, shown } = workshop();
  asking.ask("a");
  begun[0]?.end("A");
  await settled();
  expect(shown).toEqual(["A"]);
});

test("of what is asked while work goes on only the latest is done, and the late answer is dropped", async () => {
  const { asking, begun, shown } = workshop();
  for (const input of ["s", "sp", "spl"]) asking.ask(input);
  expect(begun.map(({ input }) => input)).toEqual(["s"]);
  expect(begun[0]?.signal.aborted).toBe(true);
  begun[0]?.end("late");
  await settled();
  expect(begun.map(({ input }) => input)).toEqual(["s", "spl"]);
  begun[1]?.end("SPL");
  await settled();
  expect(shown).toEqual(["SPL"]);
});

test("a failure is told, but not that of work which was told to stop", async () => {
  const { asking, begun, failed } = workshop();
  asking.ask("a");
  asking.ask("b");
  begun[0]?.fail(new Error("stopped"));
  await settled();
  expect(failed).toEqual([]);
  const error = new Error("broken");
  begun[1]?.fail(error);
  await settled();
  expect(failed).toEqual([error]);
});

test("after a cancellation nothing is shown, and what is asked then is done", async () => {
  const { asking, begun, shown } = workshop();
  asking.ask("a");
  asking.ask("b");
  asking.cancel();
  begun[0]?.end("A");
  await settled();
  expect(begun).toHaveLength(1);
  asking.ask("c");
  begun[1]?.end("C");
  await settled();
  expect(shown).toEqual(["C"]);
});
