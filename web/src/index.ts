/** Ranks on the device as the Edge Rank service does. */

export { Artifact } from "./artifact/artifact.ts";
export { type FetchOptions, fetchArtifact, type Progress } from "./artifact/download.ts";
export type { Files } from "./artifact/files.ts";
export type { FileEntry, Manifest } from "./artifact/manifest.ts";
export type { WasmPaths } from "./core/module.ts";
export {
  ArtifactError,
  DownloadError,
  EdgeRankError,
  type ErrorCode,
  type ErrorDetail,
  HistoryError,
  RequestError,
} from "./errors.ts";
export type { NewEvent, RecordedEvent } from "./history/event.ts";
export { IndexedDbHistoryStorage } from "./history/indexed-db.ts";
export { type HistoryStorage, type KeptHistory, MemoryHistoryStorage } from "./history/storage.ts";
export { HistoryStore, type HistoryStoreOptions } from "./history/store.ts";
export { IndexedDbStorage } from "./models/indexed-db.ts";
export type { Release, ReleasedFile } from "./models/release.ts";
export { MemoryStorage, type ModelStorage, type State } from "./models/storage.ts";
export { type Kept, ModelStore, type Update, type UpdateOptions } from "./models/store.ts";
export { Recommender, type RecommenderOptions } from "./recommender.ts";
export type * from "./request.ts";
export * from "./response.ts";
