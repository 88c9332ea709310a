import { expect, test } from "vitest";
import { MemoryStorage } from "../../src/models/storage.ts";
import { transfer, type Wanted } from "../../src/models/transfer.ts";
import { sha256 } from "../made.ts";
import { FileServer } from "../server.ts";

const BYTES = Uint8Array.from({ length: 400_000 }, (_, at) => (at * 7) % 251);

async function served(): Promise<{ server: FileServer; wanted: Wanted; storage: MemoryStorage }> {
  const server = await FileServer.start();
  server.files.set("/f", BYTES);
  const wanted = { path: "f", url: new URL(server.url("/f")), bytes: BYTES.length, sha256: sha256(BYTES) };
  return { server, wanted, storage: new MemoryStorage() };
}

test("a file comes whole, and is kept by its beginning until it is put somewhere", async () => {
  const { server, wanted, storage } = await served();
  expect(await transfer(storage, wanted)).toEqual(BYTES);
  expect(await transfer(storage, wanted)).toEqual(BYTES);
  expect(server.asked).toHaveLength(1);
});

test("an interrupted download goes on where it ended", async () => {
  const { server, wanted, storage } = await served();
  server.breaking.set("/f", 150_000);
  await expect(transfer(storage, wanted)).rejects.toMatchObject({ code: "download_failed", temporary: true });
  const begun = (await storage.beginning(wanted.sha256)).length;
  expect(begun).toBeGreaterThan(0);
  const told: [number, boolean][] = [];
  expect(await transfer(storage, wanted, { onBytes: (bytes, fetched) => told.push([bytes, fetched]) })).toEqual(BYTES);
  expect(server.asked.map(({ range }) => range)).toEqual([undefined, `bytes=${begun}-`]);
  expect(told[0]).toEqual([begun, false]);
  expect(told.slice(1).reduce((sum, [bytes]) => sum + bytes, 0)).toBe(BYTES.length - begun);
});

test("a server without ranges sends the file anew", async () => {
  const { server, wanted, storage } = await served();
  server.ranges = false;
  await storage.append(wanted.sha256, 0, BYTES.slice(0, 1000));
  expect(await transfer(storage, wanted)).toEqual(BYTES);
});

test("a range that can't be satisfied begins anew", async () => {
  const { server, wanted, storage } = await served();
  await storage.append(wanted.sha256, 0, BYTES.slice(0, 1000));
  server.unsatisfiable = true;
  expect(await transfer(storage, wanted)).toEqual(BYTES);
  expect(server.asked.map(({ range }) => range)).toEqual(["bytes=1000-", undefined]);
});

test("what does not match its checksum is not kept", async () => {
  const { server, wanted, storage } = await served();
  server.files.set(
    "/f",
    BYTES.map((byte) => byte ^ 1),
  );
  await expect(transfer(storage, wanted)).rejects.toMatchObject({
    message: "f does not match its checksum",
    temporary: false,
  });
  expect(await storage.beginning(wanted.sha256)).toHaveLength(0);
});

test("a file that is shorter or longer than stated is refused", async () => {
  const { server, wanted, storage } = await served();
  server.files.set("/f", BYTES.subarray(0, 10));
  await expect(transfer(storage, wanted)).rejects.toThrow("the connection ended early");
  server.files.set("/f", new Uint8Array(500_000));
  await expect(transfer(new MemoryStorage(), wanted)).rejects.toThrow("f is larger than it should be");
});
