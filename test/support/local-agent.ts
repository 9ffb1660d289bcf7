// This computer as a machine with a home of its own, and the real agent on it.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suiteFolders } from "../../src/adapters/folders/suites.ts";
import { localTransport } from "../../src/adapters/local/machine.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import type { Address, Machine } from "../../src/domain/run/machine.ts";
import { AgentClient } from "../../src/pipeline/agent/agent-client.ts";
import { type Archive, archive } from "../../src/pipeline/archive/archive.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { Transport } from "../../src/ports/transport.ts";

export interface LocalMachine {
  readonly folder: string;
  readonly address: Extract<Address, { kind: "local" }>;
  readonly transport: Transport;
  readonly remove: () => void;
}

interface Declared {
  /** More of machine.env. */
  readonly declared?: Readonly<Record<string, string>>;
  /** More of the transport's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** This computer with an agent's home in a folder of its own, so that no two files of tests wait for each other's turns. */
export function localMachine(declare: (folder: string) => Declared = () => ({})): LocalMachine {
  const folder = mkdtempSync(join(tmpdir(), "timetrial-local-"));
  const file = join(folder, "machine.env");
  const { declared = {}, env = {} } = declare(folder);
  const lines = Object.entries({ TIMETRIAL_HOME: join(folder, "home"), ...declared }).map(
    ([name, value]) => `${name}=${value}\n`,
  );
  writeFileSync(file, lines.join(""));
  return {
    folder,
    address: { kind: "local" },
    transport: localTransport({ TIMETRIAL_MACHINE_ENV: file, ...env }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const here: Machine = { name: "local-1", side: "local", address: { kind: "local" } };
const files = await suiteFolders().agent();

/** The agent as it is shipped: before any other call. */
export const shippedAgent: Archive = archive(files);

/** The agent's client for a machine that is reached by `transport`; this computer where none is named. */
export function agentOver(
  transport: Transport,
  run: string,
  { machine = here, clock = systemClock }: { readonly machine?: Machine; readonly clock?: Clock } = {},
): AgentClient {
  return new AgentClient({
    machine,
    transport,
    clock,
    run,
    slot: 0,
    agent: shippedAgent,
    library: Buffer.from(files.find(({ path }) => path === "put.sh")?.bytes ?? []).toString(),
    signal: new AbortController().signal,
  });
}
