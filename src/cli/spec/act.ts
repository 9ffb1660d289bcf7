// Calls a command with what its words, its options and the spec file among its words say together.

import type { Command } from "commander";
import { TimetrialError } from "../../domain/errors.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import type { GivenWords, SpecOrigin } from "./spec-origin.ts";

/** Calls `act`, and sets the exit status that it returns. */
export async function actWithSpec(
  command: Command,
  { words, behindDashes, isRun = false }: GivenWords,
  act: (words: readonly string[], options: unknown, spec: SpecOrigin) => Promise<number>,
): Promise<void> {
  const file = specFileAmong(words);
  const origin = (used: readonly string[]): SpecOrigin => ({
    isFile: file !== undefined,
    isGiven: (option) => command.getOptionValueSource(option) === "cli",
    text: async (folder) => {
      const { specText } = await import("./spec-text.ts");
      return specText(command, { words: used, behindDashes, isRun }, folder);
    },
  });
  if (file === undefined) {
    process.exitCode = await act(words, command.opts(), origin(words));
    return;
  }
  const { applySpecFile } = await import("./spec-file.ts");
  const rest = words.filter((word) => word !== file);
  const beside = { words: rest, isRun, hasCommand: behindDashes !== undefined };
  const applied = await applySpecFile(file, command, beside);
  try {
    process.exitCode = await act(applied.words, command.opts(), origin(applied.words));
  } catch (error) {
    throw applied.located(error);
  }
}

/** Returns the spec file among `words`. @throws TimetrialError USAGE where there are several */
function specFileAmong(words: readonly string[]): string | undefined {
  const [file, another] = words.filter(isSpecFile);
  if (another === undefined) return file;
  throw new TimetrialError(
    "USAGE",
    `expected one spec file, got ${quoteForMessage(file ?? "")} and ${quoteForMessage(another)}`,
    { hint: "a file that is a side is written firecracker:FILE.toml" },
  );
}

/** Whether `word` names a spec file: it ends in .toml, and is no side of its own. */
function isSpecFile(word: string): boolean {
  return word.endsWith(".toml") && !/^([^=@/]+=)?(ssh|firecracker|published):/.test(word);
}
