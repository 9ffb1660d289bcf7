// Reads what completion offers from the suites, the published figures, and the stored runs.

import { defaultResults, stateResults } from "../output/results-root.ts";
import { allPublishedBoots, glanceAtRuns, openPublished, openSuites } from "../wiring.ts";
import type { Candidate, CompletionSources } from "./candidates.ts";
import type { RunGlance } from "../../ports/run-glance.ts";

/** Runs that are looked at: the newest of each folder. */
const mostRuns = 50;

/** Returns the sources for the command line `words`, which may name another folder of runs by --results. */
export function completionSources(words: readonly string[]): CompletionSources {
  let read: Promise<RunGlance[]> | undefined;
  const runs = async (): Promise<RunGlance[]> => {
    read ??= Promise.all(rootsIn(words).map((root) => glanceAtRuns(root, mostRuns))).then((found) => found.flat());
    return await read;
  };
  const runOf = async (text: string): Promise<RunGlance | undefined> => {
    const found = (await runs()).toSorted((a, b) => (a.name < b.name ? 1 : -1));
    const name = text.replace(/^[\w.-]+=/, "");
    return name === "latest" ? found[0] : found.find((run) => run.name === name);
  };
  return {
    suites: suitesBegun,
    runs: async () =>
      (await runs()).map(({ name, sides, suites }) => ({ value: name, about: [...sides, ...suites].join(" ") })),
    sidesOf: async (name) => (await runOf(name))?.sides,
    rowsOf: async (name) => (await runOf(name))?.rows ?? [],
    types: async () => [...new Set((await runs()).flatMap(({ types }) => types))].toSorted(),
    published: async (isOfBoots) => {
      const names = isOfBoots
        ? [...(await allPublishedBoots()).keys()]
        : (await (await openPublished()).list()).map(({ of }) => of);
      return names.map((name) => `published:${name}`);
    },
  };
}

/** The folders of runs: the one behind --results, else the usual two. */
function rootsIn(words: readonly string[]): string[] {
  const at = words.findLastIndex((word, i) => i < words.length - 1 && /^--results(=|$)/.test(word));
  const [, inWord] = /^--results=(.+)$/s.exec(words[at] ?? "") ?? [];
  const named = at === -1 ? undefined : (inWord ?? words[at + 1]);
  return named === undefined || named === "" ? [defaultResults(), stateResults()] : [named];
}

async function suitesBegun(begun: string): Promise<Candidate[]> {
  const [, suite] = /^([^/]+)\//.exec(begun) ?? [];
  const known = await openSuites();
  if (suite === undefined) return (await known.list()).map((value) => ({ value }));
  const { rows } = (await known.load(suite)).manifest;
  const names = rows.flatMap(({ name, impl }) => [`${suite}/${name}`, `${suite}/${name}/${impl}`]);
  return [...new Set(names)].map((value) => ({ value }));
}
