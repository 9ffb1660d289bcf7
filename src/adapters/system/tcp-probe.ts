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
      return watch(clock, target, signal, onClosed);
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

async function watch(
  clock: Pick<Clock, "monotonic_s">,
  target: ProbeTarget,
  signal: AbortSignal,
  onClosed: (at_s: number) => void,
): Promise<ProbeResult> {
  const answers: Record<string, number> = {};
  const flying = new Set<Socket>();
  let [closed_at_s, open_at_s, open_attempt]: (number | undefined)[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      const since_s = clock.monotonic_s();
      let sent = 0;
      let made = 0;
      let timer: NodeJS.Timeout;
      const onAbort = (): void => end(() => reject(signal.reason));
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", onAbort);
        settle();
      };
      const answered = (answer: string, nth: number): void => {
        const at_s = clock.monotonic_s();
        if (open_at_s !== undefined) return;
        answers[answer] = (answers[answer] ?? 0) + 1;
        if (answer === "closed" && closed_at_s === undefined) onClosed((closed_at_s = at_s));
        if (answer !== "open") return;
        [open_at_s, open_attempt] = [at_s, nth];
        end(resolve);
      };
      const tick = (): void => {
        const now_s = clock.monotonic_s();
        if (now_s >= target.until_s) return end(resolve);
        const nth = ++made;
        flying.add(
          attempt(
            target,
            (answer) => answered(answer, nth),
            (socket) => flying.delete(socket),
          ),
        );
        // A fixed grid, so that small delays do not add up. Missed attempts are not repeated.
        sent = Math.max(sent + 1, Math.ceil((now_s - since_s) / target.every_s));
        timer = setTimeout(tick, Math.max(0, (since_s + sent * target.every_s - clock.monotonic_s()) * 1000));
      };
      signal.addEventListener("abort", onAbort, { once: true });
      if (signal.aborted) onAbort();
      else tick();
    });
  } finally {
    for (const socket of flying) socket.destroy();
  }
  const rtt_s = open_at_s === undefined ? undefined : await shortestConnection(clock, target);
  return {
    answers,
    ...defined({ closed_at_s, open_at_s, open_attempt, rtt_s }),
  };
}

/** One attempt. Reports its result once. */
function attempt(
  { address, port, life_s }: Pick<ProbeTarget, "address" | "port" | "life_s">,
  answered: (answer: string) => void,
  over: (socket: Socket) => void,
): Socket {
  const socket = new Socket();
  let isReported = false;
  const end = (answer: string): void => {
    if (isReported) return;
    isReported = true;
    clearTimeout(life);
    over(socket);
    answered(answer);
    socket.destroy();
  };
  const life = setTimeout(() => end("silent"), life_s * 1000);
  socket.once("connect", () => end("open"));
  // The handler stays: an error may follow the connection at once, and must not end the process.
  socket.on("error", (error: NodeJS.ErrnoException) => end(classifyConnectError(error)));
  socket.once("close", () => clearTimeout(life));
  socket.connect({ host: address, port, autoSelectFamily: false });
  return socket;
}

/** Classifies the error of a failed attempt. */
export function classifyConnectError({ code }: Pick<NodeJS.ErrnoException, "code">): string {
  if (code === "ECONNREFUSED") return "closed";
  if (code === "ETIMEDOUT") return "silent";
  // A reset before the connection is established shows as ECONNREFUSED; this one came after it was established.
  if (code === "ECONNRESET" || code === "EPIPE") return "open";
  return code ?? "error";
}

async function shortestConnection(clock: Pick<Clock, "monotonic_s">, target: ProbeTarget): Promise<number | undefined> {
  let shortest: number | undefined;
  for (let n = 0; n < rttConnections; n++) {
    const since_s = clock.monotonic_s();
    const took_s = await new Promise<number | undefined>((resolve) => {
      attempt(
        target,
        (answer) => resolve(answer === "open" ? clock.monotonic_s() - since_s : undefined),
        () => {},
      );
    });
    if (took_s === undefined) break;
    shortest = Math.min(shortest ?? took_s, took_s);
  }
  return shortest;
}

/** Warms up: a process's first connections and refusals take some milliseconds longer. */
async function warm(): Promise<void> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const place = server.address();
  const port = place !== null && typeof place === "object" ? place.port : 0;
  const tries = async (): Promise<void> => {
    for (let n = 0; n < 20; n++) {
      await new Promise<void>((resolve) => {
        attempt(
          { address: "127.0.0.1", port, life_s: 1 },
          () => resolve(),
          () => {},
        );
      });
    }
  };
  await tries();
  await new Promise((resolve) => server.close(resolve));
  await tries();
}
