// A FreeBSD as far as the steps look: stand-ins that note how they were called, in order, and answer as the real ones do.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync, existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { binFolder, type Env, newFolder, which } from "./suite-steps.ts";

const tools = [
  "sh",
  "sed",
  "tr",
  "cut",
  "rm",
  "mv",
  "cp",
  "mkdir",
  "cat",
  "head",
  "tail",
  "wc",
  "grep",
  "find",
  "sort",
  "comm",
  "tar",
  "xz",
  "sleep",
  "ln",
  "basename",
  "dirname",
  "od",
  "printf",
  "sha256sum",
  "awk",
  "curl",
  "xargs",
];

export interface FreeBsd {
  readonly path: string;
  /** All that was called so far, a line each, with `~` for the machine's working folder. */
  calls(work: string): string[];
}

/**
 * Stand-ins by name. Each notes its name and arguments before its script runs; `env` notes its own whole line, then runs
 * the command with the stand-ins on PATH, whatever PATH it was given.
 */
export function freebsd(scripts: Env, shell: readonly string[] = []): FreeBsd {
  const notes = join(newFolder(), "calls");
  const noting = (name: string, script: string): string => `echo "${name} $*" >>${notes}\n${script}`;
  const all: Env = {
    uname: "case $1 in -p) echo aarch64 ;; *) echo FreeBSD ;; esac",
    "freebsd-version": 'case $1 in -ku) printf "13.1-RELEASE\\n13.1-RELEASE-p2\\n" ;; *) echo 13.1-RELEASE-p2 ;; esac',
    sysctl: "echo 68719476736",
    cc: 'echo "FreeBSD clang version 13.0.0 (git@github.com:llvm/llvm-project.git llvmorg-13.0.0-0-gd7b669b3a303)"',
    chflags: ":",
    umount: "exit 1",
    ...(shell.length === 0 ? {} : { sh: `exec ${shell.join(" ")} "$@"` }),
  };
  const noted = Object.entries(scripts).map(([name, script]) => [name, noting(name, script)]);
  const path = binFolder(
    tools.filter((tool) => !(tool in all) && !(tool in scripts)),
    { ...all, ...Object.fromEntries(noted) },
  );
  const env = [
    `echo "env $*" >>${notes}`,
    "n=$#",
    'while [ "$n" -gt 0 ]; do a=$1; shift; n=$((n - 1))',
    `case $a in PATH=*) a=PATH=${path} ;; esac`,
    'set -- "$@" "$a"; done',
    `exec ${which("env") ?? "env"} "$@"`,
  ];
  writeFileSync(join(path, "env"), `#!/bin/sh\n${env.join("\n")}\n`, { mode: 0o755 });
  return {
    path,
    calls: (work) =>
      existsSync(notes) ? readFileSync(notes, "utf8").replaceAll(work, "~").split("\n").slice(0, -1) : [],
  };
}

export interface Served {
  readonly url: string;
  readonly sha256: string;
}

/** An archive of files by path, as FreeBSD's are, on a server of its own. */
export async function served(files: Env): Promise<Served & { close(): void }> {
  const folder = newFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, "all", dirname(path)), { recursive: true });
    writeFileSync(join(folder, "all", path), text);
  }
  execFileSync("tar", ["-cJf", join(folder, "a.txz"), "-C", join(folder, "all"), "."]);
  const bytes = readFileSync(join(folder, "a.txz"));
  const server: Server = createServer((_, response) => void response.end(bytes));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.txz`,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    close: () => server.close(),
  };
}
