// A user's own suite, from its folder to its table: what machines lack, what is wrong with it, and steps that behave badly.

import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { describeCheck } from "../../src/cli/commands/check-suite.ts";
import { checkSuite } from "../../src/cli/wiring.ts";
import { which } from "../support/suite-steps.ts";
import { Desk, type Ended } from "../support/cli.ts";
import { makeSuite } from "../support/user-suite.ts";

/** What these tests read of a record. */
interface Stored {
  readonly suite: string;
  readonly row: string;
  readonly status: string;
  readonly capture?: string;
  readonly tainted: readonly string[];
}

let desk: Desk;
let folder: string;
beforeEach(() => {
  desk = new Desk(0.02);
  folder = join(desk.folder, "my-suite");
});
afterEach(() => desk.clear());

const run = (...words: string[]): Promise<Ended> => desk.run(["run", ...words, "--rounds", "2"]);
const records = (): Stored[] => desk.lines("records.ndjson");
/** What `check-suite ./my-suite` says, and its exit status, in this process. */
const checked = async (): Promise<ReturnType<typeof describeCheck>> =>
  describeCheck("./my-suite", await checkSuite(folder));

describe("a suite in a folder", () => {
  test("is run by its path, and is called what its manifest says", async () => {
    makeSuite(folder, { rows: { quick: "", slow: "" } });
    const ended = await run("./my-suite");
    expect(ended.status).toBe(0);
    expect(ended.stdout).toMatch(/^mine/m);
    expect(new Set(records().map(({ suite, row, status }) => `${suite} ${row} ${status}`))).toEqual(
      new Set(["mine quick completed", "mine slow completed"]),
    );
  });

  test("gives one row after a colon, beside suites that come with timetrial", async () => {
    makeSuite(folder, { rows: { quick: "", slow: "" } });
    const ended = await run(`${folder}:slow/own`, "hashes/md5/portable-c", "--set", "blocks=10000");
    expect(ended.status).toBe(0);
    expect(new Set(records().map(({ suite, row }) => `${suite} ${row}`))).toEqual(new Set(["mine slow", "hashes md5"]));
  });

  test("is shown by list suites", async () => {
    const toml =
      'comparable = ""\n[needs]\ncommands = ["zstd"]\ndisk_bytes = 1073741824\n[estimate]\ncpu_s = 100\ncores = "all"\n';
    makeSuite(folder, {
      toml: toml.replace('comparable = ""\n', ""),
      rows: { quick: "runs = 3", new: "fresh = true\nruns = 5" },
    });
    const ended = await desk.runHere(["list", "suites", "./my-suite", "--cores", "32"]);
    expect(ended.stdout).toContain("needs       command zstd, 1 GiB of disk\n");
    expect(ended.stdout).toContain("time        about 16 s a machine (4 trials of 100 s of CPU)");
    expect(ended.stdout).toContain("check       Was the row named?\n");
    expect(ended.stdout).toMatch(/quick +own +3 runs, the first dropped\n/);
    expect(ended.stdout).toMatch(/new +own +5 machines, each new\n/);
  });

  test.each<[string, string[], RegExp]>([
    ["that is not there", ["./nowhere"], /there is no suite in ".\/nowhere": it has no suite.toml/],
    ["with no such row", ["./my-suite:fast"], /--suite mine\/fast: suite mine has no such row/],
    ["with a name that is taken twice", ["./my-suite", "./my-suite/../my-suite"], /are both called mine/],
    ["without ./ in front", ["my-suite"], /there is no suite "my-suite"/],
  ])("%s is refused", async (_what, words, message) => {
    makeSuite(folder, { rows: { quick: "" } });
    const ended = await desk.runHere(["run", ...words, "--rounds", "2"]);
    expect(ended.stderr).toMatch(message);
    expect(ended.status).toBe(2);
  });

  test("brings timetrial's own lib along, wherever it lies, and its check is tried with it", async () => {
    const part = '. "${TT_SUITE_DIR}/lib/say.sh"\n';
    makeSuite(folder, {
      toml: 'bundle = ["lib"]\n',
      rows: { quick: "" },
      files: { "check.sh": `#!/bin/sh\n${part}say digest 1\n` },
    });
    const vain = await checked();
    expect(vain.said).toContain("check.sh: it succeeds for quick/own though nothing was run");
    makeSuite(folder, {
      toml: 'bundle = ["lib"]\n',
      rows: { quick: "" },
      files: { "check.sh": `#!/bin/sh\n${part}[ -s "\${TT_STEP_DIR}/out" ] || die 'it said nothing'\nsay digest 1\n` },
    });
    expect((await checked()).said).toContain("nothing wrong was found");
    const ran = await desk.run(["run", "./my-suite", "--on", "local", "--rounds", "2", "--quiet"]);
    expect(ran).toMatchObject({ status: 0, stderr: "" });
    writeFileSync(
      join(folder, "suite.toml"),
      readFileSync(join(folder, "suite.toml"), "utf8").replace('"lib"', '"libs"'),
    );
    const nowhere = await checked();
    expect(nowhere.said).toContain("suite.toml:6: bundle: package libs is not installed\n");
    expect(nowhere.status).toBe(2);
  });

  test("over 1 MB packed is refused before anything runs", async () => {
    makeSuite(folder, { rows: { quick: "" } });
    writeFileSync(join(folder, "noise"), Buffer.from(Array.from({ length: 1_500_000 }, () => Math.random() * 256)));
    const ended = await desk.runHere(["run", "./my-suite", "--rounds", "2"]);
    expect(ended.stderr).toMatch(/suite mine: expected at most 1 MB packed, got 1\.5 MB/);
    expect(ended.status).toBe(4);
  });
});

