// The TCP probe: a new socket every 10 ms, each with a timeout of one second, all overlapping, as in ec2-boot-bench.
// With one attempt after another, the pending attempt's wait would blur the moment.
//
// A refusal (RST, or ICMP port-unreachable, which connect() cannot tell from it) means that the kernel is up. A
// connection means that the daemon is up. Silence means neither: nothing is there, or a firewall drops the packets.

import { createServer, isIP, Socket } from "node:net";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { defined } from "../../domain/defined.ts";
import type { Clock } from "../../ports/clock.ts";
import type { PortProbe, ProbeResult, ProbeTarget } from "../../ports/port-probe.ts";

/** Resolution of the event loop's delay histogram. Milliseconds. */
const loopResolution_ms = 2;
const rttConnections = 5;

/**
 * Returns a probe for TCP ports of IP addresses. Times are by `clock`, in seconds.
 *
 * @throws RangeError if the address is not an IP address
 * @example
 * import { systemClock, tcpProbe } from "timetrial/adapters";
 *
 * const target = { address: "127.0.0.1", port: 22, every_s: 0.05, life_s: 2, until_s: systemClock.monotonic_s() + 10 };
 * const { open_at_s } = await tcpProbe(systemClock).watch(target, AbortSignal.timeout(15_000), () => {});
 * console.log(open_at_s);
 */
export function tcpProbe(clock: Pick<Clock, "monotonic_s">): PortProbe {
  return {
    warm,
    watch: (target, signal, onClosed) => {
      if (isIP(target.address) === 0) throw new RangeError(`expected an IP address, got ${target.address}`);
      return new PortWatch(clock, target, onClosed).run(signal);
    },
    cpu_s: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    },
    delays: () => {
      const meter = monitorEventLoopDelay({ resolution: loopResolution_ms });
      meter.enable();
      return () => {
        meter.disable();
        return Math.max(0, meter.max) / 1e9;
      };
    },
  };
}

/** Attempts to connect to one port at fixed times, until it is open or the time is up. */
class PortWatch {
  readonly #clock: Pick<Clock, "monotonic_s">;
  readonly #target: ProbeTarget;
  readonly #onClosed: (at_s: number) => void;
  readonly #since_s: number;
  readonly #answers: Record<string, number> = {};
  readonly #inFlight = new Set<Attempt>();
  #attempts = 0;
  #slot = 0;
  #timer: NodeJS.Timeout | undefined;
  #end: () => void = () => {};
  #closed_at_s: number | undefined;
  #open_at_s: number | undefined;
  #open_attempt: number | undefined;

  constructor(clock: Pick<Clock, "monotonic_s">, target: ProbeTarget, onClosed: (at_s: number) => void) {
    this.#clock = clock;
    this.#target = target;
    this.#onClosed = onClosed;
    this.#since_s = clock.monotonic_s();
  }

  /** @throws the signal's reason */
  async run(signal: AbortSignal): Promise<ProbeResult> {
    let onAbort = (): void => {};
    try {
      await new Promise<void>((resolve, reject) => {
        this.#end = resolve;
        onAbort = () => reject(signal.reason);
        signal.addEventListener("abort", onAbort, { once: true });
        if (signal.aborted) onAbort();
        else this.#tick();
      });
    } finally {
      clearTimeout(this.#timer);
      signal.removeEventListener("abort", onAbort);
      for (const attempt of this.#inFlight) attempt.abandon();
    }
    return {
      answers: this.#answers,
      ...defined({
        closed_at_s: this.#closed_at_s,
        open_at_s: this.#open_at_s,
        open_attempt: this.#open_attempt,
        rtt_s: this.#open_at_s === undefined ? undefined : await shortestConnection(this.#clock, this.#target),
      }),
    };
  }

  /** Starts an attempt, and sets the timer for the next one. */
  #tick(): void {
    const { every_s, until_s } = this.#target;
    const now_s = this.#clock.monotonic_s();
    if (now_s >= until_s) return this.#end();
    const nth = ++this.#attempts;
    const attempt = new Attempt(this.#target, (answer) => {
      this.#inFlight.delete(attempt);
      this.#count(answer, nth);
    });
    this.#inFlight.add(attempt);
    // A fixed grid, so that small delays do not add up. Missed attempts are not repeated.
    this.#slot = Math.max(this.#slot + 1, Math.ceil((now_s - this.#since_s) / every_s));
    const next_s = this.#since_s + this.#slot * every_s;
    this.#timer = setTimeout(() => this.#tick(), Math.max(0, (next_s - this.#clock.monotonic_s()) * 1000));
  }

