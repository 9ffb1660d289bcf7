// Names the rounds that are missing from a stored run, in bounded space.

/** The most gaps that one finding names. */
const mostGaps = 10;

/** Returns `2`, `4, 5` or `7-9` for the rounds that are missing before those of `rounds`: a forged round may be any number. */
export function missingBetween(rounds: ReadonlySet<number>): string[] {
  const lost: string[] = [];
  let before = 0;
  for (const round of [...rounds].sort((a, b) => a - b)) {
    const [from, to] = [before + 1, round - 1];
    if (to - from > 1) lost.push(`${from}-${to}`);
    else if (to >= from) lost.push(String(from), ...(to > from ? [String(to)] : []));
    before = round;
  }
  return lost.length > mostGaps ? [...lost.slice(0, mostGaps), "…"] : lost;
}
