// A stored run, checked by the built command line: as it is, and with one thing changed at a time.

import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { resultFolders } from "../../src/adapters/folders/results.ts";
import type { RunRecord } from "../../src/domain/record.ts";
import { aStoredRun } from "../report/a-run.ts";
import { Desk } from "./cli.ts";

const digests: Readonly<Record<string, string>> = {
  md5: "52e5f9c9e6f656f3e1800dfa5579d089",
  sha1: "74a57b897cc581defa5b3a359fa762a1b83a60e8",
};

let desk: Desk;
let run: string;
beforeAll(async () => {
  desk = new Desk(1);
  const stored = aStoredRun({
    change: (record) => ({ ...record, work_id: "1x10000x10000", digest: digests[record.row] as string }),
  });
  const store = await resultFolders(join(desk.folder, "results")).create(stored.plan);
  for (const record of stored.records) await store.append(record);
  for (const { name, facts } of stored.machines) {
    await store.facts({ name, side: name.slice(0, 3), address: { kind: "local" } }, facts);
  }
  await store.close();
  run = stored.plan.run;
});
afterAll(() => desk.clear());

/** A copy of the run in which `change` was done, and the sums made to fit again unless `sums` is false. */
function planted(change: (folder: string) => void, { sums = true } = {}): string {
  const folder = join(desk.folder, "planted");
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(desk.folder, "results", run), folder, { recursive: true });
  change(folder);
  if (sums) {
    const paths = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .map((path) => join(folder, path))
      .filter((path) => statSync(path).isFile() && !path.endsWith("SHA256SUMS"))
      .sort();
    const line = (path: string) =>
      `${createHash("sha256").update(readFileSync(path)).digest("hex")}  ${relative(folder, path)}\n`;
    writeFileSync(join(folder, "SHA256SUMS"), paths.map(line).join(""));
  }
  return folder;
}

function edit(folder: string, line: number, change: (record: RunRecord) => object): void {
  const path = join(folder, "records.ndjson");
  const lines = readFileSync(path, "utf8").split("\n");
  lines[line - 1] = JSON.stringify(change(JSON.parse(lines[line - 1] as string) as RunRecord));
  writeFileSync(path, lines.join("\n"));
}

const lastLine = async (): Promise<string> => (await desk.run(["report", run])).stdout.trim().split("\n").at(-1) ?? "";

