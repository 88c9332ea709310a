/** What a schema found, in words that never repeat what was sent. */

import type { BaseIssue } from "valibot";

const FIELD_PART_CHARACTERS = 64;
const KINDS: Readonly<Record<string, string>> = {
  array: "must be a list",
  boolean: "must be true or false",
  literal: "has another value than this version reads",
  number: "must be a finite number",
  object: "must be an object",
  record: "must be an object",
  string: "must be a text",
};

/** A field as a client writes it: `candidates[3].id`. */
export function fieldOf(issue: BaseIssue<unknown>): string {
  let path = "";
  for (const { key } of issue.path ?? []) {
    if (typeof key === "number") {
      path += `[${key}]`;
    } else {
      path += `${path && "."}${String(key).slice(0, FIELD_PART_CHARACTERS)}`;
    }
  }
  return path || "body";
}

/** Why a field is not valid. */
export function reasonOf(issue: BaseIssue<unknown>): string {
  if (issue.kind === "schema") {
    return structural(issue);
  }
  // Of a rule the requirement is ours, but valibot's own words repeat what came; a check's words are ours.
  switch (issue.type) {
    case "check":
    case "raw_check":
      return issue.message;
    case "min_value":
    case "min_length":
      return `must be at least ${issue.expected?.replace(">=", "")}`;
    case "max_value":
      return `must be at most ${issue.expected?.replace("<=", "")}`;
    case "safe_integer":
      return "must be a whole number";
    case "regex":
      return `must match ${issue.expected}`;
    default:
      return "has a value that is not allowed";
  }
}

/** Where and why, in one line. */
export function whereAndWhy(issue: BaseIssue<unknown>): string {
  return `${fieldOf(issue)}: ${reasonOf(issue)}`;
}

function structural(issue: BaseIssue<unknown>): string {
  if (issue.expected === "never") {
    return "is not a field";
  }
  if (issue.type === "strict_object" || issue.type === "object") {
    return issue.received === "undefined" || issue.expected?.startsWith('"') ? "is missing" : "must be an object";
  }
  if (issue.type === "picklist") {
    return `must be one of ${issue.expected?.replace(/[()"]/g, "").replaceAll(" | ", ", ")}`;
  }
  return KINDS[issue.type] ?? "has a value that is not allowed";
}
