// The agent under four shells and three ways of timing. What it says is read by the client's own readers, so every
// frame, line and field is checked on the way.

import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { EndedLine, JournalLine, StartLine } from "../../src/domain/run/machine-journal.ts";
import { factsSchema } from "../../src/domain/run/machine.ts";
import { archive } from "../../src/pipeline/archive/archive.ts";
import { type ReplyFrame, parseReply } from "../../src/pipeline/agent/reply-frame.ts";
import { agentScript, presenceScript, uploadScripts } from "../../src/pipeline/agent/agent-scripts.ts";
import * as v from "valibot";
import { alive, Machine, remote, reply, shellPath } from "../support/agent-machine.ts";
import { until } from "../support/until.ts";

const shells = ["dash", "bash", "busybox", "mksh"].map((shell) => {
  const missing = shellPath(shell) === undefined;
  return { shell, missing, name: missing ? `${shell} [needs ${shell}]` : shell };
});
const tools: Readonly<Record<string, string>> = { cc: "cc", python3: "python3", times: "sh" };
const captures = Object.entries(tools).map(([capture, tool]) => {
  const missing = shellPath(tool) === undefined;
  return { capture, missing, name: missing ? `${capture} [needs ${tool}]` : capture };
});
/** The best way of timing that this machine has. */
const best = captures.find((one) => !one.missing)?.capture ?? "times";
const isRoot = process.getuid?.() === 0;

/** Processors that the helper can measure the clock of. */
const hasClock = ["x64", "arm64"].includes(process.arch);
const clockLike = (hz: number | undefined): boolean => hz !== undefined && hz > 1e8 && hz < 1e10;

/** Longer than any step takes on a busy machine. Seconds. */
const ample_s = 120;
const setup = `setup s.setup 1 ${ample_s}`;
const trial = (row: string, { attempt = 1, impl = "able", driver = "auto", limit_s = ample_s } = {}): string =>
  `trial s.${row}.${impl} ${attempt} 1 ${row} ${impl} ${driver} ${limit_s}`;

function ended(lines: readonly JournalLine[]): Map<string, EndedLine> {
  const found = lines.filter((line): line is EndedLine => line.t === "ended");
  expect(new Set(found.map(({ id, attempt }) => `${id} ${attempt}`)).size).toBe(found.length);
  return new Map(found.map((line) => [line.id.replace(/^s\./, "").replace(/\.able$/, ""), line]));
}

const outcome = (line: EndedLine | undefined): string =>
  line === undefined ? "nothing" : "reason" in line ? `${line.status}: ${line.reason}` : line.status;

const starts = (lines: readonly JournalLine[]): StartLine[] =>
  lines.filter((line): line is StartLine => line.t === "start");

/** Ways of timing that are tried under a shell, beside the best one. The shell's own `times` is another's in each. */
const tried: Readonly<Record<string, readonly string[]>> = {
  dash: ["cc", "times"],
  bash: ["python3", "times"],
  busybox: ["times"],
  mksh: ["times"],
};

