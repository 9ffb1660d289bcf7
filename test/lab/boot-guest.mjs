// `npm run test:boot-guest [boots] [delay]`: real guests, booted and probed. Each is an emulated machine (QEMU, no KVM)
// with Debian's kernel and dropbear, on a tap device in a network namespace of its own. Beside what the probe sees stands
// what the guest's own console says. Exit status 1 where the probe saw anything else: not closed before open, another time
// between them than the console has, or an open port where the daemon never came.
//
// Wants root on Linux, qemu-system-x86, binutils, cpio and lz4, and what it fetches from Debian, 40 MB: `TIMETRIAL_LAB`
// keeps that in a folder, for the next time. Its start is QEMU's, since no EC2 is asked.

import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { systemClock, tcpProbe } from "../../dist/lib/adapters/index.js";

/** Between the probe's and the console's time from the network to the daemon: the console has 10 ms steps, and both share a CPU. */
const tolerance_s = 0.25;
/** The longest that a guest may take until its port is open. */
const limit_s = 90;
/** How long a guest is probed whose daemon never comes: longer than its kernel takes. */
const neverLimit_s = 30;

const here = fileURLToPath(import.meta.url);
const [boots = "6", delay = "0.3"] = process.argv.slice(2);
if (process.env.TIMETRIAL_LAB_INSIDE === undefined) process.exit(outside());
await inside(process.env.TIMETRIAL_LAB_INSIDE);

