// Runs check.sh for every row in an empty folder: a check that succeeds there proves nothing.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import type { SuiteFinding } from "../../domain/suite-finding.ts";
import type { Manifest } from "../../domain/plan/suite.ts";

const limit_ms = 10_000;

/** Findings for the rows of `manifest` whose check.sh exits 0 with no work done. `folder` is the suite as shipped. */
export async function checkRejectsNoWork(folder: string, manifest: Manifest): Promise<SuiteFinding[]> {
  const scratch = await mkdtemp(join(tmpdir(), "timetrial-check-"));
  try {
    const idle: string[] = [];
    for (const { name, impl } of manifest.rows)
      if (await succeeds(folder, scratch, manifest, name, impl)) idle.push(`${name}/${impl}`);
    if (idle.length === 0) return [];
    return [
      {
        file: "check.sh",
        what: `it succeeds for ${idle.join(", ")} though nothing was run`,
        hint: "compare what run.sh printed (${TT_STEP_DIR}/out) or made (${TT_WORK}) with what is known",
      },
    ];
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function succeeds(
  folder: string,
  scratch: string,
  manifest: Manifest,
  row: string,
  impl: string,
): Promise<boolean> {
  const [work, step] = [join(scratch, "work"), join(scratch, "step")];
  await rm(work, { recursive: true, force: true });
  for (const made of [work, step]) await mkdir(made, { recursive: true });
  for (const file of ["out", "err"]) await writeFile(join(step, file), "");
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: work,
    LC_ALL: "C",
    TT_SUITE_DIR: folder,
    TT_WORK: work,
    TT_STEP_DIR: step,
    TT_REFUSED: join(work, "refused"),
    TT_ROW: row,
    TT_IMPL: impl,
    TT_DRIVER: "sh",
    TT_NCPU: "1",
    ...Object.fromEntries(Object.entries(manifest.params).map(([name, value]) => [`TT_PARAM_${name}`, value])),
  };
  const words = [join(folder, "check.sh")];
  const options = { cwd: work, env, extendEnv: false, reject: false, stdin: "ignore", timeout: limit_ms } as const;
  return (await execa("sh", words, options)).exitCode === 0;
}
