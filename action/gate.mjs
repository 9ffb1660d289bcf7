// The program of action.yml: runs timetrial with the words of the inputs, adds its Markdown to the job's summary, and ends
// with its exit status. Inputs are words of a program, never text of a shell.

import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const input = (name) => (process.env[`INPUT_${name.toUpperCase().replaceAll("-", "_")}`] ?? "").trim();
const linesOf = (name) =>
  input(name)
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");

/** Ends the step with a message. */
function refuse(message) {
  console.error(`timetrial gate: ${message}`);
  process.exit(2);
}

const words = linesOf("arguments");
if (words.length === 0) refuse("arguments: expected the words of a command, one a line");
const version = input("version") || "latest";
if (!/^[\w.-]+$/.test(version)) refuse(`version: expected a version or a tag of npm, got ${JSON.stringify(version)}`);

const summary = join(mkdtempSync(join(process.env.RUNNER_TEMP ?? tmpdir(), "timetrial-")), "summary.md");
const options = [
  ...linesOf("fail-if").flatMap((limit) => ["--fail-if", limit]),
  ...(input("undecided") === "" ? [] : ["--undecided", input("undecided")]),
  "--export-markdown",
  summary,
];
// What stands behind -- is a command of the user's own: options come before it.
const at = words.includes("--") ? words.indexOf("--") : words.length;
const all = words.toSpliced(at, 0, ...options);
const [program, ...before] =
  input("program") === "" ? ["npx", "--yes", `timetrial@${version}`] : [process.execPath, input("program")];
const ended = spawnSync(program, [...before, ...all], { stdio: "inherit" });
if (ended.error !== undefined) refuse(`cannot start ${program}: ${ended.error.message}`);

const status = ended.status ?? 1;
const text = existsSync(summary) ? readFileSync(summary, "utf8") : "";
const [, answer = ""] = /^\*\*gate: (pass|fail|undecided)/.exec(text) ?? [];
const append = (variable, added) => {
  if (process.env[variable] !== undefined) appendFileSync(process.env[variable], added);
};
append("GITHUB_STEP_SUMMARY", text);
append("GITHUB_OUTPUT", `answer=${answer}\nstatus=${status}\nsummary=${text === "" ? "" : summary}\n`);
process.exit(status);
