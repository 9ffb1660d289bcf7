import { describe, expect, test } from "vitest";
import { readManifest, suiteFolders } from "../../../src/adapters/folders/suites.ts";
import { parseSides } from "../../../src/domain/plan/side.ts";
import type { Plan, PlannedSuite } from "../../../src/domain/plan/plan.ts";
import { missingRequirements } from "../../../src/domain/run/requirements.ts";
import { makePlan, remakePlan } from "../../../src/pipeline/plan/make-plan.ts";
import { splitFreshRows } from "../../../src/pipeline/provision/fresh-machines.ts";
import type { Suites } from "../../../src/ports/suites.ts";
import { aPlan, someFacts } from "../../support/given.ts";

const suites = (needs: string): Suites => ({
  list: async () => ["world"],
  load: async () => ({
    manifest: readManifest(
      `name = "world"\ntitle = "t"\nversion = "1"\nos = ["linux"]\n[needs]\n${needs}\n[params]\njobs = "ncpu"\n[[rows]]\nname = "a"\nimpl = "i"\nruns = 3\n[[rows]]\nname = "b"\nimpl = "i"\n`,
      "world",
    ),
    files: [],
  }),
  agent: async () => [],
});
const occasion = { run: "r", tool_version: "1", created_at: "2026-01-01T00:00:00Z" };
const spec = { ...aPlan().spec, sides: parseSides(["local"]), suites: [{ suite: "world" }] };

