// A gate as a CI has it: the commands of docs/ci.md on two commits of a repository, and the program of action.yml.

import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { validateAction } from "@action-validator/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Desk } from "../support/cli.ts";
import { onStillHost } from "../support/still-host.mjs";
import { dist } from "../support/desk-folder.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(join(root, "docs", "ci.md"), "utf8");
const [twoCommits = "", stored = ""] = [...page.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block]) => block);

const git = spawnSync("git", ["--version"]).status === 0;
const needsGit = git ? "" : " [needs git]";

let desk: Desk;
beforeAll(() => {
  desk = new Desk(0.02);
});
afterAll(() => desk.clear());

const called = (command: string, words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  spawnSync(command, words, { cwd: desk.folder, env: { ...desk.env, ...env } as NodeJS.ProcessEnv, encoding: "utf8" });

/** A PATH with a program `timetrial` in front, which is the built command line. */
function withTimetrial(): string {
  const folder = join(desk.folder, "programs");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "timetrial");
  const words = onStillHost([process.execPath, join(dist, "cli.js")]);
  writeFileSync(path, `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(" ")} "$@"\n`);
  chmodSync(path, 0o755);
  return [folder, process.env["PATH"]].join(delimiter);
}

/** A repository whose second commit takes ten times as long. */
function repository(): string {
  const identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"];
  const words = (...rest: string[]) => called("git", [...identity, ...rest]);
  words("init", "-q", ".");
  writeFileSync(join(desk.folder, ".gitignore"), "*\n!/bench\n!/build\n");
  for (const seconds of ["0.03", "0.3"]) {
    // What is built is what is run: without --setup there is no program.
    writeFileSync(
      join(desk.folder, "build"),
      `printf '#!/bin/sh\\nexec sleep ${seconds}\\n' > bench && chmod +x bench\n`,
    );
    words("add", "build", "-f");
    expect(words("commit", "-q", "-m", seconds)).toMatchObject({ status: 0 });
  }
  return called("git", ["rev-parse", "HEAD~1"]).stdout.trim();
}

describe("the commands of docs/ci.md", () => {
  test.skipIf(!git)(
    `tell that the second of two commits is slower, in turns and by stored runs${needsGit}`,
    async () => {
      const BASE = repository();
      const env = { BASE, PATH: withTimetrial() };
      const ended = called("sh", ["-c", twoCommits], env);
      expect(ended.stderr).not.toContain("timetrial:");
      expect(ended.stdout.replace(/\s+/g, " ")).toMatch(
        /gate: fail fail: real slower than 10 %: new\/bench \+\d{3} % \(\+\d+ % to/,
      );
      expect(ended.status).toBe(6);
      expect(readFileSync(join(desk.folder, "summary.md"), "utf8")).toMatch(
        /^\*\*gate: fail\*\*\n\n- \*\*fail\*\*: real slower than 10 %: new\/bench \+/,
      );
      const apart = called("sh", ["-c", stored], env);
      expect(apart.stdout.replace(/\s+/g, " ")).toMatch(/gate: fail fail: real slower than 10 %: \.\/bench \+\d{3} % /);
      expect(apart.status).toBe(6);
      expect(readFileSync(join(desk.folder, "apart.md"), "utf8")).toMatch(/^\*\*gate: fail\*\*\n/);
    },
  );
});

describe("action.yml", () => {
  const action = readFileSync(join(root, "action.yml"), "utf8");
  const program = readFileSync(join(root, "action", "gate.mjs"), "utf8");

  test("is valid by GitHub's schema, and no text of a shell in it holds an input", () => {
    expect(validateAction(action).errors).toEqual([]);
    expect(validateAction(action.replace("using: composite", "using: shells")).errors).not.toEqual([]);
    const runs = [...action.matchAll(/^ +run: (.*)$/gm)].map(([, run]) => run);
    expect(runs).toEqual(['node "$GITHUB_ACTION_PATH/action/gate.mjs"']);
    // Every other place of an expression is a variable of the environment, or an output.
    const places = action.split("\n").filter((line) => line.includes("${{"));
    expect(places.filter((line) => !/^ +(?:INPUT_[A-Z_]+|value): \$\{\{ [\w.-]+ \}\}$/.test(line))).toEqual([]);
    const inputs = [...(/^inputs:\n([\s\S]*?)^outputs:/m.exec(action)?.[1] ?? "").matchAll(/^ {2}([\w-]+):$/gm)];
    expect(inputs.length).toBe(5);
    for (const [, name = ""] of inputs) {
      expect(action).toContain(`INPUT_${name.toUpperCase().replaceAll("-", "_")}: \${{ inputs.${name} }}`);
      expect(program).toMatch(new RegExp(`(?:input|linesOf)\\("${name}"\\)`));
    }
    expect(program).not.toMatch(/shell: true|execSync/);
  });

  /** Runs the action's program as GitHub does, with its inputs as environment variables. */
  function step(inputs: Readonly<Record<string, string>>) {
    const files = { GITHUB_OUTPUT: join(desk.folder, "output"), GITHUB_STEP_SUMMARY: join(desk.folder, "step.md") };
    for (const file of Object.values(files)) writeFileSync(file, "");
    const named = Object.entries({ program: join(dist, "cli.js"), ...inputs });
    const env = Object.fromEntries(
      named.map(([name, value]) => [`INPUT_${name.toUpperCase().replaceAll("-", "_")}`, value]),
    );
    const [program = "", ...words] = onStillHost([process.execPath, join(root, "action", "gate.mjs")]);
    const ended = called(program, words, {
      ...files,
      ...env,
      RUNNER_TEMP: desk.folder,
    });
    const [output, summary] = [files.GITHUB_OUTPUT, files.GITHUB_STEP_SUMMARY].map((file) =>
      readFileSync(file, "utf8"),
    );
    return { status: ended.status, stderr: ended.stderr, output, summary };
  }

  test("fails a step whose limit is exceeded, with the summary and the outputs", () => {
    const words = [
      "run",
      "-r",
      "6",
      "--quiet",
      "--results",
      "steps",
      "--command",
      "sleep 0.02",
      "--command",
      "sleep 0.2",
    ];
    const ended = step({
      arguments: words.join("\n"),
      "fail-if": "real slower than 50 %\n\ngeomean real slower than 9 %\n",
    });
    expect(ended.summary).toMatch(
      /^\*\*gate: fail\*\*\n\n- \*\*fail\*\*: real slower than 50 %: .*\n- \*\*fail\*\*: geomean real/,
    );
    expect(ended.output).toMatch(/^answer=fail\nstatus=6\nsummary=.*summary\.md\n$/);
    expect(ended.status).toBe(6);
  });

  test("takes every input as words of a program", () => {
    const limit = "cpu slower than 3 % $(touch evil) `touch evil`; touch evil";
    const ended = step({ arguments: "report\nnone;touch evil", "fail-if": limit });
    expect(ended).toMatchObject({ status: 2, summary: "", output: "answer=\nstatus=2\nsummary=\n" });
    expect(ended.stderr).toContain("--fail-if: expected a limit such as 'cpu slower than 3 %'");
    expect(existsSync(join(desk.folder, "evil"))).toBe(false);
    expect(step({ arguments: "report", program: "", version: "1; touch evil" })).toMatchObject({ status: 2 });
    expect(step({ arguments: " \n" })).toMatchObject({ status: 2 });
  });
});
