// The client of a machine's agent: uploads the agent once, then calls it. Handles lost, repeated and torn replies, so
// that the rest of the pipeline sees none.

import * as v from "valibot";
import { TimetrialError } from "../../domain/errors.ts";
import { type JournalLine, journalSchema } from "../../domain/run/machine-journal.ts";
import { factsSchema, type Machine } from "../../domain/run/machine.ts";
import { printable } from "../../domain/printable.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Transport } from "../../ports/transport.ts";
import { allSettledThenAll } from "../all-settled.ts";
import type { Archive } from "../archive/archive.ts";
import { type ReplyFrame, parseReply } from "./reply-frame.ts";
import { agentScript, presenceScript, uploadScripts } from "./agent-scripts.ts";

/** How long a call may take beyond its wait on the machine, until the transport times out. Seconds. */
const patience_s = 60;
/** How long a call waits on the machine for new lines of the journal. Seconds. */
const follow_s = 20;
/** How often a call is sent in all, until its reply is whole. */
const tries = 3;
/** A call is not sent again where the machine has not replied for longer. Seconds. */
const silenceLimit_s = 360;
/** Longest time between two calls during a long step: a call costs far below 0.1 % of it. Seconds. */
const look_s = 300;
/** Time between two checks whether the machine still exists, which cost the machine nothing. Seconds. */
const glance_s = 20;

/** How many parts of archives are uploaded at once. */
const atOnce = 4;
/** Shortest time between two calls where the reply has no new lines. An agent should wait for lines itself. Seconds. */
const quiet_s = 1;
/** The longest that a batch may last, which is SSM's limit for a command, and the most bytes of its journal. */
const longestBatch_s = 172_800;
const longestJournal_bytes = 16 * 2 ** 20;

export interface AgentClientOptions {
  readonly machine: Machine;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly run: string;
  /** Two sides may be one computer with one home folder: then their slots differ, and so the names of their batches. */
  readonly slot: number;
  readonly agent: Archive;
  /** The text of `remote/put.sh`. */
  readonly library: string;
  readonly signal: AbortSignal;
}

export class AgentClient {
  readonly machine: Machine;
  readonly #options: AgentClientOptions;
  /** By batch: how many bytes of its journal were read. */
  readonly #read: Map<string, number>;

  constructor(options: AgentClientOptions, read = new Map<string, number>()) {
    this.machine = options.machine;
    this.#options = options;
    this.#read = read;
  }

