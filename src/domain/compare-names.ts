// Orders names as a person would: numbers in them by their value.

let collator: Intl.Collator | undefined;

/** Compares names for sorting: 10 comes after 2. The collator is made when it is first needed, which takes milliseconds. */
export function compareNames(a: string, b: string): number {
  collator ??= new Intl.Collator("en", { numeric: true });
  return collator.compare(a, b);
}
