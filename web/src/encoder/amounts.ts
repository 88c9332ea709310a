/** Amounts: numbers with the sign of a currency before or behind them. */

// Code points are written out: see `characters.ts`.
const CURRENCY =
  "[$\\u00a2-\\u00a5\\u058f\\u060b\\u07fe\\u07ff\\u09f2\\u09f3\\u09fb\\u0af1\\u0bf9\\u0e3f\\u17db\\u20a0-\\u20c0\\ua838\\ufdfc]";
const NUMBER = "[0-9]{1,9}(?:[.,][0-9]{1,3}){0,4}";
const AMOUNT = new RegExp(`(${CURRENCY})[ \\u00a0]?(${NUMBER})|(${NUMBER})[ \\u00a0]?(${CURRENCY})`, "g");
const THOUSANDS = /[.,](?=[0-9]{3})/g;
const NO_CENTS = /[.,]00?$/;

/** The amounts of a text, each spelt as one: the sign, and the number without what tells thousands apart or cents of 0. */
export function amountsOf(text: string): string[] {
  return Array.from(text.matchAll(AMOUNT), ([, before, following, leading, behind]) => {
    const number = (following ?? leading!).replace(NO_CENTS, "").replace(THOUSANDS, "");
    return (before ?? behind!) + number;
  });
}
