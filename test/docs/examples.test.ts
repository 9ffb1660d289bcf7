// The programs in examples/ and the examples of docs/api.md are type-checked against the built package; the programs run.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The folder of a project that has timetrial installed, and a home for the agent. */
let project: string;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "timetrial-examples-"));
  mkdirSync(join(project, "node_modules"));
  symlinkSync(root, join(project, "node_modules", "timetrial"));
  symlinkSync(join(root, "node_modules", "@types"), join(project, "node_modules", "@types"));
  writeFileSync(join(project, "package.json"), '{ "type": "module" }');
  const { compilerOptions } = JSON.parse(readFileSync(join(root, "tsconfig.json"), "utf8")) as {
    compilerOptions: object;
  };
  writeFileSync(
    join(project, "tsconfig.json"),
    JSON.stringify({ compilerOptions: { ...compilerOptions, declaration: false }, include: ["*.ts"] }),
  );
  writeFileSync(join(project, "machine.env"), `TIMETRIAL_HOME=${join(project, "home")}\n`);
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

async function install(name: string): Promise<void> {
  const { code } = await transform(readFileSync(join(root, "examples", `${name}.ts`), "utf8"), { loader: "ts" });
  writeFileSync(join(project, `${name}.mjs`), code);
}

function node(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, words, {
    cwd: project,
    encoding: "utf8",
    env: { ...process.env, TIMETRIAL_MACHINE_ENV: join(project, "machine.env") },
  });
  return { status, stdout, stderr };
}

describe("a program that has timetrial installed", () => {
  test("compiles every example", () => {
    for (const name of readdirSync(join(root, "examples")).filter((each) => each.endsWith(".ts")))
      writeFileSync(join(project, name), readFileSync(join(root, "examples", name)));
    const page = readFileSync(join(root, "docs", "api.md"), "utf8");
    const examples = [...page.matchAll(/^```ts example\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => code);
    expect(examples.length).toBeGreaterThan(30);
    // Each is a module: none sees another's names.
    for (const [i, code] of examples.entries()) writeFileSync(join(project, `api-${i}.ts`), `${code}\nexport {};\n`);
    expect(node(join(root, "node_modules", "typescript", "bin", "tsc"), "-p", project)).toEqual({
      status: 0,
      stdout: "",
      stderr: "",
    });
  });

  test("measures by a transport of its own, and analyses the run that it stored", async () => {
    await Promise.all([install("transport"), install("analyse-run")]);
    const measured = node("transport.mjs", "results", "env", "nice", "-n", "5");
    expect({ ...measured, stdout: "" }).toEqual({ status: 0, stdout: "", stderr: expect.stringContaining("record\n") });
    expect(measured.stdout).toMatch(/^here -> there · .* · 1 machine a side/);
    expect(measured.stdout).toMatch(/^ *sha256 .* s .* s /m);
    const [run = ""] = readdirSync(join(project, "results"));
    const analysed = node("analyse-run.mjs", "results", run);
    expect(analysed.stderr).toBe("");
    expect(analysed.stdout).toMatch(/^there is surely faster than here in \d+ of \d+ rows$/m);
    expect(analysed.stdout).toMatch(/^hashes\/sha256\/\S+ on there: one machine$/m);
  });

  test("says which machine it cannot reach", async () => {
    await install("transport");
    const { status, stderr } = node("transport.mjs", "results", "no-such-command");
    expect(status).toBe(1);
    expect(stderr).toContain("cannot run no-such-command");
  });
});
