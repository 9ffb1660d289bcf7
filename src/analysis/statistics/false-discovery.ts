// Adjusts p values for the number of tests: of twenty tests without a difference, one has p < 0.05 by chance.

/**
 * The p values of `ps` adjusted for their number, in the same order: at a limit of 5 %, at most 5 % of the differences
 * called so are expected to be false.
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
