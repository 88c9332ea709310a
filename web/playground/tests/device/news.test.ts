import { expect, test } from "vitest";
import { DownloadError, type Release, type Update } from "../../../src/index.ts";
import { hasGoneBack, newsOf, sentence } from "../../src/device/news.ts";

const STAYED = { wentBack: false };
const RELEASE: Release = { schema_version: 1, name: "m", revision: "a", device_bytes: 0, files: [], deltas: [] };

function looked(outcome: Update["outcome"]) {
  const update: Update = { outcome, revision: "a", by: outcome === "updated" ? "files" : null, loadedBytes: 0 };
  return { update, trouble: undefined };
}

test("a first model, and one that stayed, are no news unless somebody asked", () => {
  expect(newsOf(looked("updated"), STAYED)).toBe("");
  expect(newsOf(looked("unchanged"), STAYED)).toBe("");
  expect(newsOf(looked("unchanged"), STAYED, "switch")).toBe("");
  expect(newsOf(looked("unchanged"), STAYED, "asked")).toContain("should have");
});

test("another model is told whoever asked", () => {
  expect(newsOf(looked("updated"), STAYED, "switch")).toContain("Another model");
  expect(newsOf(looked("updated"), STAYED, "again")).toContain("Another model");
});

test("who went back is told why nothing is taken", () => {
  for (const outcome of ["nothing", "unchanged"] as const) {
    expect(newsOf(looked(outcome), { wentBack: true }, "asked")).toContain("went back from");
  }
  expect(newsOf(looked("nothing"), STAYED, "asked")).toContain("released nothing");
});

test("what went wrong is told with what ranks now", () => {
  const trouble = new DownloadError("vocab.txt does not match its checksum");
  expect(newsOf({ update: undefined, trouble }, STAYED, "switch")).toBe(
    "vocab.txt does not match its checksum. The model that was here ranks on.",
  );
});

test("a device has gone back if there is nothing before its model, and something that it left", () => {
  expect(hasGoneBack({ current: RELEASE, previous: null, refused: ["b"] })).toBe(true);
  expect(hasGoneBack({ current: RELEASE, previous: RELEASE, refused: ["b"] })).toBe(false);
  expect(hasGoneBack({ current: RELEASE, previous: null, refused: [] })).toBe(false);
  expect(hasGoneBack({ current: null, previous: null, refused: ["b"] })).toBe(false);
});

test("a message becomes one sentence", () => {
  expect(sentence("the list is not JSON")).toBe("The list is not JSON.");
  expect(sentence("Why?")).toBe("Why?");
});
