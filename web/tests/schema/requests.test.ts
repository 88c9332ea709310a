import { expect, test } from "vitest";
import { type Item, RequestError } from "../../src/index.ts";
import { checkCatalogue, checkItems, checkRank } from "../../src/schema/requests.ts";

function refusal(check: () => void): RequestError {
  try {
    check();
  } catch (error) {
    expect(error).toBeInstanceOf(RequestError);
    return error as RequestError;
  }
  throw new Error("it was not refused");
}

test("null stands for what is left out", () => {
  const candidate = { id: "a", text: null, score: null, category: null };
  const history = [{ item_id: "a", text: null, category: null, action: "skip", age_s: null }] as const;
  const options = { top_n: null, max_per_category: null, ranker: null, deadline_ms: null };
  expect(() =>
    checkRank({ request_id: null, query: null, user: { id: null, history }, candidates: [candidate], options }),
  ).not.toThrow();
});

test("no message repeats what was asked", () => {
  const secret = "secret";
  const request = {
    query: [secret],
    candidates: [
      { id: secret, score: secret, colour: secret },
      { id: secret, category: secret.repeat(20) },
    ],
    user: { history: [{ action: secret, item_id: 5 }] },
    options: { ranker: secret, diversity: secret, pin: [secret, secret] },
    context: { place: [secret] },
  };
  const { code, message, details } = refusal(() => checkRank(request as never));
  expect(code).toBe("invalid_request");
  expect(details.length).toBeGreaterThanOrEqual(8);
  expect(JSON.stringify([message, details])).not.toContain(secret);
});

test("a long name of a field is cut", () => {
  const { details } = refusal(() => checkRank({ candidates: [], ["x".repeat(1000)]: 1 } as never));
  expect(details).toEqual([{ field: "x".repeat(64), message: "is not a field" }]);
});

test("ids are measured in characters, not in halves of them", () => {
  expect(() => checkRank({ candidates: [{ id: "😀".repeat(256) }] })).not.toThrow();
  expect(refusal(() => checkRank({ candidates: [{ id: "😀".repeat(257) }] })).details[0]?.field).toBe(
    "candidates[0].id",
  );
});

test.each<[object, string]>([
  [{ id: "a" }, "needs either a text or a title"],
  [{ id: "a", text: "t", title: "t" }, "needs either a text or a title"],
  [{ id: "a", text: "t", description: "d" }, "a description goes with a title, not with a text"],
  [{ id: "a", title: " " }, "the text or title must not be blank"],
  [{ id: "a", text: 3 }, "must be a text"],
])("item %j is refused", (item, message) => {
  const { code, details } = refusal(() => checkItems([item as Item]));
  expect(code).toBe("invalid_request");
  expect(details.map((one) => one.message)).toContain(message);
});

test("items repeat no id, and are not too many; a catalogue may have more", () => {
  const items = Array.from({ length: 1001 }, (_, at) => ({ id: String(at), text: "t" }));
  expect(refusal(() => checkItems(items))).toMatchObject({
    code: "request_too_large",
    details: [{ field: "items", message: "at most 1000; this has 1001" }],
  });
  expect(() => checkCatalogue(items)).not.toThrow();
  expect(refusal(() => checkCatalogue([items[0]!, items[0]!])).details[0]?.message).toBe(
    "ids must be unique: items[1] repeats items[0]",
  );
});
