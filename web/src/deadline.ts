import { RequestError } from "./errors.ts";

/** When an answer is due. */
export class Deadline {
  readonly #at: number;

  /** @param milliseconds From now on; null: never. */
  constructor(milliseconds: number | null) {
    this.#at = milliseconds === null ? Number.POSITIVE_INFINITY : performance.now() + milliseconds;
  }

  /** @throws {RequestError} It has passed. */
  readonly check = (): void => {
    if (performance.now() >= this.#at) {
      throw new RequestError("deadline_exceeded", "the deadline passed before the work was done; allow more time");
    }
  };
}
