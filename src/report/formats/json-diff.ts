// Compares two comparisons as JSON, and lists where they differ.

/** The fields of a report that are compared; the others are words. */
const compared = [
  "schema",
  "run",
  "runs",
  "cloud",
  "baseline",
  "sides",
  "machines",
  "facts",
  "rows",
  "geomeans",
  "left_out",
  "scores",
  "ranking",
  "priced",
  "gate",
  "spent_usd",
  "until",
  "stopped",
  "finished",
  "absence",
  "published",
  "sums",
] as const;

/**
 * Returns a line for each place where `found` differs from `expected`: `rows[3].cells.a.real.time_s: expected 1.03,
 * found 1.02`.
 */
export function jsonDifferences(expected: unknown, found: unknown): string[] {
  return compared.flatMap((name) => differencesBetween(name, member(expected, name), member(found, name)));
}

function differencesBetween(path: string, expected: unknown, found: unknown): string[] {
  if (isObject(expected) && isObject(found) && Array.isArray(expected) === Array.isArray(found)) {
    const names = new Set([...Object.keys(expected), ...Object.keys(found)]);
    return [...names].flatMap((name) =>
      differencesBetween(
        Array.isArray(expected) ? `${path}[${name}]` : `${path}.${name}`,
        member(expected, name),
        member(found, name),
      ),
    );
  }
  return Object.is(expected, found) ? [] : [`${path}: expected ${shown(expected)}, found ${shown(found)}`];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function member(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value).slice(0, 100);
}
