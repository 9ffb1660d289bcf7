// What a machine tells of the hardware below it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as v from "valibot";
import { factsSchema } from "../../src/domain/machine.ts";
import { readFrame } from "../../src/pipeline/frame.ts";
import { Machine, remote, shellPath } from "./machine.ts";

const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();

async function facts(machine: Machine) {
  const frame = readFrame((await machine.agent("facts")).out);
  if ("fault" in frame) throw new Error(frame.fault);
  return v.parse(factsSchema, JSON.parse(frame.lines[0] ?? ""));
}

describe.each(["dash", "bash", "busybox", "mksh"])("under %s", (shell) => {
  const missing = shellPath(shell) === undefined;
  const needs = missing ? ` [needs ${shell}]` : "";

  test.skipIf(missing)(`the host is the kernel's boot, unless the machine declares another${needs}`, async () => {
    await using plain = new Machine(shell, "times");
    expect(await facts(plain)).toMatchObject({ boot_id: boot, host_id: boot });
    await using guest = new Machine(shell, "times", {}, ['TIMETRIAL_HOST_ID=rack "7" $(id)']);
    expect(await facts(guest)).toMatchObject({ boot_id: boot, host_id: 'rack "7" $(id)' });
  });

  test.skipIf(missing)(`a maker's placeholder is no board's identity${needs}`, async () => {
    await using machine = new Machine(shell, "times");
    const own = ["4c4c4544-0044-3510-8052-b4c04f564331", "100000009d4e1f2a"];
    const placeholders = [
      "",
      "00000000-0000-0000-0000-000000000000",
      "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
      "03000200-0400-0500-0006-000700080009",
      "0000000000000000",
      "Not Settable",
      "To Be Filled By O.E.M.",
      "Default string",
    ];
    const tell = 'for id; do ! facts_board_known "$id" || echo "$id"; done';
    const said = await machine.sh(["-c", `. "$0"; ${tell}`, join(remote, "facts.sh"), ...placeholders, ...own]);
    expect(said).toMatchObject({ status: 0, out: `${own.join("\n")}\n` });
  });
});