describe("a machine that lacks something", () => {
  test("is told so before anything is timed; the suite is skipped there, and the others run", async () => {
    const toml = `[needs]\ncommands = ["sh", "no-such-command"]\nmemory_bytes = ${2 ** 50}\ndisk_bytes = ${2 ** 52}\n`;
    makeSuite(folder, { toml, rows: { quick: "" } });
    makeSuite(join(desk.folder, "other"), { name: "other", rows: { quick: "" } });
    const ended = await run("./other", "./my-suite");
    expect(ended.status).toBe(0);
    const told = ended.stderr.indexOf("local-1: mine (quick/own) is skipped: needs: command no-such-command, ");
    expect(told).toBeGreaterThan(-1);
    expect(told).toBeLessThan(ended.stderr.indexOf("round 1 of 2"));
    expect(ended.stdout.replace(/\s+/g, " ")).toMatch(
      /mine did not run: needs command no-such-command, 1048576 GiB of memory \(has .*\), .* of disk/,
    );
    const skipped = records().filter(({ suite }) => suite === "mine");
    expect(skipped).toHaveLength(2);
    for (const record of skipped) {
      expect(record).toMatchObject({ status: "skipped", reason: expect.stringMatching(/^needs: command no-such/) });
      expect(record).not.toHaveProperty("real_s");
    }
    expect(records().filter(({ suite, status }) => suite === "other" && status === "completed")).toHaveLength(2);
  });

  test("of another system is refused a suite that is not for it, before anything is run", async () => {
    makeSuite(folder, { rows: { quick: 'os = ["freebsd"]' } });
    const { status, stderr } = await run("./my-suite");
    expect([status, stderr]).toEqual([
      4,
      expect.stringContaining("suite mine runs on freebsd only, and local runs linux"),
    ]);
    expect(records()).toEqual([]);
  });

  test("and its packages are asked of the system's own package manager", async () => {
    makeSuite(folder, { toml: '[needs]\npackages = ["no-such-package"]\n', rows: { quick: "" } });
    await run("./my-suite");
    expect(records()[0]).toMatchObject({ status: "skipped", reason: "needs: package no-such-package" });
  });
});

