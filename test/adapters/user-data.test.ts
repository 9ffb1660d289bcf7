// The deadline that every launched machine carries, on the sandbox's machines: real scripts, a stand-in shutdown.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { userData } from "../../src/adapters/ec2/request.ts";
import { rent } from "../sandbox/rented.ts";

const template = readFileSync(
  join(dirname(fileURLToPath(import.meta.url)), "..", "..", "remote", "user-data.sh"),
  "utf8",
);
const inAnHour = (): Date => new Date(Date.now() + 3_600_000);

async function endsItself(script: string): Promise<void> {
  await using rented = await rent({ timeScale: 0.02 });
  const id = await rented.launch({
    UserData: Buffer.from(script).toString("base64"),
    InstanceInitiatedShutdownBehavior: "terminate",
  });
  await rented.until(id, "running");
  expect((await rented.until(id, "terminated")).State?.Name).toBe("terminated");
}

test("a machine ends itself at its deadline, though no client ever comes back", async () => {
  await endsItself(userData(template, new Date(Date.now() + 3000), 3600));
});

test("a machine whose clock is behind ends itself by its uptime", async () => {
  await endsItself(userData(template, inAnHour(), 3));
});

test("the script for a machine holds whole numbers where the template has marks", () => {
  const script = userData(template, new Date(1_800_000_000_900), 7200.5);
  expect(script).toContain("deadline_epoch=1800000000\nlife_s=7200\n");
  expect(script).not.toMatch(/@[A-Z_]+@/);
  expect(script.length).toBeLessThan(16_384);
});