  /** Returns a client for calls to be made after the run was interrupted: `signal` alone ends them. */
  withSignal(signal: AbortSignal): AgentClient {
    return new AgentClient({ ...this.#options, signal }, this.#read);
  }

  /** Uploads those of `archives` that the machine lacks. `isNew`: it lacks all, probably, and is not asked before. */
  async ship(archives: readonly Archive[], isNew = false): Promise<void> {
    const { library } = this.#options;
    const digests = archives.map((archive) => archive.digest);
    const presence = isNew ? "" : await this.#exec(presenceScript(library, digests));
    const missing = archives.filter(({ digest }) => !presence.includes(`have ${digest}`));
    const uploads = missing.map(({ bytes, digest }) => uploadScripts(library, bytes, digest, isNew));
    // The last script of an archive needs its others, which need nothing.
    await this.#execAll(uploads.flatMap((scripts) => scripts.slice(0, -1)));
    await this.#execAll(uploads.flatMap((scripts) => scripts.slice(-1)));
  }

  /** Runs `scripts`, as many at once as an SSM agent runs and another command finds room beside. */
  async #execAll(scripts: readonly string[]): Promise<void> {
    const waiting = [...scripts];
    const one = async (): Promise<void> => {
      for (let script = waiting.shift(); script !== undefined; script = waiting.shift()) await this.#exec(script);
    };
    await allSettledThenAll(Array.from({ length: Math.min(atOnce, scripts.length) }, one));
  }

  /** Returns the agent's facts of the machine, and which of `wanted` (`command:zstd`, `package:git`) it lacks. */
  async facts(wanted: readonly string[] = []): Promise<v.InferOutput<typeof factsSchema>> {
    const frame = await this.#frame(["facts", ...wanted], undefined, {});
    return this.#fits(factsSchema, frame.lines[0] ?? "");
  }

  /**
   * Runs the batch of `plan`, called `name`, to its end, and passes each line of its journal to `onLine` as it arrives.
   * `expect_s`: how long it will probably take; the machine is called seldom before that. Calls `onStep` with the
   * progress of the current step at each reply that has it.
   */
  async batch(
    name: string,
    plan: string,
    expect_s: number | undefined,
    onLine: (line: JournalLine) => Promise<void>,
    onStep: (id: string, text: string) => void = () => {},
  ): Promise<void> {
    const { run, clock, slot } = this.#options;
    const batch = `m${slot}.${name}`;
    const started_s = clock.monotonic_s();
    const left_s = (): number => Math.max(0, (expect_s ?? 0) - (clock.monotonic_s() - started_s));
    let offset = 0;
    let dead = 0;
    for (;;) {
      const paused_s = left_s();
      if (offset > 0 && paused_s > follow_s) await this.#pause(Math.min(paused_s - 1, look_s));
      const put = offset === 0 ? { run, batch, text: plan } : undefined;
      const wait_s = String(follow_s);
      const timing = expect_s === undefined ? {} : { expect_s: Math.min(left_s(), follow_s) };
      const asked_s = clock.monotonic_s();
      const frame = await this.#frame(["run", run, batch, String(offset), wait_s], put, timing);
      if (frame.of !== `${run}/${batch}` || frame.offset !== offset)
        throw this.#fault(`an answer about ${frame.of} from ${frame.offset}`);
      for (const line of frame.lines) await onLine(this.#fits(journalSchema, line));
      if (frame.progress !== undefined) onStep(frame.progress.id, printable(frame.progress.text));
      offset += frame.length;
      this.#read.set(batch, offset);
      if (frame.state === "ended") return;
      if (offset > longestJournal_bytes)
        throw this.#fault(`a journal of more than ${longestJournal_bytes} bytes of batch ${batch}`);
      if (clock.monotonic_s() - started_s > longestBatch_s)
        throw this.#fault(`batch ${batch} does not end within ${longestBatch_s} s`);
      const took_s = clock.monotonic_s() - asked_s;
      if (frame.length === 0 && took_s < quiet_s) await clock.sleep(quiet_s - took_s, this.#options.signal);
      dead = frame.state === "dead" ? dead + 1 : 0;
      if (dead >= tries) throw this.#fault(`the supervisor of batch ${batch} died ${dead} times`);
    }
  }

  /** Stops batch `name`, and passes the unread lines of its journal to `onLine`. */
  async stopAndRead(name: string, onLine: (line: JournalLine) => Promise<void>): Promise<void> {
    const { run, slot, library, agent } = this.#options;
    const batch = `m${slot}.${name}`;
    await this.#exec(agentScript(library, agent.digest, ["stop", run]));
    for (let more = true; more;) {
      const offset = this.#read.get(batch) ?? 0;
      const frame = await this.#frame(["run", run, batch, String(offset), "0"], undefined, {});
      for (const line of frame.lines) await onLine(this.#fits(journalSchema, line));
      this.#read.set(batch, offset + frame.length);
      more = frame.length > 0 && frame.state !== "ended";
    }
  }

  /** Returns the machine's last console output, to append to an error message. */
  async lastWords(): Promise<string> {
    const { transport, machine } = this.#options;
    return (await transport.lastWords?.(machine.address)) ?? "";
  }

  /**
   * Waits `duration_s` seconds without a call to the machine.
   *
   * @throws TimetrialError MACHINE_LOST where it dies meanwhile
   */
  async #pause(duration_s: number): Promise<void> {
    const { transport, machine, clock, signal } = this.#options;
    const until_s = clock.monotonic_s() + duration_s;
    const most_s = transport.look === undefined ? duration_s : glance_s;
    for (let left_s = duration_s; left_s > 0; left_s = until_s - clock.monotonic_s()) {
      await clock.sleep(Math.min(left_s, most_s), signal);
      if (left_s > most_s) await transport.look?.(machine.address);
    }
  }

  /** Stops the run's batches on the machine, even where the run was interrupted. */
  async stop(): Promise<void> {
    const { run, library, agent, transport, machine } = this.#options;
    const script = agentScript(library, agent.digest, ["stop", run]);
    await transport.exec(machine.address, script, { limit_s: follow_s + patience_s });
  }

  /** Stops the run's batches, and removes the run's files from the machine. */
  async clean(): Promise<void> {
    const { run, library, agent } = this.#options;
    await this.stop();
    await this.#exec(agentScript(library, agent.digest, ["clean", run]));
  }

  /** Calls the agent, and returns its reply frame. Repeats the call where the frame is torn. */
  async #frame(
    words: readonly string[],
    plan: { run: string; batch: string; text: string } | undefined,
    options: { expect_s?: number },
  ): Promise<ReplyFrame> {
    const text = agentScript(this.#options.library, this.#options.agent.digest, words, plan);
    let fault = "";
    for (let attempt = 0; attempt < tries; attempt++) {
      const frame = parseReply(await this.#exec(text, options));
      if (!("fault" in frame)) return frame;
      fault = frame.fault;
    }
    throw this.#fault(`${tries} answers with ${fault}`);
  }

  /** Runs a script, and returns its output. Scripts are safe to repeat: without a reply the script is sent again. */
  async #exec(script: string, options: { expect_s?: number } = {}): Promise<string> {
    const { transport, machine, clock, signal } = this.#options;
    const limits = { limit_s: follow_s + patience_s, signal };
    const since_s = clock.monotonic_s();
    for (let attempt = 1; ; attempt++) {
      const asked_s = clock.monotonic_s();
      try {
        const result = await transport.exec(machine.address, script, { ...options, ...limits });
        if (result.status === 0) return result.stdout;
        const lines = result.stderr.trim().split("\n");
        const reason = reasonIn(lines);
        // No reason: the script was terminated from outside, or a reboot or the SSM agent's worker lost its result.
        if (reason === undefined && attempt < tries) continue;
        throw this.#fault((reason ?? lines.at(-1)) || `exit status ${result.status}`);
      } catch (error) {
        const unanswered = error instanceof TimetrialError && error.code === "TRANSPORT";
        // The next silence may last as long as this one.
        const now_s = clock.monotonic_s();
        if (!unanswered || attempt === tries || now_s - since_s + (now_s - asked_s) > silenceLimit_s) throw error;
      }
    }
  }

  #fits<const S extends v.GenericSchema>(schema: S, line: string): v.InferOutput<S> {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (cause) {
      throw this.#fault(`a line that is no JSON: ${JSON.stringify(line.slice(0, 200))}`, cause);
    }
    const parsed = v.safeParse(schema, value);
    if (parsed.success) return parsed.output;
    const issue = parsed.issues[0];
    throw this.#fault(`a line with a wrong ${v.getDotPath(issue) ?? "shape"}: ${JSON.stringify(line.slice(0, 200))}`);
  }

  #fault(found: string, cause?: unknown): TimetrialError {
    return new TimetrialError("AGENT", `the agent on ${this.machine.name}: ${printable(found)}`, { cause });
  }
}

/** Returns why a script failed: the last line that our scripts printed under the name `timetrial:`. */
function reasonIn(lines: readonly string[]): string | undefined {
  return lines.findLast((line) => line.startsWith("timetrial: "))?.slice("timetrial: ".length);
}
