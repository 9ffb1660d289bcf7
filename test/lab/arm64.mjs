// `npm run test:arm64`: timetrial on a machine of another architecture, by ssh. It is a Debian guest that QEMU emulates:
// real instructions' results, no real speed. Takes minutes, up to twelve on busy cores; wants qemu-system-arm, e2fsprogs and busybox (for
// its cpio), and what it fetches from Debian, 120 MB. `TIMETRIAL_LAB` keeps that in a folder, for the next time.
// Words choose parts: `suites`, and `counters`, whose guest has an exact count of instructions; without any, both.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../support/free-port.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const cli = join(here, "..", "..", "dist", "cli.js");
const scratch = mkdtempSync(join(tmpdir(), "tt-arm64-"));
const lab = process.env.TIMETRIAL_LAB ?? join(scratch, "lab");
let guest;
process.on("exit", () => {
  guest?.kill("SIGKILL");
  rmSync(scratch, { recursive: true, force: true });
});
process.on("SIGINT", () => process.exit(130));
process.on("SIGTERM", () => process.exit(143));

let port, side, path;
const hostId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();

const began = performance.now();
prepare();

/** A program that executes twice its argument in instructions, and some more to start and to end. */
const countdown = `#include <stdlib.h>
int main(int argc, char **argv) {
	unsigned long left = argc > 1 ? strtoul(argv[1], NULL, 10) : 1;
	__asm__ volatile("1: subs %0, %0, #1; b.ne 1b" : "+r"(left) : : "cc");
	return left != 0;
}`;
const [many, few] = [50_000_000, 25_000_000];

/** The run of both programs, which two checks read. */
let both;

let failed = 0;
const suites = {
  "openssl-evp and portable-c run on aarch64, each trial proved, and are said to be emulated": everyRow,
  "the guest and this computer are one host, and only the guest is said to be emulated": oneHost,
  "commands of one's own run there": ownCommand,
  "a guest that declares nothing is known as emulated by its processor": undeclared,
};
/**
 * With -icount each instruction takes 1 ns of the guest's time: its clock is 1 GHz, whatever this computer's is. That is more
 * instructions a second than QEMU translates here: the guest's time does not run ahead of ours.
 */
const counters = {
  "the instructions of a program are counted, and are those that it has": knownInstructions,
  "--why splits a speedup into clock, instructions and work a cycle, and verify computes it again": threeFactors,
  "where a mark says that one side lacks an instruction, --why counts more instructions there": maskedSha,
};
const parts = { suites: { checks: suites, words: [] }, counters: { checks: counters, words: ["-icount", "shift=0"] } };
const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(parts);
let passed = 0;
for (const part of wanted) {
  const { checks, words } = parts[part] ?? {};
  assert.ok(checks, `expected ${Object.keys(parts).join(" or ")}, got ${part}`);
  await boot(words);
  say(`the guest is up after ${seconds(began)} s`);
  for (const [name, check] of Object.entries(checks)) {
    const from = performance.now();
    try {
      check();
      passed += 1;
      say(`passed: ${name} (${seconds(from)} s)`);
    } catch (error) {
      failed += 1;
      say(`FAILED: ${name} (${seconds(from)} s)\n${error.stack}`);
    }
  }
  guest.kill("SIGKILL");
}
say(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);

/** Runs a script on the guest, with `input` to read, and returns what it printed. */
function onGuest(script, input = "") {
  const words = ["-p", String(port), "root@127.0.0.1", script];
  const ended = spawnSync("ssh", words, { env: path, encoding: "utf8", input });
  assert.equal(ended.status, 0, ended.stderr);
  return ended.stdout;
}

function knownInstructions() {
  onGuest("cat >/root/c.c && gcc -O2 -o /root/countdown /root/c.c", countdown);
  // It sleeps first: what the guest does beside so short a trial would be too much of it.
  const commands = [many, few].map((count) => `sh -c 'sleep 1; exec /root/countdown ${count}'`);
  both = timetrial("run", "--on", side, "--rounds", "7", "--why", "--", ...commands);
  assert.match(both.facts.counters, /^cycles instructions/);
  assert.equal(both.facts.counted, "user+kernel");
  for (const record of both.records) {
    assert.equal(record.status, "completed");
    assert.equal(record.counters_running_s, record.counters_enabled_s);
    const own = 2 * (record.row === "cmd-1" ? many : few);
    // Its start, its end and the kernel's part are some millions.
    const more = record.instructions - own;
    assert.ok(more > 0 && more < 20e6, `${record.instructions} instructions where the program has ${own}`);
    // A chain of additions takes an instruction each; its loop has one in 128 more.
    assert.ok(Math.abs(record.clock_hz_before / 1e9 - 1) < 0.03, `${record.clock_hz_before} Hz under 1 GHz`);
  }
}

