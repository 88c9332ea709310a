/** Long texts in parts that the model can read at once: windows (the service's `encoder/windows.py`). */

/** So many windows of a text are read unless one says otherwise. */
export const MOST_WINDOWS = 8;

/** So many tokens of a text's beginning, where a title stands, come before each further window. */
const LEAD = 8;
/** So many tokens two windows share beside the lead, so that fewer phrases fall between them. */
const OVERLAP = 4;
const LEAST_RUN = 6;

/** How many tokens of a text `most` windows of `room` tokens hold. */
export function capacity(room: number, most: number): number {
  return room + (most - 1) * stepOf(room);
}

/** Windows of a text's tokens, as few as hold them all, and all about equally long; of no tokens, an empty one. */
export function windowsOf(ids: readonly number[], room: number): (readonly number[])[] {
  if (ids.length <= room) {
    return [ids];
  }
  const further = Math.ceil((ids.length - room) / stepOf(room));
  const { lead, overlap } = shared(room);
  const beginning = ids.slice(0, lead);
  const rest = ids.slice(lead);
  const size = Math.ceil((rest.length + further * overlap) / (further + 1));
  const last = rest.length - size;
  return Array.from({ length: further + 1 }, (_, number) => {
    const start = Math.floor((2 * number * last + further) / (2 * further)); // halves up
    return [...beginning, ...rest.slice(start, start + size)];
  });
}

/**
 * Tokens with what is said over and over said once: a phrase that comes three times in a row, or a longer one that comes
 * twice, is read the first time alone.
 */
export function withoutRepetition(ids: readonly number[]): readonly number[] {
  if (ids.length - new Set(ids).size < 2) {
    return ids;
  }
  const kept: number[] = [];
  const last = new Map<number, number>();
  let start = 0;
  let period = 0; // from `start` on each token is the one that stood `period` before
  for (const [place, one] of ids.entries()) {
    if (period === 0 || ids[place - period] !== one) {
      kept.push(...saidOnce(ids.slice(start, place), period));
      start = place;
      period = place - (last.get(one) ?? place);
    }
    last.set(one, place);
  }
  kept.push(...saidOnce(ids.slice(start), period));
  return kept;
}

/** Nothing of a run that repeats what stood `period` tokens before it often enough, else all of it. */
function saidOnce(run: readonly number[], period: number): readonly number[] {
  const again = period > 0 && (run.length >= 2 * period || (run.length >= period && period >= LEAST_RUN));
  return again ? [] : run;
}

/** How many tokens a further window adds. */
function stepOf(room: number): number {
  const { lead, overlap } = shared(room);
  return room - lead - overlap;
}

/** Less where a window is small, so that most of it is new. */
function shared(room: number): { readonly lead: number; readonly overlap: number } {
  const quarter = Math.floor(room / 4);
  return { lead: Math.min(LEAD, quarter), overlap: Math.min(OVERLAP, quarter) };
}
