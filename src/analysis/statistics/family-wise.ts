// Adjusts p values so that of a whole family of tests not even one finds a difference where there is none.

/**
 * Adjusts the p values `ps` for their number; the order stays. With a limit of 5 % on the adjusted values, the
 * probability of one false difference or more is at most 5 %, however the tests depend on each other.
 *
 * Source: Holm (1979), A simple sequentially rejective multiple test procedure, Scand. J. Statist. 6(2): 65-70.
 */
export function holm(ps: readonly number[]): number[] {
  const ascending = ps.map((p, index) => ({ p, index })).toSorted((a, b) => a.p - b.p);
  const adjusted = ps.map(() => 1);
  let most = 0;
  for (const [place, { p, index }] of ascending.entries()) {
    most = Math.max(most, Math.min(1, p * (ps.length - place)));
    adjusted[index] = most;
  }
  return adjusted;
}
