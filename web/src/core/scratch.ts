/** An instance's memory for one call: structures are written into it, and all of it is given back together. */

import { EdgeRankError } from "../errors.ts";
import { TEXT } from "./layout.ts";
import type { Exports } from "./module.ts";
import { readUtf8, roomFor, writeUtf8 } from "./utf8.ts";

/** Calls take it, and return what it holds. */
export class Scratch {
  readonly #core: Exports;
  readonly #taken: number[] = [];

  private constructor(core: Exports) {
    this.#core = core;
  }

  /** Use memory, and give it back whatever happens. */
  static use<Result>(core: Exports, work: (scratch: Scratch) => Result): Result {
    const scratch = new Scratch(core);
    try {
      return work(scratch);
    } finally {
      for (const address of scratch.#taken) {
        core.er_release(address);
      }
    }
  }

  /**
   * Take zeroed memory.
   *
   * @throws {EdgeRankError} `out_of_memory`.
   */
  take(bytes: number): number {
    const address = this.#core.er_allocate(bytes);
    if (address === 0) {
      throw new EdgeRankError("out_of_memory", `there are no ${bytes} bytes of memory`);
    }
    this.#taken.push(address);
    this.bytes.fill(0, address, address + bytes);
    return address;
  }

  /** All memory. To be asked for anew after whatever may take memory: growing it takes it away from its views. */
  get bytes(): Uint8Array {
    return new Uint8Array(this.#core.memory.buffer);
  }

  get view(): DataView {
    return new DataView(this.#core.memory.buffer);
  }

  /** Put bytes into memory; returns their address. */
  put(bytes: Uint8Array): number {
    const address = this.take(bytes.length);
    this.bytes.set(bytes, address);
    return address;
  }

  /** Put texts into memory, as `er_text` structures side by side; null: none. Returns their address. */
  putTexts(texts: readonly (string | null)[]): number {
    const table = this.take(texts.length * TEXT.size);
    this.writeTexts(texts.map((text, at) => [table + at * TEXT.size, text]));
    return table;
  }

  /** Write texts to `er_text` structures that are zeroed. */
  writeTexts(texts: readonly (readonly [structure: number, text: string | null])[]): void {
    const room = texts.reduce((sum, [, text]) => sum + (text === null ? 0 : roomFor(text)), 0);
    let begin = this.take(Math.max(1, room));
    const { bytes, view } = this;
    for (const [structure, text] of texts) {
      if (text !== null) {
        const end = writeUtf8(text, bytes, begin);
        view.setUint32(structure + TEXT.bytes, begin, true);
        view.setUint32(structure + TEXT.length, end - begin, true);
        begin = end;
      }
    }
  }

  /** The text of an `er_text`; null: none. */
  text(structure: number): string | null {
    const { bytes, view } = this;
    const begin = view.getUint32(structure + TEXT.bytes, true);
    const length = view.getUint32(structure + TEXT.length, true);
    return begin === 0 ? null : readUtf8(bytes.subarray(begin, begin + length));
  }

  /** The text at an address up to a zero. */
  message(address: number): string {
    const { bytes } = this;
    return readUtf8(bytes.subarray(address, bytes.indexOf(0, address)));
  }
}
