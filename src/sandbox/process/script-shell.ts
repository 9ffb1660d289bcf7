// What the kernel gives a script on an instance, set by a shell that then becomes the script's own process: working
// folder, umask and the soft limit of open files, as a service of systemd's has them.

import { program } from "./program.ts";

const become = 'umask 022; ulimit -S -n 1024 2>/dev/null; cd "$0" && unset OLDPWD && exec "$@"';

/** The words that run `argv` in `cwd`. With `waits`, only after a line on standard input, which it then does without. */
export function scriptShell(cwd: string, argv: readonly string[], waits = false): [string, ...string[]] {
  return [program("sh"), "-c", waits ? `read -r _ && exec </dev/null && { ${become}; }` : become, cwd, ...argv];
}