for (const { shell, missing, name } of shells) {
  for (const capture of captures.filter((one) => tried[shell]?.includes(one.capture))) {
    describe.concurrent(`by ${capture.name}, under ${name}`, () => {
      const it = test.skipIf(missing || capture.missing);

      it(`every way a step can end is told [${name}]`, async () => {
        await using machine = new Machine(shell, capture.capture);
        const rows = ["ok", "exit7", "exit137", "killed", "wrong", "unprepared", "daemon", "many", "burn"];
        const lines = await machine.run("b", [
          setup,
          ...rows.map((row) => trial(row)),
          trial("late", { limit_s: 1 }),
          trial("ok", { impl: "lame" }),
          trial("ok", { impl: "unheard" }),
          trial("ok", { impl: "forced", driver: "mine" }),
        ]);
        const by = ended(lines);
        const killed = capture.capture === "times" ? "failed: exit 137" : "failed: signal 9";
        expect(Object.fromEntries([...by].map(([id, line]) => [id, outcome(line)]))).toEqual({
          setup: "completed",
          ok: "completed",
          exit7: "failed: exit 7",
          exit137: "failed: exit 137",
          killed,
          wrong: "failed: check exit 1",
          unprepared: "failed: prepare exit 3",
          daemon: "completed",
          many: "completed",
          burn: "completed",
          late: "timed-out: limit 1",
          "ok.lame": 'skipped: no "legs" \\o/ $(touch pwned)',
          "ok.unheard": "skipped: not-provided",
          "ok.forced": "completed",
        });
        for (const line of by.values()) {
          expect("real_s" in line, `times of ${line.id}`).toBe(line.status === "completed");
        }
        expect(by.get("ok")).toMatchObject({
          driver: "builtin",
          capture: capture.capture,
          check: "ok",
          provided: { work_id: "1" },
        });
        expect(by.get("ok.forced")).toMatchObject({ driver: "mine" });
        expect(by.get("wrong")).toMatchObject({ check: "failed", provided: { digest: "666" } });
        expect(Buffer.from(by.get("exit7")?.stderr_tail ?? "", "base64").toString()).toBe('it went "wrong"\n');
        const clocks = [by.get("ok"), by.get("burn"), lines.at(-1)].map(
          (line) => (line as { clock_hz_before?: number; clock_hz_after?: number } | undefined) ?? {},
        );
        // The compiled helper measures the clock before and after the batch. The others cannot.
        for (const { clock_hz_before, clock_hz_after } of clocks)
          expect(clockLike(clock_hz_before ?? clock_hz_after)).toBe(capture.capture === "cc" && hasClock);
        expect([by.get("daemon")?.orphans, by.get("ok")?.orphans]).toEqual([1, 0]);
        const burn = by.get("burn") as EndedLine & { user_s: number; system_s: number; real_s: number };
        expect(burn.user_s + burn.system_s).toBeGreaterThan(0.02);
        expect(burn.user_s + burn.system_s).toBeLessThan(burn.real_s + 0.025);
        expect(lines.at(-1)).toMatchObject({ t: "end", batch: "b" });
        expect(lines.every((line) => JSON.stringify(line).length <= 12_000)).toBe(true);

        for (const file of ["daemon.pid", "late.pid"]) {
          const pid = Number(machine.read("runs", "r", "work", "s", file));
          expect(pid).toBeGreaterThan(1);
          expect(alive(pid), file).toBe(false);
        }
      });

      it(`after its supervisor is killed, a step is told as interrupted, and a new attempt works [${name}]`, async () => {
        await using machine = new Machine(shell, capture.capture);
        await machine.plan("b", ["param slow_s 300", setup, trial("slow"), trial("ok")]);
        const [start] = starts((await machine.call("b", 0, 0)).lines);
        const journal = machine.path("runs", "r", "batches", "b", "journal");
        await until(() => existsSync(machine.path("runs", "r", "work", "s", "slow.pid")));
        const pid = Number(machine.read("runs", "r", "work", "s", "slow.pid"));
        expect(alive(pid)).toBe(true);
        const whole = readFileSync(journal, "utf8");
        process.kill(Number(/"pid":(\d+)/.exec(whole)?.[1]), "SIGKILL");
        expect(start).not.toHaveProperty("taken_over");
        appendFileSync(journal, '{"t":"ended","id":"s.slow.able","kind":"trial","attempt":1,"status":"compl');

        const lines = await machine.run("b");
        expect(readFileSync(journal, "utf8").startsWith(whole)).toBe(true);
        expect(starts(lines)[1]?.taken_over).toMatch(/ r\/b$/);
        const by = ended(lines);
        expect(outcome(by.get("slow"))).toBe("interrupted: supervisor-died");
        expect(outcome(by.get("ok"))).toBe("completed");
        expect(alive(pid)).toBe(false);
        const again = ended(await machine.run("b2", [trial("slow", { attempt: 2 })]));
        expect(outcome(again.get("slow"))).toBe("completed");
        expect(machine.read("runs", "r", "work", "s", "ran")).toBe("slow\nok\nslow\n");
      });
    });
  }

  describe.concurrent(`under ${name}`, () => {
    const it = test.skipIf(missing);

    // More under one shell: most of it is shells that start, and each shell's own part is in the lock.
    const calls = shell === "dash" ? 50 : 12;
    it(`a batch that is called ${calls} times at once runs each step once [${name}]`, async () => {
      await using machine = new Machine(shell, best);
      await machine.plan("b", [setup, trial("ok1"), trial("slow"), trial("ok2")]);
      const replies = await Promise.all(Array.from({ length: calls }, () => machine.agent("run", "r", "b", "0", "1")));
      for (const one of replies) reply(one);
      const lines = await machine.run("b");
      expect(starts(lines)).toHaveLength(1);
      expect([...ended(lines).keys()]).toEqual(["setup", "ok1", "slow", "ok2"]);
      expect(machine.read("runs", "r", "work", "s", "ran")).toBe("ok1\nslow\nok2\n");
      expect(await machine.run("b")).toEqual(lines);
    });

    it(`the lock of a holder that is dead or of another boot is taken over, and it is said [${name}]`, async () => {
      await using machine = new Machine(shell, best);
      await machine.plan("b", [setup]);
      const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
      const birth = readFileSync("/proc/self/stat", "utf8")
        .replace(/^.*\) /s, "")
        .split(" ")[19];
      for (const [i, holder] of [
        `${boot} ${process.pid} 1 q/dead`,
        `elsewhere ${process.pid} ${birth} q/b`,
      ].entries()) {
        writeFileSync(machine.path("lock"), `${holder}\n`);
        const lines = await machine.run(`b${i}`, [setup]);
        expect(starts(lines)[0]?.taken_over).toBe(holder);
        await until(() => !existsSync(machine.path("lock")));
      }
    });

    it(`while another batch is under way, a batch waits for its turn [${name}]`, async () => {
      await using machine = new Machine(shell, best);
      await machine.plan("b", [setup]);
      const birth = readFileSync("/proc/self/stat", "utf8")
        .replace(/^.*\) /s, "")
        .split(" ")[19];
      const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
      mkdirSync(machine.path("runs", "q", "batches", "b"), { recursive: true });
      writeFileSync(machine.path("lock"), `${boot} ${process.pid} ${birth} q/b\n`);
      expect(await machine.call("b", 0, 1)).toMatchObject({ state: "running", lines: [] });
      rmSync(machine.path("lock"));
      expect((await machine.run("b")).at(-1)?.t).toBe("end");
    });

    it(`a follower that is killed holds up nobody [${name}]`, async () => {
      await using machine = new Machine(shell, best);
      await machine.plan("b", ["param slow_s 300", setup, trial("slow"), trial("ok")]);
      await machine.call("b", 0, 0);
      // The step goes on until the follower is dead: a follower of a batch that has ended waits for nothing.
      const step = machine.path("runs", "r", "work", "s", "slow.pid");
      await until(() => existsSync(step));
      let pid = 0;
      const offset = String(machine.read("runs", "r", "batches", "b", "journal").length);
      const words = [join(remote, "agent.sh"), "run", "r", "b", offset, "20"];
      const gone = machine.sh(words, (child) => {
        pid = child.pid as number;
      });
      await until(() => existsSync(machine.path("runs", "r", "batches", "b", `w.${pid}`)));
      process.kill(pid, "SIGKILL");
      expect((await gone).status).toBe(null);
      process.kill(Number(readFileSync(step, "utf8")));
      const by = ended(await machine.run("b"));
      expect([...by.values()].map(outcome)).toEqual(["completed", "completed", "completed"]);
    });

    it(`stop ends the step that is under way, and clean is refused until then [${name}]`, async () => {
      await using machine = new Machine(shell, best);
      await machine.plan("b", ["param slow_s 300", setup, trial("slow"), trial("ok")]);
      await machine.call("b", 0, 0);
      await until(() => existsSync(machine.path("runs", "r", "work", "s", "ran")));
      expect(await machine.agent("clean", "r")).toMatchObject({
        status: 1,
        out: "",
        err: "timetrial: r/b is under way\n",
      });
      expect(reply(await machine.agent("stop", "r"))).toMatchObject({ state: "ended", lines: [] });
      expect(existsSync(machine.path("lock"))).toBe(false);
      const lines = await machine.run("b");
      expect(outcome(ended(lines).get("slow"))).toBe("interrupted: stopped");
      expect(lines.at(-1)?.t).toBe("end");
      expect(machine.read("runs", "r", "work", "s", "ran")).toBe("slow\n");
      reply(await machine.agent("clean", "r"));
      expect(existsSync(machine.path("runs", "r"))).toBe(false);
    });

    it(`steps get what the machine declares, and not what the caller had [${name}]`, async () => {
      const env = {
        OPENSSL_ia32cap: "~0x1",
        CFLAGS: "-O0",
        LC_TIME: "C",
        TT_PARAM_text: "stale",
        DECLARED: "by the caller",
      };
      const declared = [
        "OPENSSL_ia32cap=:~0x20000000",
        "DECLARED= $(touch pwned) `id` 'x",
        "not a line",
        "9=9",
        "IFS=x",
      ];
      await using machine = new Machine(shell, best, env, declared);
      const by = ended(await machine.run("b", ["param text $HOME  * \\ 'it' ", setup]));
      expect(by.get("setup")?.provided).toMatchObject({
        "fact.openssl": ":~0x20000000",
        "fact.cflags": "cleared",
        "fact.lc": "C cleared",
        "fact.param": "$HOME  * \\ 'it' ",
        "fact.blanks": " $(touch pwned) `id` 'x",
        "fact.umask": expect.stringMatching(/^0*22$/),
      });
      await using bare = new Machine(shell, best, env);
      expect(ended(await bare.run("b", [setup])).get("setup")?.provided).toMatchObject({ "fact.openssl": "cleared" });
      const frame = parseReply((await machine.agent("facts")).out);
      if ("fault" in frame) throw new Error(frame.fault);
      const facts = v.parse(factsSchema, JSON.parse(frame.lines[0] ?? ""));
      expect(facts.machine_env).toMatchObject({ OPENSSL_ia32cap: ":~0x20000000", DECLARED: " $(touch pwned) `id` 'x" });
      expect(facts).toMatchObject({ capture: best, uname: "Linux", uid: process.getuid?.() });
      expect(facts.libc).toMatch(/^(glibc|musl) \d+\.\d+/);
      // lscpu reads the same files by a way of its own.
      const lscpu = spawnSync("lscpu", { encoding: "utf8", env: { ...process.env, LC_ALL: "C" } }).stdout;
      const threads = /^Thread\(s\) per core: +(\d+)$/m.exec(lscpu)?.[1];
      if (threads !== undefined) expect(facts.threads_per_core).toBe(Number(threads));
      if (/^L3 cache:/m.test(lscpu)) expect(facts.caches).toMatch(/^L1d \d+K, L1i \d+K, L2 \d+K, L3 \d+K$/);
    });

    it(`FreeBSD's boot messages become feature words, Linux's own [${name}]`, () => {
      const words = (messages: string): string => {
        const text = `. "${join(remote, "facts.sh")}"; facts_flags`;
        return spawnSync(shell, [...(shell === "busybox" ? ["sh"] : []), "-c", text], {
          input: messages,
          encoding: "utf8",
        }).stdout.trim();
      };
      const arm = " Instruction Set Attributes 0 = <Atomic,CRC32,SHA2+SHA512,SHA1,AES+PMULL>\n";
      expect(words(arm)).toBe("atomic crc32 sha2 sha512 sha1 aes pmull");
      expect(words("  Features=0x178bfbff<FPU,VME>\n  Features2=0x1<SSE3,AESNI>\n")).toBe("fpu vme pni aes");
    });

    it(`whatever setup and check print becomes valid JSON of printable ASCII, within bounds [${name}]`, async () => {
      await using machine = new Machine(shell, best);
      const by = ended(await machine.run("b", [setup, trial("many"), trial("endless")]));
      const provided = by.get("setup")?.provided ?? {};
      expect(provided["fact.bytes"]).toBe('[31mred "q" \\ `id` $(id).');
      expect(provided["fact.long"]).toHaveLength(400);
      expect(Object.keys(provided)).not.toContain("fact.spaced name");
      expect(Object.keys(provided)).not.toContain("Fact.upper");
      expect(Object.keys(by.get("many")?.provided ?? {}).length).toBeGreaterThan(10);
      expect(outcome(by.get("endless"))).toBe("completed");
      expect(existsSync(machine.path("runs", "r", "work", "s", "pwned"))).toBe(false);
    });

    it(`ids that lead elsewhere, unknown verbs and bad numbers are refused [${name}]`, async () => {
      await using machine = new Machine(shell, best);
      await machine.plan("b", [setup]);
      const calls = [
        ["run", "../x", "b", "0", "0"],
        ["run", "r", "-x", "0", "0"],
        ["run", "r", ".", "0", "0"],
        ["run", "r", "a/b", "0", "0"],
        ["run", "r", "x".repeat(101), "0", "0"],
        ["run", "r", "b", "-1", "0"],
        ["run", "r", "b", "0", "21"],
        ["run", "r", "b", "100000", "0"],
        ["run", "r", "unknown", "0", "0"],
        ["run", "r", "b"],
        ["stop", "$(id)"],
        ["clean", "..", "b"],
        ["clean", ".."],
        ["destroy"],
        [],
      ];
      for (const words of calls) {
        const { status, out, err } = await machine.agent(...words);
        expect({ words, status, out }).toEqual({ words, status: 1, out: "" });
        expect(err).toMatch(/^timetrial: /);
      }
    });

    it(`a plan with a line that is not well made is refused before anything starts [${name}]`, async () => {
      await using machine = new Machine(shell, best);
      const lines = [
        "trial s.x 1 1 row impl auto 0",
        "trial s/../x 1 1 row impl auto 10",
        "trial s.x 1 1 row",
        "param a-b 1",
        "suite s missing",
        "reboot now",
      ];
      for (const line of lines) {
        await machine.plan("b", [setup, line]);
        const { status, out, err } = await machine.agent("run", "r", "b", "0", "0");
        expect({ line, status, out }).toEqual({ line, status: 1, out: "" });
        expect(err).toMatch(/^timetrial: r\/b: plan: line 4/);
      }
      expect(existsSync(machine.path("runs", "r", "batches", "b", "begun.s.setup.1"))).toBe(false);
    });

    it(`a home that is a link, open to others or somebody else's is refused [${name}]`, async () => {
      await using machine = new Machine(shell, best);
      const refused = async (): Promise<void> => {
        expect(await machine.agent("facts")).toMatchObject({
          status: 1,
          out: "",
          err: expect.stringContaining(machine.home),
        });
        rmSync(machine.home, { recursive: true });
      };
      mkdirSync(join(machine.folder, "real"), { mode: 0o700 });
      symlinkSync(join(machine.folder, "real"), machine.home);
      await refused();
      mkdirSync(machine.home);
      machine.mode(0o755);
      await refused();
      writeFileSync(machine.home, "");
      await refused();
      if (!isRoot) return;
      mkdirSync(machine.home, { mode: 0o700 });
      chownSync(machine.home, 65534, 65534);
      await refused();
    });

    it(`an archive arrives in parts, again if need be, and is called by its digest [${name}]`, async () => {
      await using machine = new Machine(shell, best);
      const library = readFileSync(join(remote, "put.sh"), "utf8");
      const names = ["agent", "put", "host", "environment", "capture", "lock", "step", "batch", "facts"].map(
        (file) => `${file}.sh`,
      );
      const files = [...names, "capture.c", "counters.c", "counters.h", "capture.py"].map((path) => ({
        path,
        mode: 0o644 as const,
        bytes: readFileSync(join(remote, path)),
      }));
      const noise = {
        path: "noise",
        mode: 0o644 as const,
        bytes: Buffer.from(Array.from({ length: 20_000 }, (_, i) => (i * i * 31 + (i >> 3)) % 251)),
      };
      const { bytes, digest } = archive([...files, noise]);
      const parts = uploadScripts(library, bytes, digest);
      expect(parts.length).toBeGreaterThan(1);

      expect((await machine.script(presenceScript(library, [digest]))).out).toBe(`want ${digest}\n`);
      const [first = ""] = parts;
      const at = first.indexOf("<<'TT_EOF'\n") + 500;
      const flipped = `${first.slice(0, at)}${first[at] === "A" ? "B" : "A"}${first.slice(at + 1)}`;
      expect(await machine.script(flipped)).toMatchObject({
        status: 1,
        err: expect.stringContaining(`part 0 of ${digest} arrived damaged`),
      });
      expect(await machine.script(parts.at(-1) ?? "")).toMatchObject({
        status: 1,
        err: expect.stringContaining(`part 0 of ${digest} is missing`),
      });
      for (const part of [...parts, ...parts]) expect(await machine.script(part)).toMatchObject({ status: 0, err: "" });
      expect((await machine.script(presenceScript(library, [digest]))).out).toBe(`have ${digest}\n`);
      expect(readFileSync(machine.path("ship", digest, "noise"))).toEqual(noise.bytes);
      expect(spawnSync("ls", [machine.path("inbox")]).stdout.toString()).toBe("");

      // Between runs: what was put beside the files is no matter, what was put into one is.
      writeFileSync(machine.path("ship", digest, "beside"), "");
      expect((await machine.script(presenceScript(library, [digest]))).out).toBe(`have ${digest}\n`);
      writeFileSync(machine.path("ship", digest, "noise"), "shorter work");
      expect((await machine.script(presenceScript(library, [digest]))).out).toBe(`want ${digest}\n`);
      expect(await machine.script(agentScript(library, digest, ["facts"]))).toMatchObject({ status: 1 });
      for (const part of parts) expect(await machine.script(part)).toMatchObject({ status: 0, err: "" });
      expect(readFileSync(machine.path("ship", digest, "noise"))).toEqual(noise.bytes);

      const facts = parseReply((await machine.script(agentScript(library, digest, ["facts"]))).out);
      expect(facts).toMatchObject({ of: "facts", state: "ended" });
      await machine.plan("other", [setup]);
      const plan = { run: "r", batch: "b", text: `timetrial-batch 1\nsuite s s\n${setup}\n` };
      const call = agentScript(library, digest, ["run", "r", "b", "0", "20"], plan);
      expect(reply(await machine.script(call)).lines[0]).toMatchObject({ t: "start" });
      expect(reply(await machine.script(call)).lines[0]).toMatchObject({ t: "start" });
      const other = agentScript(library, digest, ["run", "r", "b", "0", "0"], { ...plan, text: `${plan.text}\n` });
      expect(await machine.script(other)).toMatchObject({ status: 1, err: expect.stringContaining("another plan") });
    });

    it(`a journal that cannot be written stops the batch, and the log says why [${name}]`, async () => {
      await using machine = new Machine(shell, best);
      await machine.plan("b", [setup]);
      machine.link("/nowhere/journal", "runs", "r", "batches", "b", "journal");
      await machine.agent("run", "r", "b", "0", "0");
      await until(() => machine.read("runs", "r", "batches", "b", "log").includes("cannot write the journal of r/b"));
      await until(() => !existsSync(machine.path("lock")));
      expect(existsSync(machine.path("runs", "r", "batches", "b", "begun.s.setup.1"))).toBe(false);
    });
  });
}

