// `completion`: prints the script that makes a shell complete command lines of timetrial.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { packageRoot } from "../../adapters/folders/package-root.ts";
import { printableLines } from "../../domain/printable.ts";
import { shellsToComplete } from "../options/choices.ts";
import { parseChoice } from "../options/option-values.ts";
import { print } from "../output/terminal.ts";

/** By shell: the file of completions/, under the name that the shell looks for. */
const scripts = { bash: "timetrial.bash", zsh: "_timetrial", fish: "timetrial.fish" } as const;

export async function completionCommand(shell: string): Promise<number> {
  const file = scripts[parseChoice("completion", shell, shellsToComplete)];
  print(printableLines(await readFile(join(packageRoot().folder, "completions", file), "utf8")));
  return 0;
}
