// Names groups by letters: two members share a letter if, and only if, they cannot be told apart.

/**
 * Returns the letters of each of `count` members, which are given by their rank. `differ` says whether two of them can
 * be told apart; it is symmetric. Every letter has a member that no other letter covers, and the best member has `a`.
 *
 * Letters are cliques that cover every pair of members that cannot be told apart, found in the order of the ranks: the
 * number of all maximal cliques may grow exponentially, that of these is at most the number of pairs.
 *
 * Source: Piepho (2004), An algorithm for a letter-based representation of all-pairwise comparisons, J. Comput. Graph.
 * Statist. 13(2): 456-466; as covers by cliques: Gramm et al. (2007), Algorithms for compact letter displays, Comput.
 * Statist. Data Anal. 52(2): 725-736.
 */
export function compactLetters(count: number, differ: (a: number, b: number) => boolean): string[][] {
  const members = Array.from({ length: count }, (_, i) => i);
  const cliques = needed(cliqueCover(members, differ));
  const letters = members.map((): string[] => []);
  for (const [place, clique] of cliques.entries()) for (const member of clique) letters[member]?.push(letterOf(place));
  return letters;
}

/** Covers each member, and each pair that does not differ, by a maximal clique. */
function cliqueCover(members: readonly number[], differ: (a: number, b: number) => boolean): number[][] {
  const covered = members.map(() => new Set<number>());
  const cliques: number[][] = [];
  for (const first of members)
    for (const second of members.slice(first)) {
      if (covered[first]?.has(second) === true || (first !== second && differ(first, second))) continue;
      // Beside itself a member needs a clique only where it is like no other.
      if (first === second && members.some((other) => other !== first && !differ(first, other))) continue;
      const clique = [...new Set([first, second])];
      for (const other of members)
        if (!clique.includes(other) && clique.every((member) => !differ(member, other))) clique.push(other);
      for (const a of clique) for (const b of clique) covered[a]?.add(b);
      cliques.push(clique.toSorted((a, b) => a - b));
    }
  return cliques;
}

/** Leaves out cliques whose pairs are all in others, the latest first. */
function needed(cliques: readonly (readonly number[])[]): (readonly number[])[] {
  const times = new Map<string, number>();
  const pairs = (clique: readonly number[]): string[] =>
    clique.flatMap((a, i) => (clique.length === 1 ? [`${a}`] : clique.slice(i + 1).map((b) => `${a} ${b}`)));
  for (const pair of cliques.flatMap(pairs)) times.set(pair, (times.get(pair) ?? 0) + 1);
  const kept: (readonly number[])[] = [];
  for (const clique of cliques.toReversed()) {
    const own = pairs(clique);
    if (own.some((pair) => times.get(pair) === 1)) kept.push(clique);
    else for (const pair of own) times.set(pair, (times.get(pair) ?? 0) - 1);
  }
  return kept.toSorted(byMembers);
}

function byMembers(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((member, i) => member !== b[i]);
  return at < 0 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? Infinity);
}

/** Returns a, b, …, z, A, …, Z, a2, b2, … */
function letterOf(place: number): string {
  const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const turn = Math.floor(place / letters.length);
  return `${letters[place % letters.length] ?? ""}${turn === 0 ? "" : turn + 1}`;
}
