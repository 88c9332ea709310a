import { expect, test } from "vitest";
import { Artifact, DownloadError, fetchArtifact, type Progress } from "../../src/index.ts";
import { bundledFiles } from "../bundled.ts";
import { FileServer } from "../server.ts";

async function bundledServer(): Promise<FileServer> {
  const server = await FileServer.start();
  for (const [path, bytes] of await bundledFiles()) {
    server.files.set(`/model/${path}`, bytes);
  }
  return server;
}

test("the manifest is fetched, then the device's files and no others", async () => {
  const server = await bundledServer();
  const told: Progress[] = [];
  const files = await fetchArtifact(server.url("/model"), {
    headers: { "X-API-Key": "key" },
    onProgress: (progress) => told.push(progress),
  });
  expect(server.paths).toEqual([
    "/model/manifest.json",
    "/model/onnx/model_int8.onnx",
    "/model/ranker.json",
    "/model/vocab.txt",
  ]);
  expect(server.asked.every(({ headers }) => headers["x-api-key"] === "key")).toBe(true);
  const artifact = await Artifact.open(files);
  expect(told.at(-1)).toEqual({
    loadedBytes: artifact.deviceBytes,
    totalBytes: artifact.deviceBytes,
    file: "vocab.txt",
  });
});

test("a file that is not there, is too large, or breaks off is told in one line", async () => {
  const server = await bundledServer();
  const failure = () =>
    fetchArtifact(server.url("/model/")).then(
      () => null,
      (error) => error,
    );
  server.failing.set("/model/vocab.txt", 404);
  expect(await failure()).toMatchObject({ code: "download_failed", temporary: false });
  server.failing.set("/model/vocab.txt", 503);
  expect(await failure()).toMatchObject({
    message: "vocab.txt can't be fetched: the server answered 503",
    temporary: true,
  });
  server.failing.clear();
  server.breaking.set("/model/ranker.json", 100);
  expect(await failure()).toMatchObject({ temporary: true });
  server.files.set("/model/ranker.json", new Uint8Array(100_000));
  expect(await failure()).toMatchObject({ message: "ranker.json is larger than it should be" });
  expect(await failure()).toBeInstanceOf(DownloadError);
});

test("an abort stays an abort", async () => {
  const server = await bundledServer();
  const controller = new AbortController();
  const fetching = fetchArtifact(server.url("/model"), {
    signal: controller.signal,
    onProgress: () => controller.abort(),
  });
  await expect(fetching).rejects.toHaveProperty("name", "AbortError");
});
