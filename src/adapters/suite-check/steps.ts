// Findings in the text of a suite's steps: missing steps, bashisms, and checks that check nothing.

import type { SuiteFinding } from "../../domain/suite-finding.ts";
import type { Manifest, ShippedFile } from "../../domain/plan/suite.ts";

/** Bashisms: the pattern, its name, and what to write instead. */
const ofBash: readonly (readonly [RegExp, string, string])[] = [
  [/(^|[\s;&|(!])\[\[\s/, "[[ … ]]", "[ … ]"],
  [/(^|[;&|{(]|\b(then|do|else))\s*function\s+\w/, "function NAME", "NAME() {"],
  [/^\s*\w+\(\)\s*\($|^\s*\w+=\(/, "an array", 'set -- and "$@", or a file of lines'],
  [/\$\{\w+\[/, "an array", 'set -- and "$@", or a file of lines'],
  [/<<</, "<<<", "printf '%s\\n' … |, or <<EOF"],
  [/(^|[;&|{(]|\b(then|do|else))\s*source\s/, "source", ". FILE"],
  [/&>>?/, "&>", ">FILE 2>&1"],
  [/\$'/, "$'…'", "printf"],
  [/\[\s[^\]]*\s==\s/, "== in [", "="],
  [/\{\d+\.\.\d+\}/, "{1..9}", "a while loop"],
  [/(^|[;&|{(]|\b(then|do|else))\s*(echo\s+-[neE]+)\s/, "echo with options", "printf"],
  [/(^|[;&|{(]|\b(then|do|else))\s*(local|declare|typeset)\s/, "local variables", "names of their own: _step_x"],
  [/set\s+-o\s+pipefail/, "pipefail", "the steps one by one, by a file"],
  [/\$\{\w+(,,|\^\^)/, "${x,,}", "tr A-Z a-z"],
  [/\$\{\w+:-?\d+:\d+\}/, "${x:1:2}", "cut -c, or ${x#?}"],
  [/(^|[;&|{]|\b(then|do|else))\s*(\(\(|let\s)/, "((…))", "$((…))"],
  [/<\(|>\(/, "<(…)", "a file"],
];

/** Every bashism in `scripts`. */
export function findBashisms(scripts: readonly ShippedFile[]): SuiteFinding[] {
  return scripts.flatMap(({ path, bytes }) =>
    linesOf(bytes).flatMap((line, i) => {
      const code = line.replace(/(^|\s)#.*$/, "").replace(/(?<!\$)'[^']*'/g, "''");
      const found = ofBash.find(([sign]) => sign.test(code));
      return found === undefined
        ? []
        : [{ file: path, line: i + 1, what: `${found[1]} is of bash, not of every sh`, hint: `write ${found[2]}` }];
    }),
  );
}

/** Missing steps and useless checks in the suite of `files`, which is shipped with `along`. */
export function stepFindings(
  files: readonly ShippedFile[],
  along: readonly ShippedFile[],
  manifest: Manifest | undefined,
): SuiteFinding[] {
  const scripts = files.filter(({ path }) => path.endsWith(".sh"));
  const has = (path: string): boolean => files.some((file) => file.path === path);
  const check = files.find(({ path }) => path === "check.sh");
  return [
    ...(has("run.sh")
      ? []
      : [{ file: "", what: "there is no run.sh", hint: "it is the timed step: it does the work of row ${TT_ROW}" }]),
    ...(has("check.sh")
      ? []
      : [
          {
            file: "",
            what: "there is no check.sh",
            hint: "it ends with 0 where run.sh did the work, else with 1; without it no time counts",
          },
        ]),
    ...(check !== undefined && alwaysSucceeds(check) ? [checksNothing] : []),
    ...drivers(files, [...scripts, ...along.filter(({ path }) => path.endsWith(".sh"))], manifest),
    ...scripts.flatMap(inText),
    ...files
      .filter(({ path }) => Buffer.byteLength(path) > 100)
      .map(({ path }) => ({
        file: path,
        what: "a path of over 100 bytes",
        hint: "shorten it: an archive takes no more",
      })),
  ];
}

export const checksNothing: SuiteFinding = {
  file: "check.sh",
  what: "it succeeds whatever run.sh did",
  hint: 'compare what was made with what is known, as in: [ "$(cat "${TT_STEP_DIR}/out")" = 42 ]',
};

/** Whether no command in it can fail. */
function alwaysSucceeds({ bytes }: ShippedFile): boolean {
  const code = linesOf(bytes).map((line) => line.replace(/(^|\s)#.*$/, "").trim());
  return code.every((line) => /^(|:|true|set -[eu]+|exit( 0)?|(echo|printf)\s[^|&;$`]*|\w+=[^$`;&|]*)$/.test(line));
}

/** Setup must name a driver for each implementation: a row without one is skipped. */
function drivers(
  files: readonly ShippedFile[],
  scripts: readonly ShippedFile[],
  manifest: Manifest | undefined,
): SuiteFinding[] {
  const impls = [...new Set(manifest?.rows.map(({ impl }) => impl))];
  const lines = impls.map((impl) => `echo driver.${impl}=sh`).join("; ");
  if (!files.some(({ path }) => path === "setup.sh")) {
    const hint = `write one that says what runs each impl: ${lines}`;
    return impls.length === 0 ? [] : [{ file: "", what: "there is no setup.sh, so that no row can run", hint }];
  }
  const scriptText = scripts.map(({ bytes }) => Buffer.from(bytes).toString()).join("\n");
  const general = /driver\.["']?\$/.test(scriptText);
  return impls
    .filter((impl) => !general && !scriptText.includes(`driver.${impl}=`) && !scriptText.includes(`driver.${impl}`))
    .map((impl) => ({
      file: "setup.sh",
      what: `it prints no driver.${impl}=…: rows by ${impl} are skipped`,
      hint: `add: echo driver.${impl}=sh`,
    }));
}

function inText({ path, bytes }: ShippedFile): SuiteFinding[] {
  const lines = linesOf(bytes);
  const carriage = lines.findIndex((line) => line.endsWith("\r"));
  const other = /^#!.*\b(bash|zsh|ksh|python3?|perl|node)\b/.exec(lines[0] ?? "");
  return [
    ...(carriage === -1
      ? []
      : [
          {
            file: path,
            line: carriage + 1,
            what: "a line ends with a carriage return",
            hint: "save it with Unix line ends",
          },
        ]),
    ...(other === null
      ? []
      : [
          {
            file: path,
            line: 1,
            what: `it asks for ${other[1]}, and is run by sh`,
            hint: "write #!/bin/sh, and POSIX sh below it; or call the other program from it",
          },
        ]),
  ];
}

function linesOf(bytes: Uint8Array): string[] {
  return Buffer.from(bytes).toString().split("\n");
}
