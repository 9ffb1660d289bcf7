// Checks scripts with shellcheck, and with the syntax check of every shell on this machine.

import { execa } from "execa";
import type { SuiteCheckResult, SuiteFinding } from "../../domain/suite-finding.ts";
import type { ShippedFile } from "../../domain/plan/suite.ts";

const limit_ms = 60_000;

interface Comment {
  readonly file: string;
  readonly line: number;
  readonly level: string;
  readonly code: number;
  readonly message: string;
}

/** shellcheck's findings about `scripts`; a note where it is not installed. */
export async function shellcheck(folder: string, scripts: readonly ShippedFile[]): Promise<SuiteCheckResult> {
  const version = await runTool(["shellcheck", "--version"], folder);
  if (version === undefined)
    return { findings: [], notes: ["shellcheck is not here: its findings are missing (install it, and look again)"] };
  const notes = [`shellcheck ${/version: (\S+)/.exec(version.stdout)?.[1] ?? ""} has read the steps`];
  if (scripts.length === 0) return { findings: [], notes };
  const words = [
    "shellcheck",
    "-s",
    "sh",
    "-x",
    "-P",
    "SCRIPTDIR",
    "-f",
    "json",
    "--",
    ...scripts.map(({ path }) => path),
  ];
  const ran = await runTool(words, folder);
  const comments = jsonIn(ran?.stdout ?? "") as readonly Comment[];
  const findings = comments
    // The agent sets these variables for every step.
    .filter(({ code, message }) => !(code === 2154 && message.startsWith("TT_")))
    .map(({ file, line, code, message }) => ({
      file,
      line,
      what: `SC${code}: ${oneLine(message)}`,
      hint: `see https://www.shellcheck.net/wiki/SC${code}`,
    }));
  return { findings, notes };
}

/** Prints the names, each with a NUL behind it, of the scripts that the shell (two words, the second may be empty) cannot read. */
const unreadable =
  'shell=$1 applet=$2; shift 2; for script; do "${shell}" ${applet:+"${applet}"} -n "./${script}" </dev/null >/dev/null 2>&1 || printf "%s\\000" "${script}"; done';

const shells = [["sh"], ["dash"], ["bash", "--posix"], ["busybox", "sh"], ["mksh"], ["ksh"]] as const;

/** Syntax errors of `scripts` in any of the shells on this machine. */
export async function checkSyntax(folder: string, scripts: readonly ShippedFile[]): Promise<SuiteCheckResult> {
  const here: (typeof shells)[number][] = [];
  for (const shell of shells) if ((await runTool([...shell, "-c", ":"], folder))?.failed === false) here.push(shell);
  const byPlace = new Map<string, { readonly finding: SuiteFinding; readonly by: string[] }>();
  // One process a shell reads them all, since most have no errors.
  const broken = new Set<string>();
  for (const [shell, applet = ""] of here) {
    const words = ["sh", "-c", unreadable, "sh", shell, applet, ...scripts.map(({ path }) => path)];
    for (const path of (await runTool(words, folder))?.stdout.split("\0") ?? []) broken.add(path);
  }
  for (const { path } of scripts.filter((script) => broken.has(script.path))) {
    for (const shell of here) {
      const read = await runTool([...shell, "-n", `./${path}`], folder);
      if (read === undefined || !read.failed) continue;
      const line = Number(/(?:: line |: ?|\[)(\d+)(?:\]|:)/.exec(read.stderr)?.[1] ?? 0);
      const message = oneLine(read.stderr).replace(/^.*?\d+\]?: ?/, "");
      const known = byPlace.get(`${path}:${line}`);
      if (known !== undefined) known.by.push(shell[0] ?? "");
      else byPlace.set(`${path}:${line}`, { finding: { file: path, line, what: message }, by: [shell[0] ?? ""] });
    }
  }
  return {
    findings: [...byPlace.values()].map(({ finding, by }) => ({
      ...finding,
      what: `syntax under ${by.join(", ")}: ${finding.what}`,
      hint: "steps are run by whatever sh the machine has: keep to POSIX",
    })),
    notes: [`read by ${here.map(([name]) => name).join(", ")}`],
  };
}

/** The result of running `words`. Undefined where there is no such program. */
async function runTool(words: readonly string[], cwd: string) {
  const [program = "", ...args] = words;
  const ran = await execa(program, args, { cwd, reject: false, stdin: "ignore", timeout: limit_ms });
  return ran.code === "ENOENT" ? undefined : ran;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return [];
  }
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim().slice(0, 300);
}
