// Adjusts p values for the number of tests: of twenty tests without a difference, one has p < 0.05 by chance.

/**
 * Adjusts the p values `ps` for their number; the order stays. With a limit of 5 % on the adjusted values, at most 5 %
 * of the differences found are expected to be false.
 *
 * Source: Benjamini & Hochberg (1995), Controlling the false discovery rate, J. R. Stat. Soc. B 57(1): 289-300.
 */
export function benjaminiHochberg(ps: readonly number[]): number[] {
  const descending = ps.map((p, index) => ({ p, index })).toSorted((a, b) => b.p - a.p);
  const adjusted = ps.map(() => 1);
  let least = 1;
  for (const [place, { p, index }] of descending.entries()) {
    const rank = ps.length - place;
    least = Math.min(least, (p * ps.length) / rank);
    adjusted[index] = least;
  }
  return adjusted;
}