function threeFactors() {
  const { stdout, run } = both;
  // A long label stands above its figures, and so does the head.
  assert.match(stdout, /^why, cpu\b/m);
  assert.match(stdout, / speedup +clock +instructions +work a cycle$/m);
  const { rows } = JSON.parse(cliOutput("report", run, "--why", "--format", "json", "--by", "command"));
  const [{ speedups, why }] = rows;
  const [[contender, { factors, counted }]] = Object.entries(why);
  const [clock, instructions, work] = factors;
  assert.equal(counted, "user+kernel");
  const product = factors.reduce((all, { value }) => all * value, 1);
  assert.ok(Math.abs(product / speedups[contender].cpu.value - 1) < 1e-9, `the product is ${product}`);
  assert.ok(Math.abs((clock.value * work.value * instructions.value) / product - 1) < 1e-9);
  // Half the iterations are half the instructions, but for starting and ending.
  assert.ok(instructions.value > 1.6 && instructions.value < 2.1, `instructions ${instructions.value}`);
  for (const { name, value, lo, hi } of factors) assert.ok(lo <= value && value <= hi, `${name} has no interval`);
  assert.match(cliOutput("verify", run), /verified/);
}

/**
 * The guest beside itself without the SHA instructions: the user `masked` declares the same mask of OpenSSL as the
 * sandbox's family s1 does. md5 has no such instructions, so that nothing may differ there.
 */
function maskedSha() {
  const [, word] = /OPENSSL_armcap=(0x[0-9a-f]+)/i.exec(onGuest("openssl version -c")) ?? [];
  assert.ok(word, "OpenSSL on the guest does not tell its capability word");
  // SHA1, SHA256 and SHA512 are bits 3, 4 and 6.
  const masked = `0x${(BigInt(word) & ~0x58n).toString(16)}`;
  onGuest(
    `cp /etc/timetrial/machine.env /etc/timetrial/masked.env
    printf 'TIMETRIAL_HOME=/var/tmp/masked\\nOPENSSL_armcap=${masked}\\n' >>/etc/timetrial/masked.env
    cat >/root/masked-shell && chmod 755 /root/masked-shell && echo /root/masked-shell >>/etc/shells
    echo 'masked:x:0:0:masked:/root:/root/masked-shell' >>/etc/passwd`,
    '#!/bin/sh\nexport TIMETRIAL_MACHINE_ENV=/etc/timetrial/masked.env\nexec /bin/sh "$@"\n',
  );
  const suites = ["md5", "sha256"].flatMap((row) => ["--suite", `hashes/${row}/openssl-evp`]);
  const sides = [`plain=${side.replace("root@", "masked@")}`, `sha=${side}`];
  const { stdout, run } = timetrial("compare", ...sides, ...suites, "--rounds", "7", "--set", "blocks=20000", "--why");
  assert.match(stdout, /†1 instruction sha2: on sha, not on plain/);
  const { rows } = JSON.parse(cliOutput("report", run, "--why", "--format", "json"));
  const instructionsOf = (name) =>
    rows.find(({ row }) => row === name).why.sha.factors.find((one) => one.name === "instructions");
  const [md5, sha256] = [instructionsOf("md5"), instructionsOf("sha256")];
  assert.ok(sha256.lo > 2, `sha256: instructions ${JSON.stringify(sha256)}`);
  assert.ok(Math.abs(md5.value - 1) < 0.02, `md5: instructions ${JSON.stringify(md5)}`);
  const marked = (name) => new RegExp(`^ +${name} .*†`, "m").test(stdout.slice(0, stdout.indexOf("why, cpu")));
  assert.deepEqual([marked("md5"), marked("sha256")], [false, true]);
}

/** Runs the command line on what is stored, and returns what it printed. */
function cliOutput(...words) {
  const ended = spawnSync(process.execPath, [cli, ...words], { env: path, encoding: "utf8" });
  assert.equal(ended.status, 0, ended.stderr);
  return ended.stdout;
}

function everyRow() {
  const { stdout, records, facts } = timetrial("run", "hashes", "--on", side, "--rounds", "2", "--set", "blocks=20000");
  assert.equal(facts.arch, "aarch64");
  assert.equal(records.length, 16);
  for (const record of records)
    assert.deepEqual([record.row, record.status, record.check], [record.row, "completed", "ok"]);
  assert.deepEqual(new Set(records.map(({ impl }) => impl)), new Set(["openssl-evp", "portable-c"]));
  assert.match(stdout, /emulated \(qemu-tcg\): times are not performance/);
}

