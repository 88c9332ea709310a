import { deflateRawSync } from "node:zlib";
import { expect, test } from "vitest";
import { applyDelta, DeltaError } from "../../src/models/delta.ts";
import fromService from "./delta.json" with { type: "json" };

const FROM = "a".repeat(64);
const TO = "b".repeat(64);

function bytesOf(files: Readonly<Record<string, string>>): Map<string, Uint8Array> {
  return new Map(Object.entries(files).map(([path, text]) => [path, new Uint8Array(Buffer.from(text, "base64"))]));
}

function limitsOf(files: ReadonlyMap<string, Uint8Array>): Map<string, number> {
  return new Map([...files].map(([path, { length }]) => [path, length]));
}

test("a delta that the service made is undone: a file that stays, one that is patched, and a new one", async () => {
  const wanted = bytesOf(fromService.new);
  const files = await applyDelta(
    new Uint8Array(Buffer.from(fromService.delta, "base64")),
    { revision: FROM, files: bytesOf(fromService.old) },
    { revision: TO, limits: limitsOf(wanted) },
  );
  expect(files).toEqual(wanted);
});

test("a delta that is cut anywhere is refused", async () => {
  const delta = new Uint8Array(Buffer.from(fromService.delta, "base64"));
  const limits = limitsOf(bytesOf(fromService.new));
  for (let length = 0; length < delta.length; length += 7) {
    const applying = applyDelta(
      delta.subarray(0, length),
      { revision: FROM, files: bytesOf(fromService.old) },
      { revision: TO, limits },
    );
    await expect(applying, `${length} bytes`).rejects.toBeInstanceOf(DeltaError);
  }
});

interface Made {
  readonly kind?: string;
  readonly bytes?: number;
  readonly steps?: readonly (readonly [add: number, copy: number, seek: number])[];
  readonly section?: Uint8Array;
  readonly from?: string;
  readonly version?: number;
}

/** What a delta makes of the file `f`, which holds 1, 2, 3, 4. */
async function made({ kind = "patch", bytes = 2, steps = [], section, from = FROM, version = 1 }: Made) {
  const packed = deflateRawSync(Buffer.concat([...steps.map(stepBytes), section ?? new Uint8Array()]));
  const file = { path: "f", kind, bytes, sha256: "", packed: packed.length, steps: steps.length };
  const index = Buffer.from(JSON.stringify({ from, to: TO, files: [file] }));
  const header = Buffer.from("ERDL\0\0\0\0\0\0\0\0");
  header.writeUInt32LE(version, 4);
  header.writeUInt32LE(index.length, 8);
  const old = new Map([["f", Uint8Array.of(1, 2, 3, 4)]]);
  const files = await applyDelta(
    new Uint8Array(Buffer.concat([header, index, packed])),
    { revision: FROM, files: old },
    { revision: TO, limits: new Map([["f", 2]]) },
  );
  return [...files.get("f")!];
}

function stepBytes(step: readonly [number, number, number]): Uint8Array {
  return new Uint8Array(Int32Array.from(step).buffer);
}

test("differences are added modulo 256, and the place in the old file moves", async () => {
  const steps = [
    [1, 0, 2],
    [1, 0, 0],
  ] as const;
  expect(await made({ steps, section: Uint8Array.of(254, 255) })).toEqual([255, 3]);
  expect(await made({ steps: [[1, 1, -9]], section: Uint8Array.of(1, 77) })).toEqual([2, 77]);
});

test.each<[string, Made]>([
  ["of another revision", { from: TO, kind: "whole", section: Uint8Array.of(1, 2) }],
  ["of another version", { version: 2, kind: "whole", section: Uint8Array.of(1, 2) }],
  ["of another size than the release's", { bytes: 3, kind: "whole", section: Uint8Array.of(1, 2, 3) }],
  ["that unpacks to less", { kind: "whole", section: Uint8Array.of(1) }],
  ["that unpacks to more", { kind: "whole", section: new Uint8Array(1 << 20) }],
  [
    "that reads before the old file",
    {
      steps: [
        [0, 1, -1],
        [1, 0, 0],
      ],
      section: Uint8Array.of(0, 0),
    },
  ],
  [
    "that reads behind the old file",
    {
      steps: [
        [0, 0, 3],
        [2, 0, 0],
      ],
      section: Uint8Array.of(0, 0),
    },
  ],
  [
    "with a negative step",
    {
      steps: [
        [3, 0, 0],
        [-1, 0, 0],
      ],
      section: Uint8Array.of(0, 0),
    },
  ],
  ["that makes more", { steps: [[2, 2, 0]], section: Uint8Array.of(0, 0) }],
  ["that makes less", { steps: [[1, 0, 0]], section: Uint8Array.of(0, 0) }],
])("a delta %s is refused", async (_, delta) => {
  await expect(made(delta)).rejects.toBeInstanceOf(DeltaError);
});