describe("a step", () => {
  test.each(captures.filter(({ missing }) => !missing))(
    "that prints more than it may fails, and what it printed is thrown away, by $name",
    async ({ capture }) => {
      await using machine = new Machine("dash", capture);
      const lines = await machine.run("b", ["param megabytes 260", setup, trial("flood"), trial("ok")]);
      const by = ended(lines);
      expect([...by.values()].map(outcome)).toEqual([
        "completed",
        "failed: output over 268435456 bytes were printed",
        "completed",
      ]);
      expect(machine.read("runs", "r", "batches", "b", "begun.s.flood.able.1", "out")).toBe("");
      expect(JSON.stringify(lines).length).toBeLessThan(10_000);
    },
  );

  test.each(captures.filter(({ missing, capture }) => !missing && capture !== "times"))(
    "that never stops printing is ended long before its limit, by $name",
    async ({ capture }) => {
      await using machine = new Machine("dash", capture);
      const by = ended(await machine.run("b", [setup, trial("drivel", { limit_s: 3000 })]));
      expect(outcome(by.get("drivel"))).toBe("failed: output over 268435456 bytes were printed");
    },
  );

  test("that prints a hundred megabytes is timed like any other, and they are thrown away", async () => {
    await using machine = new Machine("dash", best);
    const by = ended(await machine.run("b", ["param megabytes 100", setup, trial("flood")]));
    expect(outcome(by.get("flood"))).toBe("completed");
    expect(machine.read("runs", "r", "batches", "b", "begun.s.flood.able.1", "out")).toBe("");
  });

  test("that fails tells the end of its log, of what it printed and of what it complained", async () => {
    await using machine = new Machine("dash", best);
    const by = ended(await machine.run("b", [setup, trial("broken")]));
    const tail = Buffer.from(by.get("broken")?.stderr_tail ?? "", "base64").toString();
    expect(tail).toContain("last of the log\n");
    expect(tail).toContain("last of the output\n");
    expect(tail).toContain("only a warning\n");
    expect(tail.length).toBeLessThanOrEqual(2000);
  });

  test("is started with no signal ignored", async () => {
    for (const capture of ["cc", "python3", "times"]) {
      await using machine = new Machine("dash", capture);
      const by = ended(await machine.run("b", [setup, trial("signals")]));
      // Bits 1 to 3: SIGHUP, SIGINT, SIGQUIT. Node itself ignores SIGPIPE, which the shell's `times` passes on.
      const ignored = Number.parseInt(by.get("signals")?.provided?.["reported.ignored"] ?? "", 16);
      expect({ capture, ignored: ignored & (capture === "times" ? 0b111 : 0x7fff) }).toEqual({ capture, ignored: 0 });
    }
  });
});

