// What stands behind `--` on the command line: a command of the user's own, taken out before anybody reads options.

/** `argv` as commander is to see it, and the words behind `--` of a command that measures. */
export function splitAtDashes(argv: readonly string[]): {
  readonly argv: readonly string[];
  readonly words?: string[];
} {
  const at = argv.indexOf("--");
  if (at === -1 || !["compare", "plan", "run"].includes(argv[2] ?? "")) return { argv };
  return { argv: argv.slice(0, at), words: argv.slice(at + 1) };
}
