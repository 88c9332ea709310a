/** One after another: work waits until all that was asked before is done, or has failed. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined); // who asked is told; who comes next need not be
    return result;
  }
}
