/** Long texts in parts that the model can read at once: windows (the service's `encoder/windows.py`). */

/** So many windows of a text are read unless one says otherwise. */
export const MOST_WINDOWS = 8;

/** So many tokens of a text's beginning, where a title stands, come before each further window. */
const LEAD = 8;
/** So many tokens two windows share beside the lead, so that fewer phrases fall between them. */
const OVERLAP = 4;
/** So many tokens has a longer phrase. */
const LEAST_LONG = 8;
// What comes so many times again is not there to be read: anywhere, and where titles stand.
const PHRASE = 2;
const TITLE = 3;

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
 * Tokens without what is said over and over: saying it again says nothing new.
 *
 * A text that is one phrase again and again is read as that phrase, and so is a longer phrase that comes twice in a row.
 * Of a phrase that comes three times in a row after something else, or four times at the beginning, nothing is left.
 */
export function withoutRepetition(said: readonly number[], unknown = -1): readonly number[] {
  if (!said.includes(unknown)) {
    return leftOut(said);
  }
  const toldApart = said.map((one, place) => (one === unknown ? -1 - place : one));
  return leftOut(toldApart).map((one) => (one < 0 ? unknown : one));
}

function leftOut(said: readonly number[]): readonly number[] {
  if (said.length - new Set(said).size < 2) {
    return said;
  }
  const ids = said.slice(0, periodOf(said));
  const kept: number[] = [];
  let only: readonly number[] = ids;
  const last = new Map<number, number>();
  let start = 0;
  let period = 0; // from `start` on each token is the one that stood `period` before
  for (let place = 0; place <= ids.length; place++) {
    const one = ids[place];
    if (one === undefined || period === 0 || ids[place - period] !== one) {
      const run = ids.slice(start, place);
      const phrase = period === 0 ? [] : kept.slice(-period);
      if (!saysAgain(run.length, period)) {
        kept.push(...run);
      } else if (
        run.length >= (start === period ? TITLE : PHRASE) * period &&
        areSame(phrase, ids.slice(start - period, start))
      ) {
        only = only === ids ? phrase : only;
        kept.length -= phrase.length;
      }
      start = place;
      period = one === undefined ? 0 : place - (last.get(one) ?? place);
    }
    if (one !== undefined) {
      last.set(one, place);
    }
  }
  return kept.length > 0 ? kept : only;
}

/**
 * After how many tokens a text that says one thing again and again begins anew; all of them where it does not. Of the
 * failure function of Knuth, Morris and Pratt: a text has a period where its beginning is its end.
 */
function periodOf(ids: readonly number[]): number {
  const borders = new Int32Array(ids.length);
  let length = 0;
  for (let place = 1; place < ids.length; place++) {
    while (length > 0 && ids[place] !== ids[length]) {
      length = borders[length - 1]!;
    }
    length += ids[place] === ids[length] ? 1 : 0;
    borders[place] = length;
  }
  const period = ids.length - length;
  return saysAgain(length, period) ? period : ids.length;
}

/** Whether a run of tokens that repeats what stood `period` before is a phrase once more. */
function saysAgain(length: number, period: number): boolean {
  return period > 0 && length >= (period >= LEAST_LONG ? 1 : 2) * period;
}

function areSame(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((id, at) => id === other[at]);
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
