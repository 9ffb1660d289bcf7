// One run on simulated machines: the sandbox is in this process and sees each call; the client is a process of its own, as
// users start it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bundled } from "./bundled.mjs";

const root = join(import.meta.dirname, "../..");

/** The sandbox's modules, built into `folder`. */
export async function loadSandbox(folder) {
  const module = join(folder, "simulated-sandbox.mjs");
  const contents = `export { SandboxAccount } from "./src/sandbox/account.ts";
    export { listen } from "./src/sandbox/server.ts";
    export { defaultBootSettings } from "./src/sandbox/network/boot-settings.ts";`;
  await bundled(contents, module);
  return await import(pathToFileURL(module).href);
}

/**
 * Runs `compare` with `words`. `state`: a folder to be made; `timeScale`: how long the sandbox's cloud takes, against a
 * real one; `boot`: how machines boot and end, in seconds of the cloud.
 *
 * Returns each call with its time, the invocations of commands, and what the client took: real time, CPU and memory.
 */
export async function simulatedRun(
  { SandboxAccount, listen, defaultBootSettings },
  { state, timeScale, boot, simulation, words, limit_s },
) {
  mkdirSync(state, { mode: 0o700 });
  const account = new SandboxAccount({
    dir: state,
    timeScale,
    mask: false,
    isolation: "marker",
    boot: { ...defaultBootSettings, ...boot },
    simulation,
  });
  const credentials = { accessKeyId: "AKIASANDBOX000000000", secretAccessKey: "c2FuZGJveA==" };
  const calls = [];
  const witness = (call) => void calls.push({ ...call, at_ms: Date.now() });
  const endpoint = await listen({ account, credentials, onRequest: () => {}, onExchange: undefined, witness });
  writeFileSync(
    join(state, "sandbox.json"),
    JSON.stringify({
      schema: 1,
      pid: process.pid,
      endpoint: endpoint.url,
      region: "us-east-1",
      access_key_id: credentials.accessKeyId,
      secret_access_key: credentials.secretAccessKey,
      time_scale: timeScale,
    }),
  );
  const command = ["--require", join(import.meta.dirname, "own-cost.cjs"), join(root, "dist/cli.js"), "compare"];
  const flags = ["--cloud", "sandbox", "--quiet", "--results", join(state, "results")];
  const client = spawn(process.execPath, [...command, ...words, ...flags], {
    env: {
      ...process.env,
      TIMETRIAL_SANDBOX_STATE: state,
      TIMETRIAL_SANDBOX_SIMULATE: "",
      TIMETRIAL_SANDBOX_FAULTS: "",
    },
    stdio: ["ignore", "ignore", "pipe", "pipe"],
    timeout: limit_s * 1000,
  });
  let [told, complained] = ["", ""];
  client.stdio[3].on("data", (chunk) => (told += chunk));
  client.stderr.on("data", (chunk) => (complained += chunk));
  const started_ms = Date.now();
  const [status] = await once(client, "close");
  const ended_ms = Date.now();
  const invocations = account
    .region("us-east-1")
    .commands.visible()
    .flatMap((command) => command.invocations);
  await endpoint.close();
  await account.close();
  if (client.signalCode !== null) throw new Error(`not over after ${limit_s} s`);
  if (status !== 0) throw new Error(`exit status ${status}: ${complained.slice(-2000)}`);
  if (complained.includes("Warning")) throw new Error(complained);
  return { started_ms, took_s: (ended_ms - started_ms) / 1000, own: JSON.parse(told), calls, invocations };
}

/** The lines of a batch's journal that an invocation of the agent brought; none where it is of something else. */
export function journalLines({ request, stdout }) {
  if (!request.order.script.includes("\ntt_agent ")) return [];
  return stdout.split("\n").flatMap((line) => (line.startsWith('{"t":"') ? [JSON.parse(line)] : []));
}
