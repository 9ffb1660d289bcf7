// Nothing of an instance outlives it, and nothing on it reaches the computer below.

import { TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { systemPath } from "../../../src/sandbox/instance/instance-folder.ts";
import { namespaceKind } from "../../../src/sandbox/process/namespace-tree.ts";
import { parsePower } from "../../../src/sandbox/instance/power-requests.ts";
import { stubCommands } from "../../../src/sandbox/instance/stub-commands.ts";
import { withoutSha } from "../../../src/sandbox/instance/openssl-mask.ts";
import { rent } from "../../support/rented-machine.ts";
import { until } from "../../support/until.ts";

const isolations = [
  { isolation: "namespace", isThere: namespaceKind() !== undefined },
  { isolation: "marker", isThere: process.platform === "linux" },
] as const;

describe.each(isolations)("by $isolation", ({ isolation, isThere }) => {
  test.skipIf(!isThere)("[needs its isolation] detached children end with their instance", async () => {
    await using rented = await rent({ isolation });
    const id = await rented.launchOnline();
    const ticks = mkdtempSync(join(tmpdir(), "tt-ticks-"));
    onTestFinished(() => rmSync(ticks, { recursive: true, force: true }));
    const tick = join(ticks, "tick");
    writeFileSync(tick, `#!/bin/sh\nwhile :; do echo >>${ticks}/$1; sleep 0.02; done\n`, { mode: 0o755 });
    await rented.run(
      id,
      [
        "exec </dev/null >/dev/null 2>&1",
        `setsid ${tick} session &`,
        `(cd / && exec setsid ${tick} elsewhere) &`,
        `env -i setsid ${tick} bare &`,
        `setsid sh -c "setsid ${tick} twice & exec sleep 60" &`,
        "sleep 0.2",
      ].join("\n"),
    );
    const beats = (): number[] => ["session", "elsewhere", "bare", "twice"].map((name) => sizeOf(join(ticks, name)));
    const before = beats();
    await until(() => beats().every((each, index) => each > (before[index] ?? 0)) || undefined);
    await rented.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    await rented.until(id, "terminated");
    const after = beats();
    await pause(150);
    expect(beats()).toEqual(after);
  });

  test.skipIf(!isThere)("[needs its isolation] shutdown ends the instance and nothing further down PATH", async () => {
    const canary = mkdtempSync(join(tmpdir(), "tt-canary-"));
    onTestFinished(() => rmSync(canary, { recursive: true, force: true }));
    for (const name of stubCommands("/nowhere").keys()) {
      writeFileSync(join(canary, name), `#!/bin/sh\necho "$0 $*" >>${canary}/reached\n`);
      chmodSync(join(canary, name), 0o755);
    }
    await using rented = await rent({ isolation, systemPath: `${canary}:${systemPath}` });
    const id = await rented.launchOnline({ InstanceInitiatedShutdownBehavior: "terminate" });
    await rented.run(id, "mount; umount /; systemctl stop x; service x stop; apt-get remove x; dpkg -r x; pkg -f x");
    await rented.send(id, "shutdown -p now");
    const terminated = await rented.until(id, "terminated");
    expect(terminated.StateReason?.Code).toBe("Client.InstanceInitiatedShutdown");
    expect(existsSync(join(canary, "reached"))).toBe(false);
  });
});

test("a shutdown waits its minutes, in user-data too, and can be called off", async () => {
  await using rented = await rent({ timeScale: 0.01 });
  const began = Date.now();
  const doomed = await rented.launchOnline({
    InstanceInitiatedShutdownBehavior: "terminate",
    UserData: Buffer.from("#!/bin/sh\nshutdown -h +1\n").toString("base64"),
  });
  const saved = await rented.launchOnline({ InstanceInitiatedShutdownBehavior: "terminate" });
  // Longer than a busy computer takes from one word to the next.
  await rented.run(saved, "shutdown -h +5; shutdown -c");
  await rented.until(doomed, "terminated");
  expect(Date.now() - began).toBeGreaterThanOrEqual(600);
  await pause(3300);
  expect((await rented.describe(saved)).State?.Name).toBe("running");
});

test("a shutdown stops an instance that was launched to be stopped", async () => {
  await using rented = await rent();
  const id = await rented.launchOnline();
  await rented.send(id, "poweroff");
  expect((await rented.until(id, "stopped")).StateReason?.Code).toBe("Client.InstanceInitiatedShutdown");
  await rented.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
  await rented.until(id, "terminated");
});

test("a shutdown that cannot be understood fails, and ends nothing", async () => {
  await using rented = await rent();
  const id = await rented.launchOnline();
  const said = await rented.run(id, "shutdown --now; echo $?; shutdown tomorrow; echo $?; shutdown -h +1x; echo $?");
  expect(said.StandardOutputContent).toBe("1\n1\n1\n");
  expect((await rented.describe(id)).State?.Name).toBe("running");
});

test("a request for power is read as shutdown(8) would", () => {
  const now = new Date(2026, 0, 2, 12, 0, 0);
  expect(
    ["poweroff\nnow", "reboot\n+5", "halt\n13:30", "poweroff\n11:00", "cancel\nnow", "dance\nnow"].map((text) =>
      parsePower(text, now),
    ),
  ).toEqual([
    { verb: "poweroff", delayS: 0 },
    { verb: "reboot", delayS: 300 },
    { verb: "poweroff", delayS: 5400 },
    { verb: "poweroff", delayS: 23 * 3600 },
    { verb: "cancel", delayS: 0 },
    undefined,
  ]);
});

test("arm64's capability word loses its SHA bits and no others", () => {
  expect(withoutSha("0xfd")).toBe("0xa5");
});

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}

test.skipIf(namespaceKind() !== "root")(
  "[needs root and PID namespaces] root on an instance cannot change this computer's system, clock, network or devices",
  async () => {
    await using rented = await rent();
    const id = await rented.launchOnline();
    const attempts = [
      ": >/usr/timetrial-was-here",
      ": >/etc/timetrial-was-here",
      "/bin/date -s @0",
      "/bin/mknod $TMPDIR/disk b 8 0",
      "/bin/mount -o remount,rw /usr",
      "/sbin/ip link add tt-was-here type dummy",
    ];
    const said = await rented.run(
      id,
      attempts.map((each) => `(${each}) >/dev/null 2>&1 && echo 'did: ${each}'`).join("\n"),
    );
    expect(said.StandardOutputContent).toBe("");
    expect(existsSync("/usr/timetrial-was-here") || existsSync("/etc/timetrial-was-here")).toBe(false);
    // What it is for goes on: its own folders, and a signal to its own.
    const own = await rented.run(id, "echo x >$TMPDIR/file && cat $TMPDIR/file; sleep 9 & kill $! && echo killed");
    expect(own.StandardOutputContent).toBe("x\nkilled\n");
  },
);
