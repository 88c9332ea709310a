import { expect, test } from "vitest";
import { amountsOf } from "../../src/encoder/amounts.ts";

test.each([
  ["£20 or 20 €", ["£20", "€20"]],
  ["$1,000.00, 1.000,0₹", ["$1000", "₹1000"]],
  ["$3.50", ["$3.50"]],
  ["20 pounds, 5 %", []],
])("the amounts of %j are %j", (text, amounts) => {
  expect(amountsOf(text)).toEqual(amounts);
});
