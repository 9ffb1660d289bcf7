// boot-guest.mjs DIR [boots] [delay]: real guests, booted and probed. Each is an emulated machine (QEMU, no KVM) with
// Debian's kernel and dropbear from DIR (boot-fetch.sh), on a tap device in a network namespace that this program is
// alone in, so run it as:
//
//   unshare --net --mount --pid --fork --kill-child --mount-proc node test/lab/boot-guest.mjs DIR 10 0.3
//
// Its start is QEMU's, since no EC2 is asked. Beside what the probe sees it prints what the guest's own console says.

import { execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock, tcpProbe } from "../../dist/lib/adapters/index.js";

const [dir, boots = "10", delay = "0.3"] = process.argv.slice(2);
const ip = (text) => execFileSync("ip", text.split(" "));
ip("link set lo up");
ip("tuntap add dev t1 mode tap");
ip("addr add 192.0.2.1/24 dev t1");
ip("link set t1 up");
// Else the first answer waits for the next try at finding the neighbour, up to a second.
ip("neigh add 192.0.2.10 lladdr 02:00:00:00:00:10 dev t1 nud permanent");

const probe = tcpProbe(systemClock);
await probe.warm();
const rows = [];
for (let n = 1; n <= Number(boots); n++) {
  const console_ = join(dir, `console-${n}.txt`);
  const start_s = systemClock.monotonic_s();
  const words = [
    ..."-M microvm -cpu max -accel tcg -m 256 -display none -nodefaults -no-reboot".split(" "),
    "-kernel",
    join(dir, "vmlinux"),
    "-initrd",
    join(dir, "guest.cpio.gz"),
    "-serial",
    `file:${console_}`,
    "-append",
    `console=ttyS0 tsc_early_khz=2600000 panic=-1 quiet nokaslr cryptomgr.notests lab.ip=192.0.2.10/24 lab.sshdelay=${delay}`,
    "-netdev",
    "tap,id=n0,ifname=t1,script=no,downscript=no",
    "-device",
    "virtio-net-device,netdev=n0,mac=02:00:00:00:00:10",
  ];
  const guest = spawn("qemu-system-x86_64", words, { stdio: ["ignore", "ignore", "inherit"] });
  const ended = new Promise((resolve) => guest.once("exit", resolve));
  const wish = { address: "192.0.2.10", port: 22, every_s: 0.01, life_s: 1, until_s: start_s + 90 };
  const seen = await probe.watch(wish, new AbortController().signal, () => {});
  guest.kill("SIGKILL");
  await ended;
  const said = Object.fromEntries(
    [...readFileSync(console_, "utf8").matchAll(/(NETUP|SSHD) ([\d.]+)/g)].map(([, what, at]) => [what, Number(at)]),
  );
  const closed_s = seen.closed_at_s === undefined ? undefined : seen.closed_at_s - start_s;
  const open_s = seen.open_at_s === undefined ? undefined : seen.open_at_s - start_s;
  rows.push({ closed_s, open_s });
  console.log(
    `boot ${n}: closed ${closed_s?.toFixed(3)} s, open ${open_s?.toFixed(3)} s, between ${(open_s - closed_s).toFixed(3)} s; console: ${said.SSHD === undefined ? "net up, the rest cut off" : `net up to sshd ${(said.SSHD - said.NETUP).toFixed(2)} s`}; answers ${JSON.stringify(seen.answers)}; round trip ${((seen.rtt_s ?? NaN) * 1000).toFixed(2)} ms`,
  );
}
const kept = rows.slice(1);
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
console.log(
  `median of ${kept.length}, the first dropped: start to closed ${median(kept.map(({ closed_s }) => closed_s))?.toFixed(2)} s, closed to open ${median(kept.map(({ open_s, closed_s }) => open_s - closed_s))?.toFixed(2)} s`,
);
