// The wildcards of EC2's filters: `*` stands for any text, `?` for one character, unless a backslash stands before them.

/** A text with wildcards, character by character. */
export type Wildcards = readonly (string | typeof anyText | typeof anyCharacter)[];

const anyText = Symbol("*");
const anyCharacter = Symbol("?");

/** Splits a text with wildcards into its characters. */
export function parseWildcards(value: string): Wildcards {
  return [...value.matchAll(/\\?[^]/gu)].map(([found]) => {
    if (found === "*") return anyText;
    if (found === "?") return anyCharacter;
    return found.length > 1 && found.startsWith("\\") ? found.slice(1) : found;
  });
}

/**
 * Whether the whole of `text` fits `pattern`. Takes at most length times length steps: where a text does not fit, only the
 * last `*` takes one character more.
 */
export function fitsWildcards(text: string, pattern: Wildcards): boolean {
  const characters = Array.from(text);
  let [at, next] = [0, 0];
  let star: { readonly next: number; at: number } | undefined;
  while (at < characters.length) {
    const wanted = pattern[next];
    if (wanted === anyText) star = { next: ++next, at };
    else if (wanted === anyCharacter || wanted === characters[at]) [at, next] = [at + 1, next + 1];
    else if (star === undefined) return false;
    else [at, next] = [++star.at, star.next];
  }
  return pattern.slice(next).every((each) => each === anyText);
}