/** Fetches what there is to boot, and starts this program again where nobody else is on the net. */
function outside() {
  const scratch = mkdtempSync(join(tmpdir(), "tt-boot-guest-"));
  try {
    const lab = process.env.TIMETRIAL_LAB ?? join(scratch, "lab");
    if (!existsSync(join(lab, "guest.cpio.gz")))
      execFileSync("sh", [join(dirname(here), "boot-fetch.sh"), lab], { stdio: "inherit" });
    const apart = "--net --mount --pid --fork --kill-child --mount-proc".split(" ");
    const env = { ...process.env, TIMETRIAL_LAB_INSIDE: lab };
    return (
      spawnSync("unshare", [...apart, process.execPath, here, boots, delay], { stdio: "inherit", env }).status ?? 1
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function inside(lab) {
  net();
  const probe = tcpProbe(systemClock);
  await probe.warm();
  const kept = [];
  let failed = 0;
  for (let n = 1; n <= Number(boots); n++) {
    const seen = await bootOnce(probe, lab, { delay, limit_s });
    const wrong = whatIsWrong(seen);
    if (wrong !== undefined) failed += 1;
    else if (n > 1) kept.push(seen);
    console.log(`boot ${n}: ${wrong === undefined ? "" : `FAILED: ${wrong}; `}${text(seen)}`);
  }
  if (kept.length > 0)
    console.log(
      `median of ${kept.length}, the first dropped: start to closed ${median(kept.map(({ closed_s }) => closed_s)).toFixed(2)} s, closed to open ${median(kept.map(({ open_s, closed_s }) => open_s - closed_s)).toFixed(2)} s`,
    );
  const never = await bootOnce(probe, lab, { delay: "3600", limit_s: neverLimit_s });
  const told = whatIsWrong(never);
  if (told === "never opened") console.log(`a guest whose daemon never comes: ${told}; ${text(never)}`);
  else console.log(`FAILED: a guest whose daemon never comes: expected "never opened", got ${told}; ${text(never)}`);
  process.exit(failed === 0 && told === "never opened" ? 0 : 1);
}

function net() {
  const ip = (words) => execFileSync("ip", words.split(" "));
  ip("link set lo up");
  ip("tuntap add dev t1 mode tap");
  ip("addr add 192.0.2.1/24 dev t1");
  ip("link set t1 up");
  // Else the first answer waits for the next try at finding the neighbour, up to a second.
  ip("neigh add 192.0.2.10 lladdr 02:00:00:00:00:10 dev t1 nud permanent");
}

/** One guest whose daemon waits `delay` s; probed for `limit_s` at most. Times since QEMU's start, in seconds. */
async function bootOnce(probe, lab, { delay: sshdelay, limit_s: most_s }) {
  const log = join(mkdtempSync(join(tmpdir(), "tt-console-")), "console.txt");
  const start_s = systemClock.monotonic_s();
  const guest = spawn("qemu-system-x86_64", wordsFor(lab, log, sshdelay), { stdio: ["ignore", "ignore", "inherit"] });
  const ended = new Promise((resolve) => guest.once("exit", resolve));
  try {
    const wish = { address: "192.0.2.10", port: 22, every_s: 0.01, life_s: 1, until_s: start_s + most_s };
    const seen = await probe.watch(wish, new AbortController().signal, () => {});
    const since = (at_s) => (at_s === undefined ? undefined : at_s - start_s);
    // The daemon is there before its guest has said so.
    for (let n = 0; n < 50 && seen.open_at_s !== undefined && said(log).SSHD === undefined; n++) await wait(100);
    const { NETUP: up_s, SSHD: daemon_s } = said(log);
    return { ...seen, closed_s: since(seen.closed_at_s), open_s: since(seen.open_at_s), up_s, daemon_s };
  } finally {
    guest.kill("SIGKILL");
    await ended;
    rmSync(dirname(log), { recursive: true, force: true });
  }
}

function wordsFor(lab, log, sshdelay) {
  return [
    ..."-M microvm -cpu max -accel tcg -m 256 -display none -nodefaults -no-reboot".split(" "),
    "-kernel",
    join(lab, "vmlinux"),
    "-initrd",
    join(lab, "guest.cpio.gz"),
    "-serial",
    `file:${log}`,
    "-append",
    `console=ttyS0 tsc_early_khz=2600000 panic=-1 quiet nokaslr cryptomgr.notests lab.ip=192.0.2.10/24 lab.sshdelay=${sshdelay}`,
    "-netdev",
    "tap,id=n0,ifname=t1,script=no,downscript=no",
    "-device",
    "virtio-net-device,netdev=n0,mac=02:00:00:00:00:10",
  ];
}

/** What the guest's console says so far, in seconds of its uptime. */
function said(log) {
  const lines = existsSync(log) ? readFileSync(log, "utf8") : "";
  return Object.fromEntries([...lines.matchAll(/(NETUP|SSHD) ([\d.]+)/g)].map(([, what, at]) => [what, Number(at)]));
}

/** In which the probe's word is not the guest's; undefined where they agree. */
function whatIsWrong({ closed_s, open_s, up_s, daemon_s }) {
  if (open_s === undefined) return closed_s === undefined ? "never answered" : "never opened";
  if (closed_s === undefined || closed_s >= open_s) return "not closed before it was open";
  if (up_s === undefined || daemon_s === undefined) return "its console does not say when network and daemon came";
  const off_s = open_s - closed_s - (daemon_s - up_s);
  return Math.abs(off_s) <= tolerance_s ? undefined : `${off_s.toFixed(2)} s off what its console says`;
}

function text({ closed_s, open_s, up_s, daemon_s, answers, rtt_s }) {
  const seconds = (value_s, digits) => (value_s === undefined ? "never" : `${value_s.toFixed(digits)} s`);
  const parts = [`closed ${seconds(closed_s, 3)}, open ${seconds(open_s, 3)}`];
  if (closed_s !== undefined && open_s !== undefined) parts.push(`between ${seconds(open_s - closed_s, 3)}`);
  if (up_s !== undefined && daemon_s !== undefined)
    parts.push(`console: network to daemon ${seconds(daemon_s - up_s, 2)}`);
  parts.push(`answers ${JSON.stringify(answers)}`);
  if (rtt_s !== undefined) parts.push(`round trip ${(rtt_s * 1000).toFixed(2)} ms`);
  return parts.join("; ");
}

function median(values) {
  assert.ok(values.length > 0);
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.ceil(sorted.length / 2) - 1] + sorted[Math.floor(sorted.length / 2)]) / 2;
}
