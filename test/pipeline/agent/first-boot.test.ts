// When a launched machine counts as ready, by what the real agent finds on a machine whose files are given.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { AgentClient } from "../../../src/pipeline/agent/agent-client.ts";
import { waitForFirstBoot } from "../../../src/pipeline/agent/first-boot.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { agentOver, type LocalMachine, localMachine, shippedAgent } from "../../support/local-agent.ts";

let local: LocalMachine;
let folder: string;
let agent: AgentClient;
beforeEach(async () => {
  local = localMachine((at) => ({
    declared: { TIMETRIAL_PATH_FIRST: join(at, "bin") },
    env: { TIMETRIAL_ROOT: join(at, "root") },
  }));
  folder = local.folder;
  mkdirSync(join(folder, "root/var/db/timetrial"), { recursive: true });
  mkdirSync(join(folder, "bin"));
  const lastWords = async () => "; its console ends with:\n  cloud-init: no user-data";
  const machine = { name: "a-1", side: "a", address: local.address };
  agent = agentOver({ ...local.transport, lastWords }, "run", { machine });
  await agent.ship([shippedAgent]);
});
afterEach(() => local.remove());

const ready = (): void => writeFileSync(join(folder, "root/var/db/timetrial/ready"), "");

/** The user-data began as the process `pid`. */
const begun = (pid: number): void => writeFileSync(join(folder, "root/var/db/timetrial/begun"), `${pid} \n`);

/** A clock on which a pause takes no time, does `meanwhile`, and counts for at least `step_s`. */
function clockOf(meanwhile: (paused: number) => void, step_s = 0): Clock {
  let now_s = 0;
  let paused = 0;
  return {
    now: () => new Date(),
    monotonic_s: () => now_s,
    sleep: async (duration_s) => {
      now_s += Math.max(duration_s, step_s);
      meanwhile(++paused);
    },
  };
}

test("a machine that answers while its user-data runs is waited for", async () => {
  begun(process.pid);
  let pauses = 0;
  const clock = clockOf((paused) => {
    pauses = paused;
    if (paused === 3) ready();
  });
  expect((await waitForFirstBoot(agent, clock, new AbortController().signal)).user_data).toBe("done");
  expect(pauses).toBe(3);
});

test("a machine whose user-data never comes to its end is given up, since nothing would end it, with its console's last lines", async () => {
  begun(process.pid);
  const clock = clockOf(() => {}, 200);
  await expect(waitForFirstBoot(agent, clock, new AbortController().signal)).rejects.toMatchObject({
    code: "MACHINE_LOST",
    message:
      "a-1 answers, but its user-data has not run to its end after 900 s; its console ends with:\n  cloud-init: no user-data",
  });
});

test("a machine whose user-data was broken off by a reboot is given up at once, since nobody runs it again", async () => {
  begun(spawnSync("true").pid);
  let pauses = 0;
  const clock = clockOf((paused) => void (pauses = paused));
  await expect(waitForFirstBoot(agent, clock, new AbortController().signal)).rejects.toMatchObject({
    code: "MACHINE_LOST",
    message: expect.stringContaining("a-1 answers, but its user-data was broken off, maybe by a reboot"),
  });
  expect(pauses).toBeLessThanOrEqual(1);
});

test.runIf(existsSync("/proc/self/stat"))("its number may be another's by then, which is no sign of life", async () => {
  // The number of a process that lives, which began at another time.
  writeFileSync(join(folder, "root/var/db/timetrial/begun"), `${process.pid} 1\n`);
  const clock = clockOf(() => {}, 1);
  await expect(waitForFirstBoot(agent, clock, new AbortController().signal)).rejects.toThrow("was broken off");
});

test("a machine that runs no user-data is given up sooner than one that is at it", async () => {
  const clock = clockOf(() => {}, 40);
  await expect(waitForFirstBoot(agent, clock, new AbortController().signal)).rejects.toThrow(
    "has not begun after 90 s",
  );
});

test("FreeBSD's first boot is over when /firstboot is gone, however long the agent has answered", async () => {
  // The one word of the machine that is another's: the rest of its facts is this computer's.
  writeFileSync(
    join(folder, "bin", "uname"),
    '#!/bin/sh\n[ "$*" != -s ] || { echo FreeBSD; exit; }\nexec /usr/bin/uname "$@"\n',
    { mode: 0o755 },
  );
  ready();
  const sentinel = join(folder, "root", "firstboot");
  writeFileSync(sentinel, "");
  let pauses = 0;
  const clock = clockOf((paused) => {
    pauses = paused;
    if (paused === 2) rmSync(sentinel);
  });
  const facts = await waitForFirstBoot(agent, clock, new AbortController().signal);
  expect(facts.uname).toBe("FreeBSD");
  // A third pause: it might be about to start itself again.
  expect([facts.first_boot, pauses]).toEqual([undefined, 3]);
});

test("FreeBSD that starts itself again after its first boot is ready in the next one, not before", async () => {
  const boots = ["first", "second", "second"];
  const clock = clockOf(() => void boots.shift());
  // The agent as a machine has it on which each look may find another boot.
  const looking = {
    machine: { name: "a-1" },
    facts: async () => ({ uname: "FreeBSD", user_data: "done", boot_id: boots[0] }),
  } as unknown as AgentClient;
  expect((await waitForFirstBoot(looking, clock, new AbortController().signal)).boot_id).toBe("second");
  expect(boots).toEqual(["second"]);
});
