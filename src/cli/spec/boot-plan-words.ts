// `plan` of a spec file for boots is `boot --dry-run`.

import { readFileSync } from "node:fs";

/**
 * Returns the words of `boot` that stand for `words`, those of `plan`; undefined where none of them is a spec file for
 * boots. Such a file says so in its first line, or has the key `boots`.
 */
export function bootPlanWords(words: readonly string[]): string[] | undefined {
  const file = words.find((word) => word.endsWith(".toml") && !word.startsWith("-") && isForBoots(word));
  // `boot --dry-run` asks nobody in any case.
  return file === undefined ? undefined : [...words.filter((word) => word !== "--offline"), "--dry-run"];
}

function isForBoots(file: string): boolean {
  try {
    const text = readFileSync(file, "utf8");
    return /^#:schema \S*boot\.schema\.json\s*$/m.test(text) || /^boots[ \t]*=/m.test(text);
  } catch {
    // Whoever reads it as a spec says what is wrong with it.
    return false;
  }
}