function oneHost() {
  const words = ["--suite", "hashes/sha512/portable-c", "--rounds", "2", "--set", "blocks=20000"];
  const { stdout, records } = timetrial("compare", "local", `arm64=${side}`, ...words);
  assert.deepEqual(new Set(records.map(({ host_id }) => host_id)), new Set([hostId]));
  assert.match(stdout.replaceAll(/\s+/g, " "), /arm64: emulated \(qemu-tcg\): times are not performance/);
}

function ownCommand() {
  const check = 'grep -qx aarch64 "$TT_STEP_DIR/out"';
  const { records } = timetrial("run", "--on", side, "--rounds", "2", "--check", check, "--", "uname", "-m");
  for (const { status, check: proof } of records) assert.deepEqual([status, proof], ["completed", "ok"]);
}

function undeclared() {
  const gone = spawnSync("ssh", ["-p", String(port), "root@127.0.0.1", "rm /etc/timetrial/machine.env"], { env: path });
  assert.equal(gone.status, 0);
  const { stdout } = timetrial("run", "--on", side, "--rounds", "2", "--", "true");
  assert.match(stdout, /emulated \(qemu-tcg\): times are not performance/);
}

/** Runs the command line, shows what it printed, and hands over what it stored. */
function timetrial(...words) {
  const folder = mkdtempSync(join(scratch, "run-"));
  say(`\n$ timetrial ${words.join(" ")}`);
  const ended = spawnSync(process.execPath, [cli, ...words], { cwd: folder, env: path, encoding: "utf8" });
  say(`${ended.stderr}${ended.stdout}`);
  assert.equal(ended.status, 0);
  const run = join(folder, "results", readdirSync(join(folder, "results"))[0]);
  const records = readFileSync(join(run, "records.ndjson"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const machine = readdirSync(join(run, "machines")).find((name) => name !== "local-1");
  return {
    ...ended,
    run,
    records,
    facts: JSON.parse(readFileSync(join(run, "machines", machine, "facts.json"), "utf8")),
  };
}

function prepare() {
  mkdirSync(lab, { recursive: true });
  if (!existsSync(join(lab, "root", "usr", "bin", "gcc"))) sh("fetch.sh", lab);
  const made = spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(scratch, "id")], {
    stdio: "inherit",
  });
  assert.equal(made.status, 0);
  sh("image.sh", lab, join(scratch, "id.pub"));
}

function sh(script, ...words) {
  const { status } = spawnSync("sh", [join(here, script), ...words], { stdio: ["ignore", "ignore", "inherit"] });
  assert.equal(status, 0, `${script} failed`);
}

async function boot(words) {
  rmSync(join(lab, "console"), { force: true });
  port = await freePort();
  side = `ssh:root@127.0.0.1:${port}`;
  const named = [join(here, "guest.sh"), lab, String(port), hostId, ...words];
  guest = spawn("sh", named, { stdio: ["ignore", "inherit", "inherit"] });
  for (let waited_s = 0; !said().includes("guest is up"); waited_s += 0.2) {
    assert.ok(waited_s < 240 && guest.exitCode === null, `the guest does not come up:\n${said()}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  path = clientPath();
}

function said() {
  return existsSync(join(lab, "console")) ? readFileSync(join(lab, "console"), "utf8") : "";
}

/** An environment in which `ssh` knows the guest's key, by what its console said, and ours; the user's own is not asked. */
function clientPath() {
  const at = (name) => join(scratch, name);
  const key = /^ssh-ed25519 \S+/m.exec(said())?.[0];
  assert.ok(key, "the guest's console shows no host key");
  writeFileSync(at("known_hosts"), `[127.0.0.1]:${port} ${key}\n`);
  const files = `UserKnownHostsFile ${at("known_hosts")}\nGlobalKnownHostsFile none\nIdentityFile ${at("id")}\n`;
  writeFileSync(at("ssh_config"), `Host *\n${files}IdentitiesOnly yes\nIdentityAgent none\n`);
  mkdirSync(at("bin"), { recursive: true });
  const ssh = spawnSync("sh", ["-c", "command -v ssh"], { encoding: "utf8" }).stdout.trim();
  writeFileSync(at("bin/ssh"), `#!/bin/sh\nexec ${ssh} -F ${at("ssh_config")} "$@"\n`);
  chmodSync(at("bin/ssh"), 0o755);
  writeFileSync(at("machine.env"), `TIMETRIAL_HOME=${at("home")}\n`);
  return { ...process.env, PATH: `${at("bin")}:${process.env.PATH}`, TIMETRIAL_MACHINE_ENV: at("machine.env") };
}

function seconds(from) {
  return ((performance.now() - from) / 1000).toFixed(0);
}

function say(text) {
  process.stdout.write(`${text}\n`);
}
