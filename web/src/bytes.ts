/** Bytes that came in chunks. */
export function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** How long a chunk is waited for, and what is thrown then. */
export interface Patience {
  /** Milliseconds. */
  readonly within: number;
  readonly error: () => Error;
}

/** The chunks of a stream; Safari's streams can't be iterated themselves. */
export async function* chunksOf(stream: ReadableStream<Uint8Array>, patience?: Patience): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  let finished = false;
  try {
    for (;;) {
      const { done, value } = await inTime(reader.read(), patience);
      if (done) {
        finished = true;
        return;
      }
      yield value;
    }
  } finally {
    if (!finished) {
      await reader.cancel().catch(() => undefined); // of a stream that broke there is nothing left to cancel
    }
  }
}

async function inTime<T>(promise: Promise<T>, patience?: Patience): Promise<T> {
  if (patience === undefined) {
    return promise;
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  const ended = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(patience.error()), patience.within);
  });
  try {
    return await Promise.race([promise, ended]);
  } finally {
    clearTimeout(timer);
  }
}