describe("a step that behaves badly has a clear record, and no time:", () => {
  const bad = async (step: string, more = ""): Promise<{ ended: Ended; record: Stored | undefined }> => {
    makeSuite(folder, {
      rows: { bad: `runs = 1\nwarmup = 0\n${more}` },
      files: { "run.sh": `#!/bin/sh\n${step}\necho bad\n` },
    });
    const ended = await desk.run(["run", "./my-suite"]);
    expect(ended.stdout).not.toMatch(/^ +bad +[\d.]+ m?s/m);
    return { ended, record: records()[0] };
  };

  test("one that prints more than 256 MiB", async () => {
    const { ended, record } = await bad("dd if=/dev/zero bs=1048576 count=257 2>/dev/null");
    expect(ended.status).toBe(1);
    expect(record).toMatchObject({ status: "failed", reason: "output over 268435456 bytes were printed" });
    expect(record).not.toHaveProperty("real_s");
  });

  test("one that forks a daemon and returns", async () => {
    const { ended, record } = await bad("(trap '' HUP; sleep 300 >/dev/null 2>&1) &");
    expect(record).toMatchObject({ status: "completed", tainted: expect.arrayContaining(["orphans"]) });
    expect(ended.stdout).toMatch(/^ +bad +!/m);
    // The table counts a run by the first of its taints: the hypervisor may have stolen from it, too.
    expect(ended.stdout).toContain(`1 of 1 runs left out (1 ${record?.tainted[0]})`);
    // The shell of the step, before it is the sleep or after.
    expect(ended.stdout).toMatch(/^local: left running, and killed: (sh|sleep)\b/m);
  });

  test("one that never ends", async () => {
    const { ended, record } = await bad("while :; do sleep 1; done", "limit_s = 1");
    expect(record).toMatchObject({ status: "timed-out", reason: "limit 1" });
    expect(record).not.toHaveProperty("real_s");
    expect(ended.stdout).toMatch(/^ +bad +t\/o/m);
  });

  test("one whose check says that something was fetched while the clock ran", async () => {
    makeSuite(folder, {
      rows: { bad: "runs = 1\nwarmup = 0" },
      files: { "check.sh": "#!/bin/sh\necho tainted=fetch\n" },
    });
    const ended = await desk.run(["run", "./my-suite"]);
    expect(records()[0]).toMatchObject({ status: "completed", tainted: expect.arrayContaining(["fetch"]) });
    expect(ended.stdout).toMatch(/^ +bad +!/m);
    expect(ended.stdout).toMatch(/1 of 1 runs left out \(1 (fetch|steal)\)/);
  });
});