describe("verify", () => {
  test("passes on a run as it is, on its bundle, and on the tables that were made of it", async () => {
    await desk.run(["report", run, "--format", "json", "--out", "table.json"]);
    const sums = /sums ([0-9a-f]{12})/.exec(await lastLine())?.[1] ?? "";
    const ended = await desk.run(["verify", run, "--sums", sums, "--against", "table.json"]);
    expect(ended).toMatchObject({ status: 0, stderr: "" });
    expect(ended.stdout).toContain("64 fit plan, facts and each other; 64 digests computed again");
    expect(ended.stdout.match(/^ok /gm)).toHaveLength(5);
    expect(await desk.run(["bundle", run])).toMatchObject({ status: 0 });
    expect(await desk.run(["verify", `${run}.tar.gz`, "--sums", sums])).toMatchObject({ status: 0 });
  });

  test("passes where a machine was given up before it said on which host it is", async () => {
    const skipped = { status: "skipped", reason: "agent", driver: "none", host_id: "" };
    const timeless = { real_s: undefined, user_s: undefined, system_s: undefined, digest: undefined, check: undefined };
    const folder = planted((copy) => edit(copy, 3, (record) => ({ ...record, ...timeless, ...skipped })));
    expect(await desk.run(["verify", folder])).toMatchObject({ status: 0, stderr: "" });
  });

  // Ten changes, each of which somebody might make who wants another table.
  test.each<[string, (folder: string) => void, { sums?: boolean }, RegExp]>([
    [
      "a time, the sums left as they were",
      (folder) => edit(folder, 3, (r) => ({ ...r, real_s: 0.5 })),
      { sums: false },
      /^FAIL {2}files {4}records\.ndjson: expected SHA-256/m,
    ],
    [
      "a file taken out",
      (folder) => rmSync(join(folder, "machines", "c7g-1"), { recursive: true }),
      { sums: false },
      /^FAIL {2}files {4}machines\/c7g-1\/facts\.json: named in/m,
    ],
    [
      "a file put in",
      (folder) => (mkdirSync(join(folder, "x")), writeFileSync(join(folder, "x", "y"), "")),
      { sums: false },
      /^FAIL {2}files {4}x\/y: not named/m,
    ],
    [
      "a digest",
      (folder) => edit(folder, 3, (r) => ({ ...r, digest: digests["sha1"] })),
      {},
      /^FAIL {2}records {2}records\.ndjson:3: digest: expected 52e5f9c9/m,
    ],
    [
      "a failed trial called completed",
      (folder) => edit(folder, 3, (r) => ({ ...r, exit_status: 1 })),
      {},
      /records\.ndjson:3: exit_status: expected 0/,
    ],
    [
      "a failed trial that kept its times",
      (folder) => edit(folder, 3, (r) => ({ ...r, status: "failed", reason: "exit" })),
      {},
      /^FAIL {2}records .*records\.ndjson:3: /m,
    ],
    [
      "a trial counted twice",
      (folder) =>
        edit(
          folder,
          4,
          () => JSON.parse(readFileSync(join(folder, "records.ndjson"), "utf8").split("\n")[2] as string) as object,
        ),
      {},
      /records\.ndjson:4: the same trial as in line 3/,
    ],
    [
      "a slow trial taken out",
      (folder) => {
        const path = join(folder, "records.ndjson");
        writeFileSync(path, readFileSync(path, "utf8").split("\n").toSpliced(4, 1).join("\n"));
      },
      {},
      /expected round 5, found none/,
    ],
    [
      "a trial moved to the other side",
      (folder) => edit(folder, 3, (r) => ({ ...r, side: "c7g" })),
      {},
      /expected side c6g, found c7g/,
    ],
    [
      "a taint wiped off",
      (folder) => edit(folder, 3, (r) => ({ ...r, swapped_pages: 12 })),
      {},
      /records\.ndjson:3: tainted: expected swap/,
    ],
    [
      "more CPU time than there was",
      (folder) => edit(folder, 3, (r) => ({ ...r, user_s: 9 })),
      {},
      /expected at most .* s of CPU/,
    ],
    [
      "other parameters",
      (folder) => edit(folder, 3, (r) => ({ ...r, params: { blocks: "1" } })),
      {},
      /parameter blocks: expected 10000, found 1/,
    ],
    [
      "a machine's host",
      (folder) => edit(folder, 3, (r) => ({ ...r, host_id: "elsewhere" })),
      {},
      /host_id: expected c6g-1, found elsewhere/,
    ],
  ])("fails on a planted change: %s", async (_, change, options, said) => {
    const ended = await desk.run(["verify", planted(change, options)]);
    expect(ended.status).toBe(1);
    expect(ended.stdout).toMatch(said);
    expect(ended.stdout).not.toMatch(/^verified/m);
  });

  test("a time that was changed together with the sums does not have the sums that the table bears", async () => {
    const sums = /sums ([0-9a-f]{12})/.exec(await lastLine())?.[1] ?? "";
    await desk.run(["report", run, "--format", "json", "--out", "honest.json"]);
    const folder = planted((one) => edit(one, 3, (r) => ({ ...r, real_s: 0.5, user_s: 0.4 })));
    const ended = await desk.run(["verify", folder, "--sums", sums, "--against", "honest.json"]);
    expect(ended.status).toBe(1);
    expect(ended.stdout).toMatch(new RegExp(`^FAIL {2}sums .*expected sums ${sums}`, "m"));
    expect(ended.stdout).toMatch(/^FAIL {2}table .*cells\.c6g\.real/m);
  });

  test("a number that was changed in the table is named", async () => {
    await desk.run(["report", run, "--format", "json", "--out", "forged.json"]);
    const path = join(desk.folder, "forged.json");
    const table = JSON.parse(readFileSync(path, "utf8")) as {
      rows: { speedups: { c7g: { cpu: { value: number } } } }[];
    };
    (table.rows[1] as (typeof table.rows)[number]).speedups.c7g.cpu.value = 3;
    writeFileSync(path, JSON.stringify(table));
    const ended = await desk.run(["verify", run, "--against", "forged.json"]);
    expect(ended.status).toBe(1);
    expect(ended.stdout).toMatch(/forged\.json: rows\[1\]\.speedups\.c7g\.cpu\.value: expected .*, found 3$/m);
  });
});

describe("bundle", () => {
  test("has byte-identical tables, in every format", async () => {
    await desk.run(["bundle", run, "--out", "b.tar.gz"]);
    for (const format of ["table", "json", "html", "svg", "benchstat"]) {
      const [folder, bundle] = await Promise.all(
        [run, "b.tar.gz"].map((what) => desk.run(["report", what, "--format", format])),
      );
      expect(folder?.stdout.length).toBeGreaterThan(100);
      expect(bundle).toEqual(folder);
    }
  });

  test("changed by one byte is refused by report and verify, with the file named", async () => {
    await desk.run(["bundle", run, "--out", "c.tar.gz"]);
    const path = join(desk.folder, "c.tar.gz");
    const bytes = readFileSync(path);
    bytes[bytes.length - 300] = (bytes[bytes.length - 300] as number) ^ 0xff;
    writeFileSync(path, bytes);
    for (const command of ["report", "verify"]) {
      const ended = await desk.run([command, "c.tar.gz"]);
      expect(ended.status).toBe(1);
      expect(ended.stderr).toMatch(/c\.tar\.gz: records\.ndjson: changed/);
      expect(ended.stdout).toBe("");
    }
  });

  test("never writes over a file", async () => {
    writeFileSync(join(desk.folder, "there"), "mine");
    expect(await desk.run(["bundle", run, "--out", "there"])).toMatchObject({ status: 2 });
    expect(readFileSync(join(desk.folder, "there"), "utf8")).toBe("mine");
  });
});
