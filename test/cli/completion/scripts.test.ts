// The scripts of completions/: under the parser of their own shell, and at work in it.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { which } from "../../support/suite-steps.ts";

const root = join(import.meta.dirname, "../../..");
const scripts = { bash: "timetrial.bash", zsh: "_timetrial", fish: "timetrial.fish" } as const;
const parse = { bash: ["-n"], zsh: ["-n"], fish: ["--no-execute"] } as const;
type Shell = keyof typeof scripts;

const isBuilt = existsSync(join(root, "dist/cli.js"));
const why = (shell: Shell): string =>
  which(shell) === undefined ? ` [needs ${shell}]` : isBuilt ? "" : " [needs build]";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "timetrial-completion-"));
  mkdirSync(join(folder, "bin"));
  symlinkSync(join(root, "bin/timetrial.cjs"), join(folder, "bin/timetrial"));
  const plan = { spec: { sides: [{ name: "new", type: "m9z.large" }] }, suites: [] };
  for (const run of ["20200101-000000-dead", "20200102-$(touch evil)", "20200103-`touch evil`", "--trust"]) {
    mkdirSync(join(folder, "results", run), { recursive: true });
    writeFileSync(join(folder, "results", run, "plan.json"), JSON.stringify(plan));
  }
  writeFileSync(join(folder, "notes.txt"), "");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs `program`, which has the script of its shell as its first argument, in the folder of runs. */
function inShell(
  shell: Shell,
  words: readonly string[],
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const env = {
    PATH: `${join(folder, "bin")}:${process.env["PATH"]}`,
    HOME: folder,
    XDG_STATE_HOME: folder,
    TERM: "dumb",
    LC_ALL: "C.UTF-8",
  };
  return spawnSync(which(shell) ?? shell, words, { encoding: "utf8", cwd: folder, env });
}

describe.each(Object.keys(scripts) as Shell[])("%s", (shell) => {
  test.skipIf(which(shell) === undefined)(
    `its script has no fault that its own parser sees${which(shell) === undefined ? ` [needs ${shell}]` : ""}`,
    () => {
      const file = join(root, "completions", scripts[shell]);
      const { status, stderr } = inShell(shell, [...parse[shell], file]);
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      const broken = join(folder, `broken-${shell}`);
      writeFileSync(broken, `${readFileSync(file, "utf8")}\nfor ((`);
      expect(inShell(shell, [...parse[shell], broken]).status).not.toBe(0);
    },
  );

  test.skipIf(!isBuilt)(`timetrial completion ${shell} prints it${isBuilt ? "" : " [needs build]"}`, () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "dist/cli.js"), "completion", shell], {
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toBe(readFileSync(join(root, "completions", scripts[shell]), "utf8"));
  });
});

/** What is typed before Tab, and the values that are offered for its last word. */
const typed: Readonly<Record<string, readonly string[]>> = {
  "timetrial repo": ["report"],
  "timetrial sweep --format j": ["json"],
  "timetrial sweep --format=j": ["--format=json"],
  "timetrial run hashes/sha512/o": ["hashes/sha512/openssl-evp"],
  "timetrial report 2020": ["20200101-000000-dead"],
  "timetrial report old=2020": ["old=20200101-000000-dead"],
  "timetrial compare m9": ["m9z.large"],
  "timetrial compare published:c7g": ["published:c7g.8xlarge"],
  "timetrial compare local fir": ["firecracker:"],
  "timetrial report latest --out notes": ["notes.txt"],
};

/** No command in the name of a folder was run. */
const isHarmless = (): boolean => !existsSync(join(folder, "evil"));

describe("at work in its own shell, and running nothing that a folder is called:", () => {
  test.skipIf(why("bash") !== "")(`bash${why("bash")}`, () => {
    // As readline calls it: the words are cut at = and : too, and only what stands behind the last of them is replaced.
    const lines = Object.keys(typed).map((line) => {
      const pieces = line.split(/(?<=[ =:])|(?=[ =:])/).filter((piece) => piece !== " ");
      return `try ${[line, ...pieces].map((word) => `'${word}'`).join(" ")}`;
    });
    const text = `. "$1"
try() {
	COMP_LINE=$1 COMP_POINT=\${#1}; shift
	COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _timetrial
	printf '%s\\t%s\\n' "$COMP_LINE" "\${COMPREPLY[*]}"
}
${lines.join("\n")}\ncomplete -p timetrial\n`;
    const { stdout, stderr } = inShell("bash", [
      "--norc",
      "-c",
      text,
      "bash",
      join(root, "completions/timetrial.bash"),
    ]);
    expect(stderr).toBe("");
    const found = stdout.trimEnd().split("\n");
    // No candidate: bash itself offers files, which it does where -o default is set.
    expect(found.pop()).toMatch(/^complete .*-o default .*-F _timetrial timetrial$/);
    const behindBreaks = (value: string): string => value.replace(/.*[=:](?=.)/, "");
    expect(Object.fromEntries(found.map((line) => line.split("\t")))).toEqual(
      Object.fromEntries(
        Object.entries(typed).map(([line, values]) => [
          line,
          line.includes("--out") ? "" : values.map(behindBreaks).join(" "),
        ]),
      ),
    );
    expect(isHarmless()).toBe(true);
  });

  test.skipIf(why("fish") !== "")(`fish${why("fish")}`, () => {
    const asked = Object.keys(typed).map(
      (line) => `complete -C '${line}' | string replace -r '\\t.*' '' | string join ' '; echo`,
    );
    const text = `source '${join(root, "completions/timetrial.fish")}'\n${asked.join("\n")}\n`;
    const { stdout, stderr } = inShell("fish", ["--no-config", "-c", text]);
    expect(stderr).toBe("");
    const found = stdout.split("\n").filter((line) => line !== "");
    expect(found).toEqual(Object.values(typed).map((values) => values.join(" ")));
    expect(isHarmless()).toBe(true);
  });

  test.skipIf(why("zsh") !== "")(`zsh${why("zsh")}`, () => {
    // An interactive zsh at a terminal. A key of the test's own writes what stands in the command line to a file.
    const shown = join(folder, "shown");
    const keys = Object.keys(typed).map((line) => `zpty -w -n t '${line}'$'\\t\\C-x\\C-x'`);
    const text = `zmodload zsh/zpty || exit 9
zpty t zsh -f -i
zpty -w t 'autoload -Uz compinit; compinit -D -u; source ${join(root, "completions/_timetrial")}'
zpty -w t 'show() { print -r -- "$BUFFER" >> ${shown}; BUFFER= }; zle -N show; bindkey "^X^X" show; print -r -- REA""DY'
zpty -r -m t out '*READY*'
${keys.join("\n")}
zpty -w t exit
while zpty -r t out; do :; done
`;
    const { status } = inShell("zsh", ["-f", "-c", text]);
    expect(status).not.toBe(9);
    const found = readFileSync(shown, "utf8").split("\n").slice(0, -1);
    expect(found.map((line) => line.trimEnd())).toEqual(
      Object.entries(typed).map(([line, values]) => line.replace(/\S+$/, values[0] ?? "")),
    );
    expect(isHarmless()).toBe(true);
  });
});