  /** Counts the result of the attempt number `nth`. */
  #count(answer: string, nth: number): void {
    const at_s = this.#clock.monotonic_s();
    if (this.#open_at_s !== undefined) return;
    this.#answers[answer] = (this.#answers[answer] ?? 0) + 1;
    if (answer === "closed" && this.#closed_at_s === undefined) {
      this.#closed_at_s = at_s;
      this.#onClosed(at_s);
    }
    if (answer !== "open") return;
    this.#open_at_s = at_s;
    this.#open_attempt = nth;
    this.#end();
  }
}

/** One attempt to connect. Calls `onResult` once, unless it is abandoned before. */
class Attempt {
  readonly #socket = new Socket();
  readonly #timer: NodeJS.Timeout;
  #onResult: ((answer: string) => void) | undefined;

  /** The result is "open", "closed", "silent" or the code of another error. */
  constructor(
    { address, port, life_s }: Pick<ProbeTarget, "address" | "port" | "life_s">,
    onResult: (answer: string) => void,
  ) {
    this.#onResult = onResult;
    this.#timer = setTimeout(() => this.#report("silent"), life_s * 1000);
    this.#socket.once("connect", () => this.#report("open"));
    // The handler stays: an error may follow the connection at once, and must not end the process.
    this.#socket.on("error", (error: NodeJS.ErrnoException) => this.#report(classifyConnectError(error)));
    this.#socket.connect({ host: address, port, autoSelectFamily: false });
  }

  abandon(): void {
    this.#onResult = undefined;
    clearTimeout(this.#timer);
    this.#socket.destroy();
  }

  #report(answer: string): void {
    // Before anything else is done: the caller notes the time.
    this.#onResult?.(answer);
    this.abandon();
  }
}

/** Classifies the error of a failed attempt. */
export function classifyConnectError({ code }: Pick<NodeJS.ErrnoException, "code">): string {
  if (code === "ECONNREFUSED") return "closed";
  if (code === "ETIMEDOUT") return "silent";
  // A reset before the connection is established shows as ECONNREFUSED; this one came after it was established.
  if (code === "ECONNRESET" || code === "EPIPE") return "open";
  return code ?? "error";
}

/** Returns the shortest time that a connection takes. Seconds. */
async function shortestConnection(clock: Pick<Clock, "monotonic_s">, target: ProbeTarget): Promise<number | undefined> {
  let shortest: number | undefined;
  for (let n = 0; n < rttConnections; n++) {
    const since_s = clock.monotonic_s();
    const took_s = await new Promise<number | undefined>((resolve) => {
      void new Attempt(target, (answer) => resolve(answer === "open" ? clock.monotonic_s() - since_s : undefined));
    });
    if (took_s === undefined) break;
    shortest = Math.min(shortest ?? took_s, took_s);
  }
  return shortest;
}

/** Connects to a port of this process, and to one that is closed: a process's first attempts take some ms longer. */
async function warm(): Promise<void> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const listening = server.address();
  const port = listening !== null && typeof listening === "object" ? listening.port : 0;
  const attempts = async (): Promise<void> => {
    for (let n = 0; n < 20; n++)
      await new Promise<string>((resolve) => void new Attempt({ address: "127.0.0.1", port, life_s: 1 }, resolve));
  };
  await attempts();
  await new Promise((resolve) => server.close(resolve));
  await attempts();
}
