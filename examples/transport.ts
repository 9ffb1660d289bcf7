// A transport of one's own: machines that a command of yours leads to, beside this one.
//
//     node transport.mjs RESULTS docker exec -i build1
//
// measures the suite `hashes` here and where `docker exec -i build1 sh -c SCRIPT` runs, and prints how the two compare. So do
// `kubectl exec POD --`, `lxc exec NAME --` or `nice -n 10`.

import { spawn } from "node:child_process";
import {
  buildReportData,
  type ExecOptions,
  type ExecResult,
  type Provisioner,
  parseSides,
  renderReport,
  run,
  type RunPorts,
  type Spec,
  TimetrialError,
  type Transport,
} from "timetrial";
import { localProvisioner, localTransport, resultFolders, suiteFolders, systemClock } from "timetrial/adapters";

/** Runs scripts by `words` and `sh -c`. The program that `words` start has to pass standard output and the exit status on. */
function commandTransport([command = "", ...words]: readonly string[]): Transport {
  return {
    exec(_address, script, { limit_s, signal }: ExecOptions): Promise<ExecResult> {
      return new Promise((resolve, reject) => {
        const child = spawn(command, [...words, "sh", "-c", script], {
          stdio: ["ignore", "pipe", "pipe"],
          timeout: limit_s * 1000,
          signal,
        });
        const output = { stdout: "", stderr: "" };
        child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
        child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
        child.on("error", (cause) => {
          reject(signal?.aborted === true ? signal.reason : lost(`cannot run ${command}: ${cause.message}`, cause));
        });
        child.on("close", (code) => {
          if (code === null) reject(lost(`${command} did not end within ${limit_s} s`));
          else resolve({ status: code, stdout: output.stdout.slice(0, 24_000), stderr: output.stderr.slice(0, 8_000) });
        });
      });
    },
  };
}

function lost(message: string, cause?: Error): TimetrialError {
  return new TimetrialError("TRANSPORT", message, cause === undefined ? {} : { cause });
}

/** Machines that are there already: one for each host of an `ssh:` side, which need not have an sshd. */
function standingMachines(transport: Transport): Provisioner {
  return {
    kinds: ["ssh"],
    // Before anything begins: can a script be run there at all?
    async check({ signal }) {
      await transport.exec({ kind: "ssh", host: "there" }, "true", { limit_s: 60, signal });
    },
    recover: async (_order, known) => [...known],
    acquire: async ({ sides }) =>
      sides.flatMap((side) =>
        side.kind !== "ssh"
          ? []
          : side.hosts.map(({ host }, i) => ({
              machine: { name: `${side.name}-${i + 1}`, side: side.name, address: { kind: "ssh" as const, host } },
            })),
      ),
    release: async () => {},
    absence: async () => ({ state: "nothing-leased" }),
  };
}

const [results = "results", ...words] = process.argv.slice(2);
const spec: Spec = {
  sides: parseSides(["here=local", "there=ssh:there"]),
  baseline: "here",
  suites: [{ suite: "hashes", row: "sha256" }],
  machines: 1,
  rounds: 2,
  seed: "1",
  params: { blocks: "10000" },
  cloud: "aws",
  max_hours: 1,
  allow_burstable: false,
};
const there = commandTransport(words);
const ports: RunPorts = {
  suites: suiteFolders(),
  results: resultFolders(results),
  provisioners: [localProvisioner(), standingMachines(there)],
  transports: { local: localTransport(), ssh: there },
  clock: systemClock,
};
const now = new Date();
const identity = { run: `transport-${now.getTime()}`, tool_version: "0.1.0", created_at: now.toISOString() };
const interrupt = new AbortController();
process.once("SIGINT", () => interrupt.abort(new Error("interrupted")));
const outcome = await run(spec, identity, ports, ({ what }) => console.error(what), interrupt.signal);
for (const fault of outcome.faults) console.error(fault);
if (outcome.error !== undefined) throw outcome.error;
const stored = await ports.results.load(identity.run);
process.stdout.write(await renderReport(await buildReportData(stored, "here"), "table", { width: 100 }));
