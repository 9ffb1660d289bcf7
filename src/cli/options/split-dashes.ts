// What stands behind `--` on the command line: a command of the user's own, taken out before anybody reads options.

/** `argv` as commander is to see it, and the words behind `--` of a command that measures. */
export function splitAtDashes(argv: readonly string[]): {
  readonly argv: readonly string[];
  readonly words?: string[];
} {
  if (!measures(argv[2])) return { argv };
  const at = argv.indexOf("--");
  return at === -1 ? { argv } : { argv: argv.slice(0, at), words: argv.slice(at + 1) };
}

/** Whether the command of this name measures: then hyperfine's options are read too. */
export function measures(name: string | undefined): boolean {
  return ["compare", "plan", "run"].includes(name ?? "");
}