describe("how far a step is", () => {
  /** What a follower is told of the step of `row`, asked once it has begun. */
  const told = async (row: string): Promise<ReplyFrame["progress"]> => {
    await using machine = new Machine("dash", best);
    await machine.plan("b", [setup, trial(row)]);
    await machine.call("b", 0, 0);
    await until(() => existsSync(machine.path("runs", "r", "work", "s", "said")));
    const { progress, state } = await machine.call("b", 0, 0);
    expect(state).toBe("running");
    writeFileSync(machine.path("runs", "r", "work", "s", "asked"), "");
    expect(outcome(ended(await machine.run("b")).get(row))).toBe("completed");
    return progress;
  };

  test("is the last line of what it says itself, fit for a terminal, and no mark of ours", async () => {
    expect(await told("far")).toEqual({ id: "s.far.able", text: "stage 2 of 2 [31m<<<timetrial 1 begin r/b 0 ended" });
  });

  test("is else the last >>> line that it printed", async () => {
    expect(await told("stages")).toEqual({ id: "s.stages.able", text: ">>> stage 2: libraries" });
  });

  test("is nothing for a step that says nothing", async () => {
    expect(await told("silent")).toBeUndefined();
  });
});

describe("a machine", () => {
  test("is asked for commands and packages, and says which it lacks", async () => {
    await using machine = new Machine("dash", best);
    const words = ["command:sh", "command:no-such-g++", "package:no-such-package"];
    const frame = parseReply((await machine.agent("facts", ...words)).out);
    if ("fault" in frame) throw new Error(frame.fault);
    expect(v.parse(factsSchema, JSON.parse(frame.lines[0] ?? "")).lacks).toEqual(words.slice(1));
    for (const word of ["sh", "command:$(id)", "eval:x", "command:"])
      expect(await machine.agent("facts", word)).toMatchObject({ status: 1, out: "" });
  });

  const mayMount = spawnSync("unshare", ["-rm", "true"]).status === 0;
  test.skipIf(!mayMount)(
    "whose disk is full midway says so, and what comes later is told [needs unshare -rm]",
    async () => {
      await using machine = new Machine("dash", best);
      await machine.plan("b", [setup, trial("ok1"), trial("fill"), trial("ok2"), "cleanup s.cleanup 1 20"]);
      // All in one mount namespace: the calls must see the same small disk.
      const script = `cp -R "$1" "$1.kept"; mount -t tmpfs -o size=4m,mode=0700 none "$1"; cp -R "$1.kept/." "$1"
      i=0
      until sh "$2" run r b 0 20 >"$1.said" && grep -q '^<<<timetrial .* ended$' "$1.said"; do
        i=$((i + 1)); [ "$i" -lt 5 ] || break
      done
      cat "$1.said"`;
      const said = await machine.unshared(script, machine.home, join(remote, "agent.sh"));
      const by = ended(reply(said).lines);
      expect(outcome(by.get("setup"))).toBe("completed");
      expect(outcome(by.get("ok1"))).toBe("completed");
      expect(outcome(by.get("fill"))).toMatch(/^failed: disk full(: exit \d+)?$/);
      expect(outcome(by.get("ok2"))).toMatch(/^failed: (check )?disk full/);
      expect(reply(said).state).toBe("ended");
      for (const id of ["fill", "ok2"]) expect(by.get(id)).not.toHaveProperty("real_s");
    },
  );
});

test.skipIf(shellPath("shellcheck") === undefined)(
  "shellcheck has nothing to say of the agent [needs shellcheck]",
  () => {
    expect(spawnSync("shellcheck", ["-s", "sh", "-x", "-a", join(remote, "agent.sh")]).stdout.toString()).toBe("");
  },
);

test.skipIf(shellPath("gcc") === undefined)("the helper compiles without a warning [needs gcc]", () => {
  const made = spawnSync("gcc", [
    "-O2",
    "-Wall",
    "-Wextra",
    "-fsyntax-only",
    ...["capture.c", "counters.c"].map((file) => join(remote, file)),
  ]);
  expect({ status: made.status, said: made.stderr.toString() }).toEqual({ status: 0, said: "" });
});
