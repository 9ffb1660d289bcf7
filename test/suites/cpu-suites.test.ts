// The suites compress, crypto, memory and unpack: their rows for real at the smallest size, and their checks.

import { createHash } from "node:crypto";
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { headers, cc } from "../support/hashes-suite.ts";
import {
  machineOf,
  removeShipped,
  type Shipped,
  lackedForStandIns,
  shells,
  shipped,
  trial,
  type Trial,
} from "../support/shipped-suites.ts";
import { binFolder, type Env, type Machine, removeFolders, which, output } from "../support/suite-steps.ts";

const base = [
  "sh",
  "sed",
  "tr",
  "cut",
  "rm",
  "cat",
  "head",
  "tail",
  "wc",
  "grep",
  "awk",
  "sha256sum",
  "mv",
  "mkdir",
  "find",
  "sort",
  "xargs",
];
const sevenZip = ["7zz", "7z", "7za"].find((command) => which(command) !== undefined);

afterAll(() => {
  removeFolders();
  removeShipped();
});

/** That the trial did its work, by its own check; what the check said. */
function proved({ prepare, run, check }: Trial): string {
  expect([prepare?.status ?? 0, prepare?.err ?? ""]).toEqual([0, ""]);
  expect([run.status, run.err]).toEqual([0, ""]);
  expect([check.status, check.err]).toEqual([0, ""]);
  return check.out;
}

/** The made-up text of lib/text.awk, by another program: what its header says, in integers. */
function text(bytes: number): Buffer {
  let state = 1n;
  const next = (): number => Number((state = (state * 16807n) % 2147483647n));
  const syllables = "ba ce di fo gu ha ke li mo nu pa re si to vu wa xe yi zo qua stra plen".split(" ");
  const words = Array.from({ length: 4096 }, () => {
    let word = "";
    for (let n = 1 + (next() % 4); n > 0; n--) word += syllables[next() % 22];
    return word;
  });
  const word = () => words[Math.floor(((next() % 4096) * (next() % 4096)) / 4096)] as string;
  let made = "";
  while (made.length < bytes) {
    const line = [word()];
    for (let n = 4 + (next() % 12); n > 0; n--) line.push(word());
    if (next() % 5 === 0) line.push(String(next()));
    made += `${line.join(" ")}\n`;
  }
  return Buffer.from(made.slice(0, bytes));
}

describe("compress", () => {
  let suite: Shipped;
  let machine: Machine;
  const kinds = [
    { impl: "zstd", rows: ["zstd-10", "zstd-d"], there: which("zstd") !== undefined },
    { impl: "xz", rows: ["xz-6", "xz-d"], there: which("xz") !== undefined },
    { impl: "7z", rows: ["7z-5", "7z-d"], there: sevenZip !== undefined },
  ];
  const digest = createHash("sha256").update(text(1_000_000)).digest("hex");
  beforeAll(async () => {
    suite = await shipped("compress");
    machine = machineOf(suite, { bytes: "1000000" }, { TT_NCPU: "2" });
    const facts = await machine.setup();
    for (const { impl, there } of kinds) {
      if (!there) continue;
      expect(facts.get(`driver.${impl}`)).toBe("command");
      expect(facts.get(`fact.${impl}_version`)).toMatch(/\d\.\d/);
    }
  });

  for (const { impl, rows, there } of kinds) {
    for (const row of rows.flatMap((name) => [name, `${name}-all`])) {
      test.skipIf(!there)(`proves ${row}: the text that another generator makes, too [needs ${impl}]`, async () => {
        const said = proved(await trial(machine, row, impl, "command", {}, true));
        expect(said).toContain(`digest=${digest}\n`);
        expect(said).toMatch(/^work_id=1000000 bytes of text, seed 1, \d+ times$/m);
      });
    }
  }

  test.skipIf(which("zstd") === undefined)(
    "does not prove what was cut off, or is another text [needs zstd]",
    async () => {
      const env = { TT_ROW: "zstd-10-all", TT_IMPL: "zstd", TT_DRIVER: "command" };
      expect((await trial(machine, "zstd-10-all", "zstd", "command", {}, true)).check.status).toBe(0);
      writeFileSync(join(machine.work, "made.2"), "nonsense");
      expect(await machine.check("", env)).toMatchObject({ status: 1, out: "" });
      rmSync(join(machine.work, "made.2"));
      expect(await machine.check("", env)).toMatchObject({ status: 1, err: "zstd-10-all: copy 2 of 2 made nothing\n" });
      const back = { ...env, TT_ROW: "zstd-d" };
      await trial(machine, "zstd-d", "zstd", "command", {}, true);
      appendFileSync(join(machine.work, "made.1"), "more");
      expect((await machine.check("", back)).err).toMatch(
        /^zstd-d: copy 1 of 1: digest: expected \w{64}, got \w{64}\n$/,
      );
    },
  );

  test("skips what is not there or does not work, and says why", async () => {
    const path = binFolder(base, { xz: 'echo "xz: no memory" >&2; exit 1' });
    const facts = await machineOf(suite, { bytes: "1000000" }, { PATH: path }).setup();
    expect(Object.fromEntries(facts)).toEqual({
      "skip.zstd": "none of its commands here: zstd",
      "skip.xz": "xz does not compress and decompress here: xz: no memory",
      "skip.7z": "none of its commands here: 7zz 7z 7za",
    });
  });

  test("refuses a size whose digest is not known", async () => {
    expect(await machineOf(suite, { bytes: "5" }).step("setup.sh")).toEqual({
      status: 2,
      out: "",
      err: 'bytes: expected 1000000, 16000000 or 64000000, got "5"\n',
    });
  });

  test("leaves nothing behind after cleanup but what the check kept", async () => {
    const own = machineOf(suite, { bytes: "1000000" }, { PATH: binFolder([...base, "zstd"]) });
    await own.setup();
    expect(await own.step("cleanup.sh")).toEqual({ status: 0, out: "", err: "" });
    expect(readdirSync(own.work).filter((file) => file !== "progress")).toEqual([]);
  });
});

