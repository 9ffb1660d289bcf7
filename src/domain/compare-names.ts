// Orders names as a person would: numbers in them by their value.

let collator: Intl.Collator | undefined;

/** Compares names for sorting: 10 comes after 2. */
export function compareNames(a: string, b: string): number {
  const difference = numbersDiffer(a, b);
  if (difference !== undefined) return difference;
  // It is made when it is first needed, which takes milliseconds.
  collator ??= new Intl.Collator("en", { numeric: true });
  return collator.compare(a, b);
}

/** The digits from a place on, of a number that is held exactly. A digit of another script behind them would be a part of it. */
const digits = /[0-9]{1,15}(?![0-9\u0080-\uffff])/y;

/**
 * Returns which of two numbers is greater, where names are alike up to them; undefined where the names begin to differ
 * elsewhere. Most names of sides and machines need no collator.
 */
function numbersDiffer(a: string, b: string): number | undefined {
  let from = 0;
  while (from < a.length && a.charCodeAt(from) === b.charCodeAt(from)) from += 1;
  while (from > 0 && isDigit(a.charCodeAt(from - 1))) from -= 1;
  // So would one before them.
  if (from > 0 && a.charCodeAt(from - 1) > 127) return undefined;
  const difference = numberAt(a, from) - numberAt(b, from);
  return difference === 0 || Number.isNaN(difference) ? undefined : difference;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Returns the number in `name` from `at` on; NaN where there is none. */
function numberAt(name: string, at: number): number {
  digits.lastIndex = at;
  return Number(digits.exec(name)?.[0] ?? Number.NaN);
}
