// A small suite of a user's own, made on the spot: a manifest and steps in a folder.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Made {
  readonly name?: string;
  /** TOML between the head and the rows. */
  readonly toml?: string;
  /** By row: what follows its name and impl in the manifest. */
  readonly rows: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
}

/** What every step file is where `files` says nothing: rows are counted, and a row's name is what proves it. */
const steps: Readonly<Record<string, string>> = {
  "setup.sh": "#!/bin/sh\necho driver.own=sh\n",
  "run.sh": '#!/bin/sh\nsleep 0.05\necho "${TT_ROW}"\n',
  "check.sh": '#!/bin/sh\n# Was the row named?\n[ "$(cat "${TT_STEP_DIR}/out")" = "${TT_ROW}" ]\n',
};

export function makeSuite(folder: string, { name = "mine", toml = "", rows, files = {} }: Made): void {
  mkdirSync(folder, { recursive: true });
  const written = Object.entries(rows).map(([row, more]) => `[[rows]]\nname = "${row}"\nimpl = "own"\n${more}\n`);
  const head = `name = "${name}"\ntitle = "a suite of one's own"\nversion = "1"\nos = ["linux", "freebsd"]\n`;
  writeFileSync(join(folder, "suite.toml"), [head, toml, ...written].join("\n"));
  for (const [path, text] of Object.entries({ ...steps, ...files })) writeFileSync(join(folder, path), text);
}