describe("unpack", () => {
  let suite: Shipped;
  let machine: Machine;
  beforeAll(async () => {
    suite = await shipped("unpack");
    machine = machineOf(suite, { files: "200" }, { TT_NCPU: "2" });
    const facts = await machine.setup();
    expect(facts.get("driver.tar")).toBe("gnu");
    expect(facts.get("fact.tar_version")).toMatch(/GNU tar/);
  });

  for (const row of ["tar", "tar-gz", "tar-xz", "tar-all", "tar-gz-all", "tar-xz-all"]) {
    test(`proves ${row}: every file of every copy`, async () => {
      const impl = row.replace("-all", "").replace("-", ".");
      const said = proved(await trial(machine, row, impl, "gnu", {}, true));
      expect(said).toContain("work_id=200 files of text, seeds 2 and 3\n");
      expect(existsSync(join(machine.work, "made.2"))).toBe(row.endsWith("-all"));
    });
  }

  test("does not prove a tree in which one file is another, or missing", async () => {
    const env = { TT_ROW: "tar", TT_IMPL: "tar", TT_DRIVER: "gnu" };
    proved(await trial(machine, "tar", "tar", "gnu", {}, true));
    const files = readdirSync(join(machine.work, "made.1"), { recursive: true, encoding: "utf8" });
    const file = join(machine.work, "made.1", files.find((path) => path.endsWith(".txt")) as string);
    appendFileSync(file, "x");
    expect(await machine.check("", env)).toMatchObject({ status: 1, out: "" });
    rmSync(file);
    expect((await machine.check("", env)).err).toMatch(/^tar: copy 1 of 1: digest: expected /);
  });

  for (const [name, ...args] of shells) {
    test.skipIf(lackedForStandIns(name) !== undefined)(
      `makes the same tree under ${name} [${lackedForStandIns(name) ?? `needs ${name}`}]`,
      async () => {
        // With no compressor set-up makes one kind of archive.
        const path = binFolder([...base, "printf", "tar", name]);
        const own = machineOf(suite, { files: "200" }, { TT_NCPU: "2", PATH: path }, [name, ...args]);
        await own.setup();
        proved(await trial(own, "tar-all", "tar", "gnu", {}, true));
      },
    );
  }

  test("skips a kind whose compressor is missing", async () => {
    const path = binFolder([...base, "tar", "gzip"]);
    const facts = await machineOf(suite, { files: "200" }, { PATH: path }).setup();
    expect(facts.get("skip.tar.xz")).toBe("no xz");
    expect(facts.get("driver.tar.gz")).toBe("gnu");
  });
});

