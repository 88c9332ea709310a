/** What can go wrong. Codes are stable; messages are for people, and never repeat what was asked. */

export type ErrorCode =
  | "model_refused"
  | "download_failed"
  | "nothing_to_roll_back"
  | "insecure_context"
  | "runtime_unavailable"
  | "out_of_memory"
  | "released"
  | "history_unavailable"
  | "history_full"
  | "invalid_request"
  | "request_too_large"
  | "deadline_exceeded";

/** One field that must be mended. */
export interface ErrorDetail {
  readonly field: string;
  readonly message: string;
}

/** Every error of this library. */
export class EdgeRankError extends Error {
  override readonly name: string = "EdgeRankError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The files are not an artifact that may rank; the message says in one line why. */
export class ArtifactError extends EdgeRankError {
  override readonly name = "ArtifactError";

  constructor(message: string, options?: ErrorOptions) {
    super("model_refused", message, options);
  }
}

/** A file could not be fetched. What was running runs on. */
export class DownloadError extends EdgeRankError {
  override readonly name = "DownloadError";
  /** Whether trying again may help: the connection broke, or the server was overloaded. */
  readonly temporary: boolean;

  constructor(message: string, options: ErrorOptions & { readonly temporary?: boolean } = {}) {
    super("download_failed", message, options);
    this.temporary = options.temporary ?? false;
  }
}

/** The history can't be read or written here. What ranks goes on without it. */
export class HistoryError extends EdgeRankError {
  override readonly name = "HistoryError";

  constructor(code: "history_unavailable" | "history_full", message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

/** A request that can't be answered as it stands; codes and fields are those of the service. */
export class RequestError extends EdgeRankError {
  override readonly name = "RequestError";
  readonly details: readonly ErrorDetail[];

  constructor(
    code: "invalid_request" | "request_too_large" | "deadline_exceeded",
    message: string,
    details: readonly ErrorDetail[] = [],
  ) {
    super(code, message);
    this.details = details;
  }
}
