import { afterAll, beforeAll, expect, test } from "vitest";
import { Encoder } from "../../src/encoder/encoder.ts";
import { Artifact } from "../../src/index.ts";
import { bundledFiles } from "../bundled.ts";
import { artifactWith, bytesOf } from "../made.ts";

// Letters in no order that comes again.
const LONG = Array.from({ length: 300 }, (_, at) => String.fromCharCode(97 + ((at ** 3 % 1009) % 26))).join(" ");

let encoder: Encoder;

beforeAll(async () => {
  encoder = await Encoder.open(await Artifact.open(await bundledFiles()));
});

afterAll(() => encoder.release());

test("vectors are of unit length, and do not depend on what shares their run", async () => {
  const texts = ["taxi", "split a dinner bill", LONG, "🫠"];
  const together = await encoder.encode(texts);
  expect(together.map(({ truncated }) => truncated)).toEqual([false, false, true, false]);
  expect(together.map(({ windows }) => windows.length)).toEqual([1, 1, 8, 1]);
  expect(together.map(({ tokens }) => tokens)).toEqual([3, 6, 320, 2]);
  expect(together.map(({ readable }) => readable)).toEqual([true, true, true, false]);
  for (const [at, text] of texts.entries()) {
    const [alone] = await encoder.encode([text]);
    expect(Math.hypot(...alone!.vector)).toBeCloseTo(1, 5);
    for (const [i, value] of alone!.vector.entries()) {
      expect(together[at]!.vector[i]).toBeCloseTo(value, 5);
    }
  }
});

test("a long text's vector has the direction of its windows' mean; one may say how many are read", async () => {
  const [long] = await encoder.encode([LONG]);
  expect(long!.windows.map((one) => Math.hypot(...one))).toEqual(new Array(8).fill(expect.closeTo(1, 5)));
  const mean = long!.vector.map((_, at) => long!.windows.reduce((sum, window) => sum + window[at]!, 0));
  expect(long!.vector.reduce((sum, value, at) => sum + value * mean[at]!, 0)).toBeCloseTo(Math.hypot(...mean), 5);
  const brief = await Encoder.open(await Artifact.open(await bundledFiles()), { mostWindows: 1 });
  const [first] = await brief.encode([LONG]);
  expect(first!.windows).toHaveLength(1);
  expect(first!.vector).toEqual(long!.windows[0]);
  await brief.release();
});

test("nothing gives nothing", async () => {
  expect(await encoder.encode([])).toEqual([]);
});

test("work ends before a run when it is told to", async () => {
  let runs = 0;
  const texts = Array.from({ length: 40 }, (_, at) => `split a dinner bill ${at}`);
  const ends = () => {
    runs++;
    if (runs > 1) {
      throw new Error("late");
    }
  };
  await expect(encoder.encode(texts, ends)).rejects.toThrow("late");
  expect(runs).toBe(2);
});

test("a graph that can't be loaded, or is not what the manifest states, is refused", async () => {
  const noGraph = await Artifact.open(await artifactWith({ "onnx/model_int8.onnx": bytesOf("no graph") }));
  await expect(Encoder.open(noGraph)).rejects.toThrow("onnx/model_int8.onnx is not a graph that ONNX Runtime loads");
  const model = { vocabulary_size: 18_000, dimension: 7, max_length: 40 };
  const otherShape = await Artifact.open(await artifactWith({}, { model }));
  await expect(Encoder.open(otherShape)).rejects.toThrow("gives vectors of 288 numbers, the manifest states 7");
});
