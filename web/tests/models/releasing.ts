/** A server that releases artifacts as the service does. */

import type { Files } from "../../src/index.ts";
import { sha256 } from "../made.ts";
import { FileServer } from "../server.ts";

const BASE = "/v1/model/";

export interface Released {
  readonly schema_version: number;
  readonly name: string;
  readonly revision: string;
  readonly device_bytes: number;
  readonly files: readonly { path: string; bytes: number; sha256: string; device: boolean }[];
  deltas: { from: string; bytes: number; sha256: string }[];
}

export class Releasing {
  readonly server: FileServer;
  current: Released | null = null;
  candidate: (Released & { percent: number; salt: string }) | null = null;
  revoked: string[] = [];

  private constructor(server: FileServer) {
    this.server = server;
  }

  static async start(): Promise<Releasing> {
    return new Releasing(await FileServer.start());
  }

  get url(): string {
    return this.server.url(BASE);
  }

  /** Serve an artifact's files; what is listed is said by `list`. */
  release(files: Files): Released {
    const { name, revision } = JSON.parse(new TextDecoder().decode(files.get("manifest.json")));
    for (const [path, bytes] of files) {
      this.server.files.set(`${BASE}${revision}/${path}`, bytes);
    }
    return {
      schema_version: 1,
      name,
      revision,
      device_bytes: [...files.values()].reduce((sum, { length }) => sum + length, 0),
      files: [...files].map(([path, bytes]) => ({ path, bytes: bytes.length, sha256: sha256(bytes), device: true })),
      deltas: [],
    };
  }

  /** Offer a delta of a release. */
  offer(to: Released, from: Released, delta: Uint8Array): void {
    to.deltas.push({ from: from.revision, bytes: delta.length, sha256: sha256(delta) });
    this.server.files.set(`${BASE}${to.revision}/delta/${from.revision}`, delta);
  }

  /** Publish what is current, candidate and revoked. */
  list(): void {
    const { current, candidate, revoked } = this;
    const listing = { schema_version: 1, current, candidate, revoked };
    this.server.files.set(BASE, new TextEncoder().encode(JSON.stringify(listing)));
  }

  /** What was asked for since the last call, the listing left out, without the base and the revision. */
  taken(): string[] {
    const paths = this.server.paths.filter((path) => path !== BASE);
    this.server.asked.length = 0;
    return paths.map((path) => path.slice(BASE.length + 65));
  }
}
