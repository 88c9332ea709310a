/** Where the members of the core's structures lie: `device/src/wasm.c` asserts the same numbers. */

export const TEXT = { size: 8, bytes: 0, length: 4 } as const;
export const SPAN = { size: 8, bytes: 0, length: 4 } as const;
export const MANIFEST = {
  size: 76,
  name: 0,
  revision: 8,
  encoderRevision: 16,
  layers: 24,
  hiddenSize: 28,
  embeddingSize: 32,
  intermediateSize: 36,
  attentionHeads: 40,
  vocabularySize: 44,
  dimension: 48,
  maxLength: 52,
  lowercase: 56,
  stripAccents: 57,
  version: 60,
} as const;
export const ERROR = { size: 248, status: 0, message: 4 } as const;
export const OPTIONS = { size: 16, mostWindows: 0, mostCandidates: 4, mostEvents: 8, trusted: 12 } as const;
export const INFO = { size: 48, dimension: 24, featuresSize: 36, querySize: 40 } as const;
export const READING = {
  size: 24,
  vector: 0,
  features: 4,
  query: 8,
  featuresSize: 12,
  tokens: 16,
  truncated: 20,
  readable: 21,
} as const;
export const CANDIDATE = {
  size: 56,
  id: 0,
  category: 8,
  features: 16,
  score: 24,
  popularity: 32,
  ageS: 40,
  unreadable: 48,
} as const;
export const EVENT = { size: 40, itemId: 0, category: 8, features: 16, ageS: 24, action: 32 } as const;
export const REQUEST = {
  size: 56,
  query: 0,
  candidates: 4,
  events: 8,
  pinned: 12,
  diversity: 16,
  candidateCount: 24,
  eventCount: 28,
  pinnedCount: 32,
  topN: 36,
  maxPerCategory: 40,
  ranker: 44,
  isSearch: 48,
} as const;
export const RANKING = {
  size: 28,
  order: 0,
  scores: 4,
  signals: 8,
  contributions: 12,
  weights: 16,
  count: 20,
  knownEvents: 24,
} as const;

export const ACTIONS = { view: 0, click: 1, purchase: 2, skip: 3 } as const;
export const RANKERS = { fused: 0, dense: 1, lexical: 2, upstream: 3 } as const;
