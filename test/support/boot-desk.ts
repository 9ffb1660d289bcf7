// A provisioner on a sandbox in this process, and what one boot run asks of it.

import { readFileSync } from "node:fs";
import { openAccount } from "../../src/adapters/aws/account.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { ec2BootProvisioner } from "../../src/adapters/ec2/boot/boot-provisioner.ts";
import { parseBootSpec } from "../../src/cli/options/boot-options.ts";
import type { BootPlan, BootSide, BootSpec } from "../../src/domain/boot/boot.ts";
import type { BootProvisioner, BootOrder } from "../../src/ports/cloud/boot-provisioner.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { defaultBootSettings } from "../../src/sandbox/network/boot-settings.ts";
import type { CallInterceptor } from "../../src/sandbox/server.ts";
import { ec2Desk, type Ec2Desk } from "./ec2-desk.ts";

const template = readFileSync(new URL("../../remote/user-data.sh", import.meta.url), "utf8");

const options = {
  boots: "2",
  // Where no machine of this sandbox ever listens.
  port: "9",
  parallel: "1",
  timeout: "8",
  maxHours: "1",
  cloud: "sandbox",
  results: "",
  format: "table",
};

export interface BootDesk extends AsyncDisposable {
  readonly desk: Ec2Desk;
  readonly provisioner: BootProvisioner;
  readonly order: BootOrder;
  readonly side: BootSide;
}

/** `words` are the types; `fails` is asked at every call what becomes of it. */
export async function bootDesk({
  words = ["s2.medium"],
  spec = {},
  fails,
  clock = systemClock,
}: {
  words?: readonly string[];
  spec?: Partial<BootSpec>;
  fails?: CallInterceptor;
  clock?: Clock;
} = {}): Promise<BootDesk> {
  // On loopback an address goes on refusing when its machine is gone; beyond, who knows who answers in its place.
  const desk = await ec2Desk(fails, 0.02, { boot: { ...defaultBootSettings, address: "loopback" } });
  const { endpoint, credentials, region } = desk.rented.sandbox;
  const opened = await openAccount({ endpoint, credentials, region, timeScale: 0.02 });
  const whole = { ...parseBootSpec(words, options, "seed"), ...spec };
  const plan: BootPlan = { schema: 1, kind: "boot", run: "a-boot", tool_version: "0", created_at: "", spec: whole };
  const ledger = {
    write: async (entry: (typeof desk.entries)[number]) => void desk.entries.push(entry),
    entries: async () => desk.entries,
  };
  return {
    desk,
    provisioner: ec2BootProvisioner({ account: opened, clock, userData: template }),
    order: { plan, ledger, observe: () => {}, signal: new AbortController().signal },
    side: whole.sides[0] as BootSide,
    [Symbol.asyncDispose]: () => desk[Symbol.asyncDispose](),
  };
}
