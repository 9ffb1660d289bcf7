// Fifty clients that boot microVMs, each killed at a seeded instant, some with their keeper: nothing may be left.
//
//     node test/soak/microvms.mjs SEED FILE.toml [KILLS]
//
// Wants root, /dev/kvm and a built dist/. The first line says the seed; exit status 1 where anything is left.

import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const [seed = "1", file = "toy.toml", kills = "50"] = process.argv.slice(2);
const cli = resolve("dist/cli.js");
const folder = mkdtempSync(join(tmpdir(), "tt-kills-"));
const draw = random(seed);
console.log(`seed ${seed}, ${kills} kills`);
const known = new Set();
let violations = 0;
let [keepers, booted] = [0, 0];
for (let n = 1; n <= Number(kills); n++) {
  const words = ["boot", `firecracker:${resolve(file)}`, "--boots", "20", "--results", folder, "--quiet"];
  const client = spawn(process.execPath, [cli, ...words], { cwd: folder, stdio: "ignore" });
  const ended = new Promise((done) => client.once("exit", done));
  // One in five before its first microVM is begun, the others from then on into its third.
  const early = draw() < 0.2;
  for (let tries = 0; !early && tries < 400 && begun().every((id) => known.has(id)); tries++) await wait(50);
  await wait(draw() * 1500);
  const withKeeper = draw() < 0.3;
  client.kill("SIGKILL");
  await ended;
  if (withKeeper) {
    keepers += 1;
    for (const { pid } of ours()) kill(pid);
  }
  const ids = begun().filter((id) => !known.has(id));
  booted += ids.length;
  for (const id of ids) known.add(id);
  if (withKeeper) await sweep();
  const left = await settled();
  if (left.length > 0) {
    violations += 1;
    console.log(`kill ${n}: left: ${left.join(", ")}`);
    await sweep();
  }
}
rmSync(folder, { recursive: true, force: true });
console.log(
  `${kills} clients killed, ${keepers} with their keepers, ${booted} microVMs begun, ${violations} violations`,
);
process.exit(violations === 0 ? 0 : 1);

/** mulberry32, seeded by the text's characters. */
function random(text) {
  let state = [...text].reduce((sum, sign) => (Math.imul(sum, 31) + sign.charCodeAt(0)) | 0, 7);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  };
}

/** Processes that name a microVM's folder of a run below `folder`, by its ledger. */
function ours() {
  const ids = begun();
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const words = read(`/proc/${name}/cmdline`);
      return ids.some((id) => words.includes(id)) ? [{ pid: Number(name) }] : [];
    });
}

/** Ids of all microVMs that were begun so far. */
function begun() {
  return readdirSync(folder).flatMap((run) =>
    [...read(join(folder, run, "ledger.ndjson")).matchAll(/"id":"(fc-[0-9a-f]{10})"/g)].map(([, id]) => id),
  );
}

/** What is left of them, once keepers had time to end: folders, devices, processes. */
async function settled() {
  for (let tries = 0; ; tries++) {
    const ids = begun();
    const folders = readdirSync("/var/tmp/timetrial-microvms-0").filter((name) => ids.includes(name));
    const devices = readdirSync("/sys/class/net").filter((name) => ids.includes(name.replace("fc", "fc-")));
    const left = [...folders, ...devices, ...ours().map(({ pid }) => `process ${pid}`)];
    if (left.length === 0 || tries === 100) return left;
    await wait(100);
  }
}

async function sweep() {
  const sweeper = spawn(process.execPath, [cli, "sweep", "--local"], { stdio: "ignore" });
  await new Promise((done) => sweeper.once("exit", done));
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function kill(pid) {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}
