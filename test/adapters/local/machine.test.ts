import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { localTransport } from "../../../src/adapters/local/machine.ts";
import { transportContract } from "../../support/transport-contract.ts";

const folder = mkdtempSync(join(tmpdir(), "timetrial-local-"));
const declared = join(folder, "machine.env");
writeFileSync(declared, `TIMETRIAL_HOME=${join(folder, "home")}\n`);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

transportContract("this machine", () => ({
  transport: localTransport({ TIMETRIAL_MACHINE_ENV: declared }),
  address: { kind: "local" },
}));
