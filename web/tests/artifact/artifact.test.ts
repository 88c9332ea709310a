import { expect, test } from "vitest";
import { Artifact, ArtifactError, type Files } from "../../src/index.ts";
import { bundledFiles } from "../bundled.ts";
import { artifactWith, bytesOf, otherRanker } from "../made.ts";

async function refusal(files: Files): Promise<string> {
  const error: unknown = await Artifact.open(files).then(
    () => null,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(ArtifactError);
  expect(error).toHaveProperty("code", "model_refused");
  return (error as ArtifactError).message;
}

test("the bundled artifact is verified, and says what it is", async () => {
  const artifact = await Artifact.open(await bundledFiles());
  expect(artifact.name).toBe("edge-rank-en");
  expect(artifact.label).toBe(`edge-rank-en@${artifact.revision.slice(0, 12)}`);
  expect(artifact.deviceBytes).toBeLessThanOrEqual(1_910_000);
});

test("artifacts with another ranker have the same encoder, those with other rules or another vocabulary have not", async () => {
  const { encoderRevision, revision } = await Artifact.open(await bundledFiles());
  const ranker = await Artifact.open(await artifactWith({ "ranker.json": await otherRanker("another") }));
  expect(ranker.revision).not.toBe(revision);
  expect(ranker.encoderRevision).toBe(encoderRevision);
  const rules = { lowercase: true, strip_accents: true };
  const others = await Promise.all([
    artifactWith({ "vocab.txt": bytesOf("another") }),
    artifactWith({}, { tokenizer: rules }),
    artifactWith({}, { tokenizer: { ...rules, version: 1, strip_accents: false } }),
  ]);
  const revisions = await Promise.all(others.map(async (files) => (await Artifact.open(files)).encoderRevision));
  expect(new Set([encoderRevision, ...revisions]).size).toBe(4);
});

test("the tokenizer's rules are the first where none are said", async () => {
  const rules = { lowercase: true, strip_accents: true };
  const said = await Artifact.open(await artifactWith({}, { tokenizer: { ...rules, version: 1 } }));
  const unsaid = await Artifact.open(await artifactWith({}, { tokenizer: rules }));
  expect(unsaid.manifest.tokenizer.version).toBe(1);
  expect(unsaid.encoderRevision).toBe(said.encoderRevision);
});

test("files that are not the device's may be absent", async () => {
  const files = await bundledFiles();
  files.delete("tokenizer.json");
  files.delete("README.md");
  expect((await Artifact.open(files)).name).toBe("edge-rank-en");
});

test("what is missing or altered is named", async () => {
  const files = await bundledFiles();
  expect(await refusal(new Map())).toBe("the files are not an artifact: there is no manifest.json");
  expect(await refusal(without(files, "vocab.txt"))).toBe("the artifact is incomplete: vocab.txt is missing");
  const torn = files.get("onnx/model_int8.onnx")!.slice(0, -1);
  expect(await refusal(new Map([...files, ["onnx/model_int8.onnx", torn]]))).toBe(
    "onnx/model_int8.onnx does not match its checksum in manifest.json",
  );
  const flipped = files.get("ranker.json")!.slice();
  flipped[100]! ^= 1;
  expect(await refusal(new Map([...files, ["ranker.json", flipped]]))).toBe(
    "ranker.json does not match its checksum in manifest.json",
  );
  expect(await refusal(new Map([...files, ["README.md", bytesOf("another")]]))).toContain("README.md does not match");
});

test("a manifest of another version, or one that contradicts itself, is refused", async () => {
  expect(await refusal(await artifactWith({}, { schema_version: 2 }))).toBe(
    "manifest.json is not valid: schema_version: has another value than this version reads",
  );
  expect(await refusal(await artifactWith({}, { revision: "0".repeat(64) }))).toBe(
    "manifest.json is not valid: its revision does not match its files",
  );
  const sizes = { layers: 3, hidden_size: 160, embedding_size: 128, intermediate_size: 480, attention_heads: 5 };
  const model = { ...sizes, vocabulary_size: 3, dimension: 0, max_length: 40 };
  expect(await refusal(await artifactWith({}, { model }))).toBe(
    "manifest.json is not valid: model.dimension: must be at least 1",
  );
  const tokenizer = { lowercase: true, strip_accents: true, version: 3 };
  expect(await refusal(await artifactWith({}, { tokenizer }))).toBe(
    "manifest.json is not valid: tokenizer.version: must be one of 1, 2",
  );
  expect(await refusal(await artifactWith({}, { files: {} }))).toBe(
    "manifest.json is not valid: it does not list onnx/model_int8.onnx as the device's",
  );
  expect(await refusal(new Map([["manifest.json", bytesOf("{")]]))).toBe("manifest.json is not JSON");
});

function without(files: Files, path: string): Files {
  return new Map([...files].filter(([one]) => one !== path));
}
