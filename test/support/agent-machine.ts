// A machine for the agent's tests: a home and a declaration of its own, and any shell as its `sh`.

import { execFile, type ChildProcess, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { type JournalLine, journalSchema } from "../../src/domain/run/machine-journal.ts";
import type { ShippedFile } from "../../src/domain/plan/suite.ts";
import { type ReplyFrame, parseReply } from "../../src/pipeline/agent/reply-frame.ts";
import { removeFolder } from "./remove-folder.mjs";

export const remote = join(import.meta.dirname, "../../remote");
const suite = join(import.meta.dirname, "../remote/suite");

export interface Said {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Reply extends Omit<ReplyFrame, "lines"> {
  readonly lines: readonly JournalLine[];
}

/** Where the shell `name` is, if it is. */
export function shellPath(name: string): string | undefined {
  return spawnSync("sh", ["-c", 'command -v "$1"', "sh", name]).stdout.toString().trim() || undefined;
}

export class Machine {
  readonly folder = mkdtempSync(join(tmpdir(), "timetrial-agent-"));
  readonly home = join(this.folder, "home");
  readonly #bin = join(this.folder, "bin");
  readonly #env: NodeJS.ProcessEnv;

  constructor(
    shell: string,
    capture: string,
    env: Readonly<Record<string, string>> = {},
    declared: readonly string[] = [],
  ) {
    mkdirSync(this.#bin);
    symlinkSync(shellPath(shell) ?? "/nowhere", join(this.#bin, "sh"));
    const file = join(this.folder, "machine.env");
    const lines = [
      `TIMETRIAL_HOME=${this.home}`,
      `TIMETRIAL_PATH_FIRST=${this.#bin}`,
      `TIMETRIAL_CAPTURE=${capture}`,
      ...declared,
    ];
    writeFileSync(file, `${lines.join("\n")}\n`);
    this.#env = { ...process.env, ...env, TIMETRIAL_MACHINE_ENV: file };
  }

  /** Ends whatever runs, removes all of it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (existsSync(join(this.home, "runs"))) await this.agent("stop", "r");
    removeFolder(this.folder);
  }

  path(...names: string[]): string {
    return join(this.home, ...names);
  }

  read(...names: string[]): string {
    return readFileSync(this.path(...names), "utf8");
  }

  /** The machine's sh, called with `words`. */
  sh(words: readonly string[], started: (child: ChildProcess) => void = () => {}): Promise<Said> {
    return new Promise((resolve) => {
      const child = execFile(join(this.#bin, "sh"), words, { env: this.#env, maxBuffer: 1e8 }, (error, out, err) => {
        resolve({ status: error === null ? 0 : typeof error.code === "number" ? error.code : null, out, err });
      });
      child.stdin?.end();
      started(child);
    });
  }

  /** A script in a mount namespace of its own, where it may mount what it likes. */
  unshared(text: string, ...words: string[]): Promise<Said> {
    return new Promise((resolve) => {
      const args = ["-rm", join(this.#bin, "sh"), "-c", text, "sh", ...words];
      execFile("unshare", args, { env: this.#env, maxBuffer: 1e8 }, (error, out, err) => {
        resolve({ status: error === null ? 0 : typeof error.code === "number" ? error.code : null, out, err });
      });
    });
  }

  agent(...words: string[]): Promise<Said> {
    return this.sh([join(remote, "agent.sh"), ...words]);
  }

  /** A script as a transport delivers it. */
  script(text: string): Promise<Said> {
    return this.sh(["-c", text]);
  }

  /** Puts the tests' suite there, and a plan of `lines`. */
  async plan(batch: string, lines: readonly string[]): Promise<void> {
    if (!existsSync(this.path("ship", "s.ok"))) {
      if (!existsSync(this.path("ship"))) await this.agent("clean", "r");
      cpSync(suite, this.path("ship", "s"), { recursive: true });
      writeFileSync(this.path("ship", "s.ok"), "");
    }
    mkdirSync(this.path("runs", "r", "batches", batch), { recursive: true });
    const text = ["timetrial-batch 1", "suite s s", ...lines, ""].join("\n");
    writeFileSync(this.path("runs", "r", "batches", batch, "plan"), text);
  }

  /** Puts a suite of `files` there, as if it were shipped, and a plan of `lines` for it. */
  async planFor(files: readonly ShippedFile[], batch: string, lines: readonly string[]): Promise<void> {
    if (!existsSync(this.path("ship"))) await this.agent("clean", "r");
    for (const { path, bytes } of files) {
      mkdirSync(dirname(this.path("ship", "own", path)), { recursive: true });
      writeFileSync(this.path("ship", "own", path), bytes);
    }
    writeFileSync(this.path("ship", "own.ok"), "");
    mkdirSync(this.path("runs", "r", "batches", batch), { recursive: true });
    const text = ["timetrial-batch 1", "suite command own", ...lines, ""].join("\n");
    writeFileSync(this.path("runs", "r", "batches", batch, "plan"), text);
  }

  /** One call of `run`, its frame proved and its lines fit for the client. */
  async call(batch: string, offset = 0, wait_s = 20): Promise<Reply> {
    return reply(await this.agent("run", "r", batch, String(offset), String(wait_s)));
  }

  /** All lines of the batch's journal, followed to its end. */
  async run(batch: string, lines?: readonly string[]): Promise<JournalLine[]> {
    if (lines !== undefined) await this.plan(batch, lines);
    const all: JournalLine[] = [];
    let offset = 0;
    for (;;) {
      const { lines: news, length, state } = await this.call(batch, offset);
      all.push(...news);
      offset += length;
      if (state === "ended") return all;
    }
  }

  /** Makes what is called `name` there by `target`. */
  link(target: string, ...names: string[]): void {
    symlinkSync(target, this.path(...names));
  }

  mode(mode: number): void {
    chmodSync(this.home, mode);
  }
}

export function reply({ status, out, err }: Said): Reply {
  const frame = parseReply(out);
  if (status !== 0 || "fault" in frame)
    throw new Error(`status ${status}, ${"fault" in frame ? frame.fault : ""}: ${err}${out}`);
  return { ...frame, lines: frame.lines.map((line) => v.parse(journalSchema, JSON.parse(line))) };
}

/** Is there a process `pid` that is no zombie? */
export function alive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
