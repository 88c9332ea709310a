import { expect, test } from "vitest";
import { DownloadError } from "../../src/errors.ts";
import { deviceFiles, type Listing, type Release, readListing, releaseFor } from "../../src/models/release.ts";

const ID = "device-1"; // with salt en-2, in from 50.4732 percent on

function release(letter: string, more: object = {}): Release {
  return {
    schema_version: 1,
    name: "m",
    revision: letter.repeat(64),
    device_bytes: 1,
    files: [{ path: "manifest.json", bytes: 1, sha256: letter.repeat(64), device: true }],
    deltas: [],
    ...more,
  };
}

function listing(more: object = {}): Listing {
  return { schema_version: 1, current: release("a"), candidate: null, revoked: [], ...more };
}

function candidate(percent: number, more: object = {}) {
  return { candidate: { ...release("b", more), percent, salt: "en-2" } };
}

test("what is not known of a listing is passed over", () => {
  const told = { ...listing(), news: 1, current: { ...release("a"), size: "small" } };
  expect(readListing(told)).toEqual(listing());
});

test.each([
  [{ schema_version: 2 }, "update the program"],
  [{ ...listing(), revoked: ["short"] }, "revoked[0]: must match"],
  [{ ...listing(), current: { ...release("a"), files: [{}] } }, "current.files[0].path: is missing"],
  [null, "must be an object"],
])("%j is refused", (document, reason) => {
  expect(() => readListing(document)).toThrow(DownloadError);
  expect(() => readListing(document)).toThrow(reason);
});

test("a candidate is for the devices that the hash of their ids puts in its share", async () => {
  expect((await releaseFor(listing(candidate(50)), ID, []))?.revision[0]).toBe("a");
  expect((await releaseFor(listing(candidate(51)), ID, []))?.revision[0]).toBe("b");
});

test("what is revoked, was rolled back from, or is of a later schema is not taken", async () => {
  const choose = async (one: Listing, refused: string[] = []) => (await releaseFor(one, ID, refused))?.revision[0];
  expect(await choose(listing({ ...candidate(100), revoked: ["b".repeat(64)] }))).toBe("a");
  expect(await choose(listing(candidate(100)), ["b".repeat(64)])).toBe("a");
  expect(await choose(listing(candidate(100, { schema_version: 2 })))).toBe("a");
  expect(await choose(listing(), ["a".repeat(64)])).toBeUndefined();
  expect(await choose(listing({ current: null }))).toBeUndefined();
});

test("a release without a manifest is none", () => {
  expect(() => deviceFiles(release("a", { files: [] }))).toThrow("a release has no manifest.json");
});
