/** Work of which only the latest matters: a keystroke's answer is of no use once the next key is down. */

export interface Latest<Input> {
  ask(input: Input): void;
  /** What is in work and what waits is dropped. */
  cancel(): void;
}

/**
 * Does one piece of work at a time. Of what is asked meanwhile only the latest waits; what is in work is told by its
 * signal to stop, and its answer is dropped, should it come all the same.
 */
export function latest<Input, Output>(
  work: (input: Input, signal: AbortSignal) => Promise<Output>,
  show: (output: Output, input: Input) => void,
  fail: (error: unknown, input: Input) => void,
): Latest<Input> {
  let running: AbortController | undefined;
  let waiting: { input: Input } | undefined;

  async function run(input: Input): Promise<void> {
    const controller = new AbortController();
    running = controller;
    try {
      const output = await work(input, controller.signal);
      if (!controller.signal.aborted) show(output, input);
    } catch (error) {
      if (!controller.signal.aborted) fail(error, input);
    } finally {
      running = undefined;
      next();
    }
  }

  function next(): void {
    if (running || !waiting) return;
    const { input } = waiting;
    waiting = undefined;
    void run(input);
  }

  return {
    ask(input) {
      waiting = { input };
      running?.abort();
      next();
    },
    cancel() {
      waiting = undefined;
      running?.abort();
    },
  };
}