describe("a plan", () => {
  test("has each row's own runs, or what --rounds says, with a warm-up below it", async () => {
    const rows = async (rounds?: number) =>
      (await makePlan({ ...spec, ...(rounds && { rounds }) }, occasion, suites(""))).plan.suites[0]?.rows.map(
        ({ runs, warmup }) => [runs, warmup],
      );
    expect(await rows()).toEqual([
      [3, 1],
      [10, 1],
    ]);
    expect(await rows(1)).toEqual([
      [1, 0],
      [1, 0],
    ]);
  });

  test("keeps parameters as they were written, beside the suite's own", async () => {
    const made = await makePlan({ ...spec, params: { jobs: "8" } }, occasion, suites(""));
    expect(made.plan.suites[0]).toMatchObject({ params: { jobs: "8" }, defaults: { jobs: "ncpu" } });
  });

  test.each([
    ["root = true", ["local"], "aws"],
    ["disposable = true", ["local"], "aws"],
    ["root = true", ["s1.medium"], "sandbox"],
    ["disposable = true", ["c7g.large", "local"], "aws"],
  ] as const)("of a suite with %s on %j in %s is refused before anything is done", async (needs, sides, cloud) => {
    const made = makePlan({ ...spec, sides: parseSides([...sides]), cloud }, occasion, suites(needs));
    await expect(made).rejects.toMatchObject({ code: "REFUSED", exitStatus: 4 });
  });

  const root = (change: Partial<Plan["spec"]>) => makePlan({ ...spec, ...change }, occasion, suites("root = true"));

  test("of a suite that needs root on machines that are found by tag is refused: they stay", async () => {
    const found = { sides: parseSides(["c7g.large"]), tags: { role: "bench" } };
    await expect(root(found)).rejects.toMatchObject({ code: "REFUSED", hint: expect.stringContaining("--disposable") });
    await expect(root({ sides: parseSides(["i-0123456789abcdef0"]) })).rejects.toMatchObject({ code: "REFUSED" });
  });

  test("of a suite that needs root on machines that stay is made where the user says that they are disposable", async () => {
    const sides = parseSides(["local", "i-0123456789abcdef0"]);
    expect((await root({ sides, disposable: true })).plan.suites).toHaveLength(1);
  });

  test("of suites that the sandbox must not run skips them, with the reason, where another is left to run", async () => {
    const wanted = {
      ...spec,
      cloud: "sandbox" as const,
      sides: parseSides(["s1.medium@freebsd/13.1", "s2.medium@freebsd/13.1"]),
      suites: [{ suite: "hashes", row: "md5" }, { suite: "packages" }, { suite: "ports" }],
    };
    const { plan } = await makePlan(wanted, occasion, suiteFolders());
    const [hashes, packages, ports] = plan.suites;
    expect(hashes?.not_here).toBeUndefined();
    for (const one of [packages, ports])
      expect(one?.not_here).toMatch(/a disposable machine: the sandbox runs on this computer$/);
    // Those that an image of FreeBSD would run.
    expect(packages?.rows.map(({ impl }) => impl)).toEqual(["pkg", "pkg", "pkg", "pkg", "portsnap"]);
    // Nothing is launched for a trial of theirs, and no machine is able to run them, whatever it has.
    expect(splitFreshRows(plan.suites).fresh).toEqual([]);
    for (const uname of ["FreeBSD", "Linux"])
      expect(missingRequirements(ports as PlannedSuite, someFacts({ uname }))).toEqual([ports?.not_here]);
    // In an account all of them run.
    const inAccount = await makePlan({ ...wanted, cloud: "aws" }, occasion, suiteFolders());
    expect(inAccount.plan.suites.every(({ not_here }) => not_here === undefined)).toBe(true);
    // A run whose folder says that they may run after all is not gone on with.
    const opened = { ...plan, suites: plan.suites.map(({ not_here: _not_here, ...suite }) => suite) };
    await expect(remakePlan(opened, suiteFolders())).rejects.toMatchObject({ code: "REFUSED" });
  });

  test("of a suite that needs root in the sandbox is refused whatever is said: it runs on this computer", async () => {
    for (const side of ["s1.medium", "i-0123456789abcdef0"]) {
      const made = root({ sides: parseSides([side]), cloud: "sandbox", disposable: true });
      await expect(made).rejects.toMatchObject({
        message: expect.stringContaining("the sandbox runs on this computer"),
      });
    }
  });

  test("says what disk its suites need, for the machines' root volumes", async () => {
    const made = await makePlan(spec, occasion, suites("disk_bytes = 5_000_000_000"));
    expect(made.plan.suites[0]?.needs).toMatchObject({ disk_bytes: 5_000_000_000 });
  });

  const fresh = async (choice: object, sides: string[], more: object = {}): Promise<unknown> => {
    const given = { ...spec, suites: [{ suite: "world", ...choice }], sides: parseSides(sides), ...more };
    const loaded = await suites("").load("world");
    const rows = loaded.manifest.rows.map((row) => ({ ...row, fresh: row.name === "a" }));
    const auto = { jobs: ["1"] };
    const load = async () => ({ ...loaded, manifest: { ...loaded.manifest, auto, rows } });
    return (await makePlan(given, occasion, { ...suites(""), load })).plan.suites[0]?.rows;
  };

  test("has every run of a fresh row on a machine of its own, without a warm-up", async () => {
    expect(await fresh({}, ["c7g.large"])).toMatchObject([
      { name: "a", runs: 3, warmup: 0, fresh: true },
      { name: "b", runs: 10, warmup: 1 },
    ]);
  });

  test.each<[string, object, string[], object]>([
    ["local", { row: "a" }, ["local"], {}],
    ["a machine that runs already", { row: "a" }, ["i-0123456789abcdef0"], {}],
    ["machines that are found by a tag", { row: "a" }, ["c7g.large"], { tags: { fleet: "x" } }],
  ])("of a fresh row on %s is refused before anything is done", async (_where, choice, sides, more) => {
    await expect(fresh(choice, sides, more)).rejects.toMatchObject({ code: "REFUSED", exitStatus: 4 });
  });

  test("of a fresh row against published figures is made, and one with a parameter to be tried first is not", async () => {
    expect(await fresh({ row: "a" }, ["published:c6g", "c7g.large"])).toHaveLength(1);
    const tried = fresh({ row: "a" }, ["c7g.large"], { params: { jobs: "auto" } });
    await expect(tried).rejects.toMatchObject({ code: "USAGE", exitStatus: 2 });
  });

  test("of a suite that needs root on launched machines is made", async () => {
    const made = await makePlan({ ...spec, sides: parseSides(["c7g.large"]) }, occasion, suites("root = true"));
    expect(made.plan.suites).toHaveLength(1);
  });
});
