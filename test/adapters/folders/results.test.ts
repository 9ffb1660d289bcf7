import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { resultFolders } from "../../../src/adapters/folders/results.ts";
import type { RunStore } from "../../../src/ports/results.ts";
import { aPlan, aRecord, someFacts } from "../../support/given.ts";

let root: string;
let store: RunStore;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "timetrial-results-"));
  store = await resultFolders(root).create(aPlan());
});
afterEach(async () => {
  // Most tests have let go of it.
  await store.leave().catch(() => {});
  rmSync(root, { recursive: true });
});

/** Where a link leads; "" where it is gone. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

const load = () => resultFolders(root).load(aPlan().run);
const recordsFile = () => join(store.folder, "records.ndjson");

describe("a run's folder", () => {
  test("is made with what it lies in; where that cannot be, it is said at once", async () => {
    const deep = await resultFolders(join(root, "a/b/c")).create(aPlan());
    await deep.close();
    expect((await resultFolders(join(root, "a/b/c")).load(aPlan().run)).plan).toEqual(aPlan());
    writeFileSync(join(root, "file"), "");
    // Below /proc Node 20's own recursive mkdir asks for ever.
    for (const path of [
      join(root, "file"),
      join(root, "file", "x"),
      ...(process.platform === "linux" ? ["/proc/none"] : []),
    ])
      await expect(resultFolders(path).create(aPlan())).rejects.toMatchObject({ code: "USAGE" });
  });

  test("keeps the spec file that the run is made by, under its sums", async () => {
    const kept = await resultFolders(join(root, "spec"), undefined, "rounds = 3\n").create(aPlan());
    await kept.close();
    expect(readFileSync(join(kept.folder, "spec.toml"), "utf8")).toBe("rounds = 3\n");
    expect(readFileSync(join(kept.folder, "SHA256SUMS"), "utf8")).toContain("  spec.toml\n");
    expect(existsSync(join(store.folder, "spec.toml"))).toBe(false);
  });

  test("gives back what was put into it", async () => {
    await store.append(aRecord({ round: 1 }));
    await store.append(aRecord({ round: 2 }));
    await store.facts({ name: "local-1", side: "local", address: { kind: "local" } }, someFacts());
    await store.ledger.write({ kind: "absence", state: "none", ids: [] });
    await store.close();
    const loaded = await load();
    expect([...loaded.records]).toEqual([aRecord({ round: 1 }), aRecord({ round: 2 })]);
    expect(loaded).toMatchObject({
      plan: aPlan(),
      machines: [{ name: "local-1", facts: someFacts() }],
      absence: { state: "none", ids: [] },
      sums: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  test("has no plan before its origin is proved: who is killed between the two leaves no run that resume would refuse", async () => {
    const killed = () => Promise.reject(new Error("killed"));
    await expect(resultFolders(join(root, "killed"), killed).create(aPlan())).rejects.toThrow("killed");
    expect(existsSync(join(root, "killed", aPlan().run, "plan.json"))).toBe(false);
  });

  test.each(["records.ndjson", "ledger.ndjson", "course.ndjson"])(
    "of a client that died before it began %s is read, and gone on with",
    async (name) => {
      await store.leave();
      rmSync(join(store.folder, name));
      const loaded = await load();
      expect(loaded).toMatchObject({ plan: aPlan(), ledger: [] });
      expect([...loaded.records]).toEqual([]);
      const again = await resultFolders(root).reopen(aPlan().run);
      await again.append(aRecord());
      await again.close();
      expect([...(await load()).records]).toEqual([aRecord()]);
    },
  );

  test.each(["records.ndjson", "ledger.ndjson"])(
    "that was closed is not read without its %s, which is named",
    async (name) => {
      await store.close();
      rmSync(join(store.folder, name));
      await expect(load()).rejects.toMatchObject({
        code: "RESULTS_CORRUPT",
        message: `${join(store.folder, name)}: expected a journal of the run, found no such file`,
      });
    },
  );

  test("syncs records that come at once together, in their order", async () => {
    const probe = await open(recordsFile());
    const datasync = vi.spyOn(Object.getPrototypeOf(probe), "datasync");
    await probe.close();
    const records = Array.from({ length: 500 }, (_, i) => aRecord({ round: i + 1 }));
    await Promise.all(records.map((record) => store.append(record)));
    const syncs = datasync.mock.calls.length;
    datasync.mockRestore();
    expect([...(await load()).records]).toEqual(records);
    expect(syncs).toBeGreaterThan(0);
    expect(syncs).toBeLessThan(10);
  });

  test("has sums that sha256sum(1) agrees with", async () => {
    await store.append(aRecord());
    await store.log("local-1.sha256.txt", "no such file\n");
    await store.close();
    const checked = spawnSync("sha256sum", ["--check", "--strict", "SHA256SUMS"], { cwd: store.folder });
    expect(checked.stdout.toString().trim().split("\n")).toHaveLength(5);
    expect(checked.status).toBe(0);
  });

  test("of a client that died while it kept a machine's facts is read, and gone on with, without them", async () => {
    mkdirSync(join(store.folder, "machines", "local-1"));
    const draft = join(store.folder, "machines", "local-1", "facts.json.draft");
    writeFileSync(draft, '{"t":"fac');
    await store.leave();
    expect((await load()).machines).toEqual([]);
    await (await resultFolders(root).reopen(aPlan().run)).close();
    expect(existsSync(draft)).toBe(false);
    expect(readFileSync(join(store.folder, "SHA256SUMS"), "utf8")).not.toContain("facts");
  });

  test("is held until its sums are there", async () => {
    const closing = store.close();
    while (existsSync(join(store.folder, "held-by"))) await new Promise((next) => setImmediate(next));
    expect(existsSync(join(store.folder, "SHA256SUMS"))).toBe(true);
    await closing;
  });

  test.skipIf(!existsSync("/proc/self/fd"))(
    "that cannot be opened whole is neither open nor held afterwards [needs /proc]",
    async () => {
      await store.leave();
      rmSync(join(store.folder, "ledger.ndjson"));
      mkdirSync(join(store.folder, "ledger.ndjson"));
      await expect(resultFolders(root).reopen(aPlan().run)).rejects.toMatchObject({ code: "RESULTS_UNWRITABLE" });
      const open = readdirSync("/proc/self/fd").filter((fd) => linkOf(`/proc/self/fd/${fd}`).startsWith(store.folder));
      expect(open).toEqual([]);
      expect(existsSync(join(store.folder, "held-by"))).toBe(false);
    },
  );

  test("may have a torn last line: the run before it is read", async () => {
    await store.append(aRecord());
    appendFileSync(recordsFile(), '{"schema":1,"suite":"ha');
    expect([...(await load()).records]).toEqual([aRecord()]);
  });

  test("cut in the middle of a line after it was closed is refused, with the line", async () => {
    await store.append(aRecord());
    await store.append(aRecord({ round: 2 }));
    await store.close();
    truncateSync(recordsFile(), statSync(recordsFile()).size - 20);
    await expect(load()).rejects.toMatchObject({
      code: "RESULTS_CORRUPT",
      message: expect.stringMatching(/records\.ndjson:2: expected a line end, found the end of the file$/),
    });
  });

  test("with a line of 100 MB is refused, with the line, and without holding it", async () => {
    await store.append(aRecord());
    const file = await open(recordsFile(), "a");
    // A sparse file has the length without the bytes.
    await file.truncate(100_000_000);
    await file.close();
    const before = process.memoryUsage().arrayBuffers;
    await expect(load()).rejects.toMatchObject({
      code: "RESULTS_CORRUPT",
      message: expect.stringMatching(/records\.ndjson:2: expected a line of at most 1048576 bytes$/),
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000);
  });

  test("of several schemas is refused, with the line, the field and its value", async () => {
    await store.append(aRecord());
    appendFileSync(recordsFile(), `${JSON.stringify({ ...aRecord(), schema: 2 })}\n`);
    await expect(load()).rejects.toMatchObject({
      code: "RESULTS_CORRUPT",
      message: expect.stringMatching(/records\.ndjson:2: schema: expected 1, got 2$/),
    });
  });

  test("with any other broken line is refused, with the line", async () => {
    await store.append(aRecord());
    appendFileSync(recordsFile(), "oops\n");
    await store.append(aRecord());
    await expect(load()).rejects.toMatchObject({
      code: "RESULTS_CORRUPT",
      exitStatus: 1,
      message: expect.stringContaining("records.ndjson:2: "),
    });
  });

  test.each([
    ["a negative time", { real_s: -1 }],
    ["a time that is a text", { real_s: "1" }],
    ["an unknown field", { wall: 1 }],
    ["a failed trial with times", { status: "failed", reason: "exit" }],
  ])("with %s is refused", async (_name, change) => {
    writeFileSync(recordsFile(), `${JSON.stringify({ ...aRecord(), ...change })}\n`);
    await expect(load()).rejects.toMatchObject({
      code: "RESULTS_CORRUPT",
      message: expect.stringContaining("records.ndjson:1: "),
    });
  });

  test("is not made twice", async () => {
    await expect(resultFolders(root).create(aPlan())).rejects.toMatchObject({ code: "USAGE" });
    expect(JSON.parse(readFileSync(join(store.folder, "plan.json"), "utf8"))).toEqual(aPlan());
  });

  test("that is not there is named, with the newest that are", async () => {
    await expect(resultFolders(root).load("nope")).rejects.toMatchObject({
      exitStatus: 2,
      hint: expect.stringContaining(aPlan().run),
    });
  });
});
