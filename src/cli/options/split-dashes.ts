// Takes the words behind `--`, a command of the user's own, off the command line before anything reads options.

/** Returns `argv` for commander, and the words behind `--` of a command that measures. */
export function splitAtDashes(argv: readonly string[]): {
  readonly argv: readonly string[];
  readonly words?: string[];
} {
  if (!measures(argv[2])) return { argv };
  const at = argv.indexOf("--");
  return at === -1 ? { argv } : { argv: argv.slice(0, at), words: argv.slice(at + 1) };
}

/** Returns whether the command `name` measures. hyperfine's options are then read too. */
export function measures(name: string | undefined): boolean {
  return ["compare", "plan", "run"].includes(name ?? "");
}
