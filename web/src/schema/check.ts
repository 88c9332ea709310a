import * as v from "valibot";
import { RequestError } from "../errors.ts";
import { fieldOf, reasonOf } from "./issues.ts";

/**
 * Read a value by its schema.
 *
 * @param what The value's name in the message.
 * @throws {RequestError} With a detail for each field at fault.
 */
export function check<const Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  what = "the request",
): v.InferOutput<Schema> {
  const { issues, output } = v.safeParse(schema, value);
  if (issues !== undefined) {
    const details = issues.map((issue) => ({ field: fieldOf(issue), message: reasonOf(issue) }));
    throw new RequestError("invalid_request", `${what} is not valid: see details`, details);
  }
  return output;
}