describe("memory", () => {
  let suite: Shipped;
  let machine: Machine;
  beforeAll(async () => {
    suite = await shipped("memory");
    machine = machineOf(suite, { mib: "4", rounds: "2" }, { TT_NCPU: "2" });
  });

  /** What an element becomes in ten passes, the arrays changing places after each. */
  function sumOf(mib: number): number {
    let sum = 0;
    for (let i = 0; i < 8; i++) {
      let [a, b, c] = [0, i + 1, (i % 4) + 1];
      for (let pass = 0; pass < 10; pass++) {
        a = b + 3 * c;
        [a, b, c] = [c, a, b];
      }
      sum += b;
    }
    return Math.floor((sum * mib) / 64);
  }

  test.skipIf(cc === undefined)(
    "proves one copy and all, with the sum that the passes must give [needs cc]",
    async () => {
      expect([...(await machine.setup()).keys()]).toContain("driver.c-all");
      for (const [row, impl] of [
        ["triad", "c"],
        ["triad-all", "c-all"],
      ] as const) {
        const said = proved(await trial(machine, row, impl, "c"));
        expect(said).toContain(`digest=${sumOf(4)}\n`);
        expect(said).toMatch(/^reported\.best_mb_s=[1-9]\d*$/m);
      }
    },
  );

  const index = "/sys/devices/system/cpu/cpu0/cache";
  const sizes = existsSync(index) ? readdirSync(index).filter((name) => /^index\d/.test(name)) : [];
  const kib = Math.max(0, ...sizes.map((name) => Number.parseInt(readFileSync(join(index, name, "size"), "utf8"), 10)));
  // Some kernels do not tell.
  if (kib > 0)
    test.skipIf(cc === undefined)(
      "says how many times as large as the last cache its arrays are [needs cc]",
      async () => {
        const own = machineOf(suite, { mib: "256", rounds: "1" });
        const times = Math.floor((256 * 1024) / kib);
        expect((await own.setup()).get("fact.last_level_cache")).toBe(
          `${kib} KiB, an array ${times} times as large (at least 4 are wanted)`,
        );
        const said = await own.check(`Sum = ${sumOf(256)}\nBest = 12000000000 bytes/second\n`, env);
        expect(said.out).toContain(`reported.array_to_last_cache=${times}\n`);
      },
    );

  const env: Env = { TT_ROW: "triad", TT_IMPL: "c", TT_DRIVER: "c" };
  const right = `Sum = ${sumOf(4)}\n`;
  const best = "Best = 12000000000 bytes/second\n";
  for (const [what, out] of Object.entries({
    "another sum": right + `Sum = ${sumOf(4) + 1}\n` + best,
    "a round too few": right + best,
    "a round too many": right.repeat(3) + best,
    "no bandwidth": right.repeat(2),
    "a bandwidth that is none": `${right.repeat(2)}Best = inf bytes/second\n`,
    nothing: "",
  })) {
    test(`does not prove ${what}`, async () => {
      expect(await machine.check(out, env)).toMatchObject({ status: 1, out: "" });
    });
  }

  test.skipIf(cc === undefined)("skips all copies where they do not fit into memory [needs cc]", async () => {
    const facts = await machineOf(suite, { mib: "128" }, { TT_NCPU: "9999" }).setup();
    expect(facts.get("skip.c-all")).toMatch(
      /^9999 copies of three arrays of 128 MiB want 3839616 MiB of memory, \d+ are to be had$/,
    );
  });
});

describe("crypto", () => {
  let suite: Shipped;
  const rows = [
    "aes-256-gcm",
    "chacha20-poly1305",
    "rsa2048-sign",
    "rsa2048-verify",
    "ecdsap256-sign",
    "ecdsap256-verify",
  ];
  beforeAll(async () => {
    suite = await shipped("crypto");
  });

  for (const { driver, there } of [
    { driver: "c", there: headers },
    { driver: "node", there: true },
  ]) {
    test.skipIf(!there)(`proves every row by driver ${driver}, one copy and two [needs ${driver}]`, async () => {
      const machine = machineOf(suite, { units: "2", driver }, { TT_NCPU: "2" });
      const facts = await machine.setup();
      expect(facts.get("driver.openssl-evp")).toBe(driver);
      expect(facts.get("fact.openssl_version")).toMatch(/OpenSSL \d/);
      expect(facts.get("fact.compiler")).toBe(
        driver === "c" ? output(cc ?? "cc", "--version")?.split("\n")[0] : undefined,
      );
      for (const row of rows) {
        expect(proved(await trial(machine, row, "openssl-evp", driver))).toContain("work_id=2 units\n");
      }
      proved(await trial(machine, "aes-256-gcm-all", "openssl-evp", driver));
      await machine.step("cleanup.sh");
      expect(readdirSync(machine.work).filter((file) => !/^(out|copy\.)/.test(file))).toEqual([]);
    });
  }

  test("falls back to node where the compiler finds no libcrypto, and says why where there is neither", async () => {
    const path = (...more: string[]) =>
      binFolder([...base, ...more], { cc: 'echo "fatal error: openssl/evp.h: No such file" >&2; exit 1' });
    expect((await machineOf(suite, {}, { PATH: path("node") }).setup()).get("driver.openssl-evp")).toBe("node");
    expect((await machineOf(suite, {}, { PATH: path() }).setup()).get("skip.openssl-evp")).toBe(
      "c: cc failed: fatal error: openssl/evp.h: No such file; node: no node",
    );
  });

  test("does not prove a unit too few, or another's digest", async () => {
    const machine = machineOf(suite, { units: "2" });
    const env = { TT_ROW: "rsa2048-sign", TT_IMPL: "openssl-evp", TT_DRIVER: "c" };
    const line = "Digest = 40c54654783820059ae03096f34a30a13fa9fe423a7feb8bb34d7a553b6fa685\n";
    expect(await machine.check(line.repeat(2), env)).toMatchObject({ status: 0 });
    for (const out of [line, line.repeat(3), `${line}Digest = 00\n`, ""])
      expect(await machine.check(out, env)).toMatchObject({ status: 1, out: "" });
  });
});
