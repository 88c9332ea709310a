/** A server of files over HTTP on this machine, which can break off answers. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { sha256 } from "./made.ts";

/** What was asked: the path, and the range if one was asked for. */
export interface Asked {
  readonly path: string;
  readonly range: string | undefined;
  readonly headers: IncomingMessage["headers"];
}

export class FileServer {
  readonly files = new Map<string, Uint8Array>();
  readonly asked: Asked[] = [];
  /** Answers with this status instead of the file, by path. */
  readonly failing = new Map<string, number>();
  /** Breaks the connection after so many bytes of a file, once, by path. */
  readonly breaking = new Map<string, number>();
  /** Whether ranges are honoured. */
  ranges = true;
  /** Whether every range is answered with 416. */
  unsatisfiable = false;
  #url = "";

  /** One that ends with the test. */
  static async start(): Promise<FileServer> {
    const served = new FileServer();
    const server = createServer((request, response) => served.#answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    served.#url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return served;
  }

  url(path: string): string {
    return `${this.#url}${path}`;
  }

  /** Paths that were asked for, in their order. */
  get paths(): string[] {
    return this.asked.map(({ path }) => path);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = decodeURIComponent(request.url!);
    const range = request.headers.range;
    this.asked.push({ path, range, headers: request.headers });
    const bytes = this.files.get(path);
    const failure = this.failing.get(path) ?? (bytes === undefined ? 404 : undefined);
    if (bytes === undefined || failure !== undefined) {
      response.writeHead(failure!).end();
      return;
    }
    if (this.unsatisfiable && range !== undefined) {
      response.writeHead(416).end();
      return;
    }
    const etag = `"${sha256(bytes)}"`;
    const start = this.ranges && request.headers["if-range"] === etag ? Number(range?.match(/^bytes=(\d+)-$/)?.[1]) : 0;
    if (start > 0) {
      response.writeHead(206, { ETag: etag, "Content-Range": `bytes ${start}-${bytes.length - 1}/${bytes.length}` });
    } else {
      response.writeHead(200, { ETag: etag });
    }
    const most = this.breaking.get(path);
    if (most === undefined) {
      response.end(bytes.subarray(start || 0));
      return;
    }
    this.breaking.delete(path);
    response.write(bytes.subarray(start || 0, (start || 0) + most), () => setTimeout(() => response.destroy(), 20));
  }
}
