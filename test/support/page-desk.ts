// Where the commands of a page are run: `timetrial`, `npx timetrial` and `npm start` are the command line of a package, in a folder of
// the page's own and with a sandbox of its own.

import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { PageBlock, PageCommand } from "./page-blocks.ts";
import { dist } from "./desk-folder.mjs";
import { Desk, type Ended, endOf } from "./cli.ts";
import { onStillHost } from "./still-host.mjs";

const root = dirname(dist);

export class PageDesk {
  readonly #desk = new Desk(0.02);
  /** Names of runs and machines that the page shows, and what they are called this time. */
  readonly #known = new Map<string, string>();
  readonly #bin: string = join(this.#desk.folder, "bin");
  readonly #folder: string;
  readonly #package: string;

  /** @param packageFolder of the package whose command line runs */
  constructor(page: string, packageFolder: string) {
    this.#package = packageFolder;
    this.#folder = join(this.#desk.folder, page.replaceAll("/", "-"));
    this.#makeFolder();
    mkdirSync(this.#bin);
    // The page's flags come before the words of a command that is timed.
    this.#program(
      "timetrial",
      `count=$#; given=
set -f
for word do
  if [ "$word" = -- ] && [ -z "$given" ]; then set -- "$@" $PAGE_FLAGS; given=1; fi
  set -- "$@" "$word"
done
[ -n "$given" ] || set -- "$@" $PAGE_FLAGS
shift "$count"
exec "$PAGE_NODE" "$PAGE_PACKAGE/bin/timetrial.cjs" "$@"`,
    );
    this.#program("npx", '[ "$1" = timetrial ] || exit 127; shift; exec timetrial "$@"');
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      scripts: Readonly<Record<string, string>>;
    };
    const start = (scripts["start"] ?? "").replace("node dist/cli.js", "exec timetrial");
    this.#program("npm", `case "$1" in ci) ;; start) ${start} ;; *) exit 127 ;; esac`);
  }

  #program(name: string, script: string): void {
    const path = join(this.#bin, name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
  }

  /** Makes the page's folder, with what its examples work on. */
  #makeFolder(): void {
    mkdirSync(join(this.#folder, "src"), { recursive: true });
    writeFileSync(join(this.#folder, "data"), "some text to pack\n".repeat(4000));
    writeFileSync(join(this.#folder, "src", "Makefile"), "all:\n\t@echo built\nclean:\n\t@:\n");
    writeFileSync(join(this.#folder, "src", "configure"), "#!/bin/sh\nexit 0\n");
    chmodSync(join(this.#folder, "src", "configure"), 0o755);
  }

  /** Writes a block that is a file. */
  write({ file = "", lines }: PageBlock): void {
    writeFileSync(join(this.#folder, file), `${lines.join("\n")}\n`);
  }

  /** What the command says in the page's folder; the paths of this test and this computer's name are not in it. */
  async run({ flags }: PageBlock, { text }: PageCommand): Promise<Ended> {
    const env = {
      ...this.#desk.env,
      PATH: `${this.#bin}:${process.env["PATH"]}`,
      PAGE_FLAGS: flags.join(" "),
      PAGE_NODE: process.execPath,
      PAGE_PACKAGE: this.#package,
      NO_COLOR: "1",
      LC_ALL: "C.UTF-8",
    };
    // So that a page says `examples/…` as a reader in a clone does.
    const command = text
      .replace(id, (shown) => this.#known.get(shown) ?? shown)
      .replaceAll(/(?<=^|[\s=])examples\//g, `${root}/examples/`);
    const [program = "", ...words] = onStillHost(["sh", "-c", command]);
    const child = spawn(program, words, { cwd: this.#folder, env, stdio: ["ignore", "pipe", "pipe"] });
    const { status, stdout, stderr } = await endOf(child);
    const plain = (said: string): string =>
      [this.#package, root]
        .reduce((text, folder) => text.replaceAll(`${folder}/`, ""), said.replaceAll(`${this.#folder}/`, ""))
        .replaceAll(this.#desk.folder, "/home/you");
    return { status, stdout: plain(stdout), stderr: plain(stderr) };
  }

  /** Takes what the page shows of a command and what it printed for the same, so that later commands may name what is shown. */
  learn(shown: readonly string[], { stderr, stdout }: Ended): void {
    const found = idsOf(stderr + stdout);
    for (const [kind, ids] of idsOf(shown.join("\n")))
      for (const [i, shownId] of ids.entries()) {
        const printedId = found.get(kind)?.[i];
        if (printedId !== undefined && !this.#known.has(shownId)) this.#known.set(shownId, printedId);
      }
  }

  async clear(): Promise<void> {
    await this.#desk.clear();
  }
}

/** A name of a run, or an id of a machine. */
const id = /\b(?:(?:i|ami|vol|sir|subnet)-[0-9a-f]{8,17}|\d{8}-\d{6}-[0-9a-f]{4})\b/g;

/** The ids in `text` by kind, each once, in order. */
function idsOf(text: string): ReadonlyMap<string, readonly string[]> {
  const byKind = new Map<string, string[]>();
  for (const each of new Set(text.match(id))) {
    const kind = /^[a-z]*/.exec(each)?.[0] ?? "";
    byKind.set(kind, [...(byKind.get(kind) ?? []), each]);
  }
  return byKind;
}