describe("check-suite", () => {
  const check = (): Promise<Ended> => desk.run(["check-suite", "./my-suite"]);

  test("finds nothing wrong with a suite that is right", async () => {
    makeSuite(folder, { rows: { quick: "", slow: "" } });
    const ended = await check();
    expect(ended.stdout).toContain("./my-suite: nothing wrong was found\n");
    expect(ended).toMatchObject({ status: 0, stderr: "" });
  });

  test("names every fault of a manifest with its line", async () => {
    makeSuite(folder, { toml: 'colour = "red"\n', rows: { quick: "runs = 1", Slow: 'runs = "ten"' } });
    const ended = await check();
    expect(ended.status).toBe(2);
    expect(ended.stdout).toContain("./my-suite/suite.toml:6: colour: unknown key\n");
    expect(ended.stdout).toContain(
      './my-suite/suite.toml:16: rows[1].runs: expected a whole number of at least 1, got "ten"\n',
    );
    expect(ended.stdout).toContain(
      './my-suite/suite.toml:14: rows[1].name: expected a name of a-z, 0-9 and . _ -, got "Slow"\n',
    );
  });

  test("finds what a manifest that can be read gets wrong", async () => {
    makeSuite(folder, {
      name: "hashes",
      toml: '[auto]\nsize = ["1"]\n',
      rows: { quick: 'runs = 1\ninstructions = ["sse2"]' },
    });
    const { said, status } = await checked();
    expect(status).toBe(2);
    expect(said).toContain("suite.toml:1: name: hashes is the name of a suite that comes with timetrial\n");
    expect(said).toContain("suite.toml:7: auto.size: there is no such parameter\n");
    expect(said).toContain("suite.toml:12: rows[0].runs: expected more than its warm-up of 1, got 1\n");
    expect(said).toContain('suite.toml:13: rows[0].instructions: expected ARCH:WORD, got "sse2"\n');
  });

  test("finds steps that are missing, and what they are for", async () => {
    makeSuite(folder, { rows: { quick: "" } });
    for (const step of ["run.sh", "check.sh", "setup.sh"]) rmSync(join(folder, step));
    const { said, status } = await checked();
    expect(status).toBe(2);
    expect(said).toMatch(/my-suite: there is no run\.sh\n {2}/);
    expect(said).toMatch(/my-suite: there is no check\.sh\n {2}/);
    expect(said).toMatch(/my-suite: there is no setup\.sh, .*\n {2}.*echo driver\.own=sh\n/);
  });

  test.each([
    ["that is empty", "#!/bin/sh\n"],
    ["that says ok", "#!/bin/sh\necho digest=1\nexit 0\n"],
    ["that looks at nothing that the step left", '#!/bin/sh\n[ -n "${TT_ROW}" ] || exit 1\n'],
    ["whose comparison is lost behind it", '#!/bin/sh\ncmp "${TT_STEP_DIR}/out" expected || echo differs >&2\n'],
  ])("finds a check %s, which succeeds whatever was done", async (_what, text) => {
    makeSuite(folder, { rows: { quick: "" }, files: { "check.sh": text } });
    const { said, status } = await checked();
    expect(status).toBe(2);
    expect(said).toMatch(
      /check\.sh: it succeeds (whatever run\.sh did|for quick\/own though nothing was run)\n {2}compare/,
    );
  });

  test("does not try the check of a suite that wants a machine of its own", async () => {
    const harm = `#!/bin/sh\ntouch "${join(desk.folder, "harm")}"\n[ -s "\${TT_STEP_DIR}/out" ]\n`;
    makeSuite(folder, { toml: "[needs]\ndisposable = true\n", rows: { quick: "" }, files: { "check.sh": harm } });
    const { said } = await checked();
    expect(said).toContain("check.sh was not tried with nothing done");
    expect(readdirSync(desk.folder)).not.toContain("harm");
  });

  test("finds what is of bash, with the line and what to write", async () => {
    const text = '#!/bin/bash\nif [[ -n "${TT_ROW}" ]]; then\n  echo "${TT_ROW}"\nfi\n';
    makeSuite(folder, { rows: { quick: "" }, files: { "run.sh": text } });
    // Without shellcheck, too.
    const bare = await desk.runHere(["check-suite", "./my-suite"], { PATH: "/nonexistent" });
    expect(bare.stdout).toContain("./my-suite/run.sh:2: [[ … ]] is of bash, not of every sh\n  write [ … ]\n");
    expect(bare.stdout).toContain("./my-suite/run.sh:1: it asks for bash, and is run by sh\n");
    expect(bare.stdout).toContain("shellcheck is not here");
    expect(bare.status).toBe(2);
  });

  test("takes words for what they are: not every source, local or function is bash's", async () => {
    const text =
      '#!/bin/sh\nfor from in source local; do\n  echo "the function of ${from} (( here"\ndone\n# [[ a comment ]]\n';
    makeSuite(folder, { rows: { quick: "" }, files: { "run.sh": text } });
    const bare = await desk.runHere(["check-suite", "./my-suite"], { PATH: "/nonexistent" });
    expect(bare.stdout).not.toContain("is of bash");
  });

  test("says where sh cannot read a step", async () => {
    makeSuite(folder, { rows: { quick: "" }, files: { "run.sh": "#!/bin/sh\necho a\nif true; then\n  echo b\n" } });
    const { said, status } = await checked();
    expect(status).toBe(2);
    expect(said).toMatch(/run\.sh:\d+: syntax under (.*, )?sh/);
  });

  test.skipIf(which("shellcheck") === undefined)(
    "prints what shellcheck finds, and not what the agent gives [needs shellcheck]",
    async () => {
      const text = '#!/bin/sh\necho "${TT_PARAM_size}" $TT_ROW\n';
      makeSuite(folder, { toml: '[params]\nsize = "1"\n', rows: { quick: "" }, files: { "run.sh": text } });
      const { said } = await checked();
      expect(said).toContain("./my-suite/run.sh:2: SC2086: ");
      expect(said).not.toContain("SC2154");
      expect(said).toContain("./my-suite: 1 finding\n");
    },
  );

  test("of a folder that is none is refused", async () => {
    const ended = await desk.runHere(["check-suite", "./my-suite"]);
    expect(ended.stderr).toContain('there is no folder "./my-suite"');
    expect(ended.status).toBe(2);
  });
});

test("every suite that comes with timetrial passes check-suite", async () => {
  const suites = join(import.meta.dirname, "../../suites");
  const found = readdirSync(suites).filter((name) => existsSync(join(suites, name, "suite.toml")));
  expect(found).toContain("hashes-all");
  for (const name of found) {
    const { said, status } = describeCheck(name, await checkSuite(join(suites, name)));
    expect({ name, status, said }).toMatchObject({ status: 0 });
  }
});
