// microVMs as machines of a run, on the real Firecracker with a toy guest in which ssh is taken for granted.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { hostname } from "node:os";
import { afterEach, expect, test } from "vitest";
import { readMicroVmFile } from "../../../src/adapters/firecracker/config-file.ts";
import { firecrackerProvisioner } from "../../../src/adapters/firecracker/provisioner.ts";
import { findMicroVms } from "../../../src/adapters/firecracker/release.ts";
import { systemClock } from "../../../src/adapters/system/clock.ts";
import type { LedgerEntry } from "../../../src/domain/cloud/ledger.ts";
import { TimetrialError } from "../../../src/domain/errors.ts";
import type { Plan } from "../../../src/domain/plan/plan.ts";
import type { ProvisionOrder } from "../../../src/ports/cloud/provisioner.ts";
import type { Transport } from "../../../src/ports/transport.ts";
import { Desk } from "../../support/cli.ts";
import { firecrackerLab, noFirecracker } from "../../support/microvm-lab.ts";

const real = test.skipIf(noFirecracker !== undefined);
const said = noFirecracker === undefined ? "" : ` [${noFirecracker}]`;

const desks: Desk[] = [];
afterEach(async () => {
  for (const desk of desks.splice(0)) await desk.clear();
});

/** ssh that lets in at once, or never. */
const letsIn: Transport = { exec: async () => ({ status: 0, stdout: "", stderr: "" }) };
const letsNobodyIn: Transport = {
  exec: async () => {
    throw new TimetrialError("TRANSPORT", "ssh: connection refused");
  },
};

/** What a run asks for its side `vm`; `entries` are its ledger's. */
async function orderOf(entries: LedgerEntry[], steps = "hello", lines = ""): Promise<ProvisionOrder> {
  const desk = new Desk(1);
  desks.push(desk);
  const { firecracker, toy } = firecrackerLab();
  const file = join(desk.folder, "toy.toml");
  writeFileSync(
    file,
    `binary = "${firecracker}"
kernel = "${toy}"
memory_mib = 64
timeout_s = 1
boot_args = "toy=${steps}"
${lines}
[network]
address = "10.97.0.2"
gateway = "10.97.0.1"
`,
  );
  return {
    plan: { run: "20261127-000000-abcd" } as Plan,
    sides: [{ kind: "firecracker", name: "vm", file, vm: await readMicroVmFile(file) }],
    signal: new AbortController().signal,
    ledger: { write: async (entry) => void entries.push(entry), entries: async () => entries },
    observe: () => {},
  };
}

const idsIn = (entries: readonly LedgerEntry[]): string[] =>
  entries.flatMap((entry) => (entry.kind === "microvm" ? [entry.id] : []));

real(
  `a run's microVM is in the ledger before it is made, and facts say of which Firecracker on which host${said}`,
  async () => {
    const entries: LedgerEntry[] = [];
    const order = await orderOf(entries);
    const seen: (readonly string[])[] = [];
    const ledger = {
      ...order.ledger,
      write: async (entry: LedgerEntry) => {
        if (entry.kind === "microvm") seen.push([...(await findMicroVms()).keys()].filter((id) => id === entry.id));
        await order.ledger.write(entry);
      },
    };
    const provisioner = firecrackerProvisioner(systemClock, letsIn);
    await provisioner.check(order);
    const [acquired, ...others] = await provisioner.acquire({ ...order, ledger });
    expect(others).toEqual([]);
    expect(seen).toEqual([[]]);
    const [id] = idsIn(entries);
    expect(acquired?.microvm).toMatchObject({ id, vmm: "Firecracker 1.12.1", host: hostname() });
    expect(acquired?.microvm?.host_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(acquired?.machine).toMatchObject({ name: "vm-1", side: "vm", address: { kind: "ssh", host: "10.97.0.2" } });
    await provisioner.release(order);
    expect(await provisioner.absence(order)).toEqual({ state: "none" });
    expect((await findMicroVms()).has(id as string)).toBe(false);
  },
);

real(`resume ends what an earlier client left, and boots another in its place${said}`, async () => {
  const entries: LedgerEntry[] = [];
  const order = await orderOf(entries);
  const earlier = firecrackerProvisioner(systemClock, letsIn);
  await earlier.check(order);
  const known = await earlier.acquire(order);
  const [first = ""] = idsIn(entries);
  expect((await findMicroVms()).has(first)).toBe(true);
  // The earlier client's keeper has not noticed its end: the microVM runs.
  const later = firecrackerProvisioner(systemClock, letsIn);
  expect(await later.recover(order, known)).toEqual([]);
  expect((await findMicroVms()).has(first)).toBe(false);
  const [replaced] = await later.acquire({ ...order, missing: new Map([["vm", { count: 1, from: 2 }]]) });
  expect(replaced?.machine.name).toBe("vm-2");
  const [, second = ""] = idsIn(entries);
  expect(second).not.toBe(first);
  expect((await findMicroVms()).has(second)).toBe(true);
  await later.release(order);
  expect(await later.absence(order)).toEqual({ state: "none" });
});

for (const [what, steps, expected] of [
  [
    "panics before it lets us in",
    "hello,panic",
    /^fc-[0-9a-f]{10}: the guest's kernel panicked; its console said last: .*Kernel panic - not syncing/,
  ],
  ["halts", "hello,halt", /let nobody in within 1 s \(ssh: connection refused\); its console said last: toy: hello$/],
  ["says nothing", "mute", /let nobody in within 1 s \(ssh: connection refused\); its console said nothing$/],
] as const)
  real(`a guest that ${what} is told by its console, and nothing of it is left${said}`, async () => {
    const entries: LedgerEntry[] = [];
    const order = await orderOf(entries, steps);
    const provisioner = firecrackerProvisioner(systemClock, letsNobodyIn);
    await expect(provisioner.acquire(order)).rejects.toThrow(expected);
    await provisioner.release(order);
    expect(await provisioner.absence(order)).toEqual({ state: "none" });
    expect(entries.at(-1)).toMatchObject({ kind: "microvm-ended", ids: idsIn(entries) });
  });
