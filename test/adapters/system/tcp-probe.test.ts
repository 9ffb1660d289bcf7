// The probe against every answer that a port can give. Loopback gives some of them; the others come from network
// namespaces, where routes and neighbours can be had that never answer. Those want root and Linux, and the build.

import { execFile, execFileSync } from "node:child_process";
import { promisify } from "node:util";
import { existsSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../../src/adapters/system/clock.ts";
import { classifyConnectError, tcpProbe } from "../../../src/adapters/system/tcp-probe.ts";
import type { ProbeResult } from "../../../src/ports/port-probe.ts";
import { freePort } from "../../support/free-port.mjs";

const probe = tcpProbe(systemClock);
const never = new AbortController().signal;

function target(port: number, for_s: number, address = "127.0.0.1") {
  return { address, port, every_s: 0.01, life_s: 1, until_s: systemClock.monotonic_s() + for_s };
}

async function listening(onSocket: (socket: Socket) => void, host = "127.0.0.1", port = 0): Promise<Server> {
  const server = createServer(onSocket);
  await new Promise<void>((resolve) => server.listen({ host, port }, resolve));
  return server;
}

function portOf(server: Server): number {
  const place = server.address();
  return place !== null && typeof place === "object" ? place.port : 0;
}

test("a port that nobody listens on is closed, again and again, and never open", async () => {
  const port = await freePort();
  const closed: number[] = [];
  const since_s = systemClock.monotonic_s();
  const seen = await probe.watch(target(port, 1.5), never, (at_s) => closed.push(at_s));
  expect(Object.keys(seen.answers)).toEqual(["closed"]);
  expect(seen.answers["closed"]).toBeGreaterThan(5);
  expect(closed).toEqual([seen.closed_at_s]);
  expect((seen.closed_at_s ?? 0) - since_s).toBeLessThan(1);
  expect(seen.open_at_s).toBe(undefined);
});

test("a port that listens from the start is open at the first attempt, and never closed", async () => {
  const server = await listening((socket) => socket.destroy());
  const seen = await probe.watch(target(portOf(server), 5), never, () => {});
  server.close();
  expect(seen.answers).toEqual({ open: 1 });
  expect(seen.closed_at_s).toBe(undefined);
  expect(seen.open_at_s).toBeGreaterThan(0);
  expect(seen.rtt_s).toBeGreaterThan(0);
  expect(seen.rtt_s).toBeLessThan(5);
});

test("a connection that is taken and reset at once counts as open", async () => {
  const server = await listening((socket) => socket.resetAndDestroy());
  const seen = await probe.watch(target(portOf(server), 5), never, () => {});
  server.close();
  expect(seen.answers).toEqual({ open: 1 });
});

/** Begins to watch `port`, and returns when an attempt was refused. */
async function watchedUntilClosed(port: number): Promise<{ watching: ReturnType<typeof probe.watch> }> {
  for (;;) {
    let closed = false;
    let watching: ReturnType<typeof probe.watch> | undefined;
    await new Promise<void>((resolve) => {
      const onClosed = (): void => {
        closed = true;
        resolve();
      };
      watching = probe.watch(target(port, 60), never, onClosed);
      void watching.finally(resolve);
    });
    // A child of another test may still hold a server's socket, until it executes its program: the port is open then.
    if (closed && watching !== undefined) return { watching };
  }
}

test("a port that opens later is closed until then; both instants are seen", async () => {
  const port = await freePort();
  const { watching } = await watchedUntilClosed(port);
  const before_s = systemClock.monotonic_s();
  const server = await listening((socket) => socket.destroy(), "127.0.0.1", port);
  const seen = await watching;
  server.close();
  expect(seen.closed_at_s).toBeLessThan(before_s);
  expect(seen.open_at_s).toBeGreaterThan(before_s);
  expect((seen.open_at_s ?? 0) - before_s).toBeLessThan(10);
});

test("an IPv6 address is probed like any other", async (context) => {
  const server = await listening((socket) => socket.destroy(), "::1").catch(() => undefined);
  if (server === undefined) return context.skip("this computer has no IPv6 loopback");
  const seen = await probe.watch(target(portOf(server), 5, "::1"), never, () => {});
  server.close();
  expect(seen.answers).toEqual({ open: 1 });
});

test("a name is refused: looking it up would be part of the time", () => {
  expect(() => probe.watch(target(22, 1, "localhost"), never, () => {})).toThrow("expected an IP address");
});

test("an abort ends the probing with its reason", async () => {
  const stop = new AbortController();
  const watching = probe.watch(target(await freePort(), 10), stop.signal, () => {});
  stop.abort(new Error("enough"));
  await expect(watching).rejects.toThrow("enough");
});

test("a port that opens later was not open at the first attempt, though that may be all that was answered", async () => {
  const port = await freePort();
  const server = await listening((socket) => socket.destroy(), "127.0.0.1", port);
  const first = await probe.watch(target(port, 5), never, () => {});
  expect(first.open_attempt).toBe(1);
  await new Promise((resolve) => server.close(resolve));
  const { watching } = await watchedUntilClosed(port);
  const again = await listening((socket) => socket.destroy(), "127.0.0.1", port);
  const later = await watching;
  again.close();
  expect(later.open_attempt).toBeGreaterThan(1);
});

test.each(["EPERM", "ENFILE", "ENOBUFS", "ENOMEM", "EADDRNOTAVAIL"])(
  "%s keeps its name (injected: nothing here makes connect() say it)",
  (code) => {
    expect(classifyConnectError({ code })).toBe(code);
  },
);

const lib = new URL("../../../dist/lib/adapters/index.js", import.meta.url);

function whyNoNamespaces(): string {
  if (!existsSync(lib)) return "needs build";
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "needs root on Linux";
  try {
    execFileSync("unshare", ["--net", "ip", "link", "add", "d0", "type", "veth"], { stdio: "ignore" });
    return "";
  } catch {
    return "needs unshare and ip";
  }
}

const missing = whyNoNamespaces();
const inNamespace = test.skipIf(missing !== "");
const said = missing === "" ? "" : ` [${missing}]`;

/**
 * Probes 192.0.2.9:22 for `for_s` seconds in a network namespace that `setup` (sh) has prepared; with `nofile`, in a
 * process that may have so many files open, once it has loaded its modules.
 */
async function probedIn(setup: string, for_s: number, life_s = 1, nofile?: number): Promise<ProbeResult> {
  const limit =
    nofile === undefined ? "" : `execFileSync("prlimit", ["--pid", String(process.pid), "--nofile=${nofile}"]);`;
  const program = `
    import { execFileSync } from "node:child_process";
    import { systemClock, tcpProbe } from ${JSON.stringify(lib.href)};
    ${limit}
    const until_s = systemClock.monotonic_s() + ${for_s};
    const wish = { address: "192.0.2.9", port: 22, every_s: 0.01, life_s: ${life_s}, until_s };
    console.log(JSON.stringify(await tcpProbe(systemClock).watch(wish, new AbortController().signal, () => {})));
    process.exit();`;
  const script = `set -e; ip link set lo up; ${setup}\nexec "$@"`;
  const words = ["--net", "sh", "-c", script, "sh", process.execPath, "--input-type=module", "-e", program];
  const { stdout } = await promisify(execFile)("unshare", words, { timeout: 30_000 });
  return JSON.parse(stdout) as ProbeResult;
}

/** A device that sends to a neighbour which it believes to have, and nobody is. */
const swallowing =
  "ip link add d0 type veth peer name d1; ip link set d0 up; ip link set d1 up; ip addr add 192.0.2.1/24 dev d0; ip neigh add 192.0.2.9 lladdr 02:00:00:00:00:09 dev d0 nud permanent";

// They mostly wait: all at once.
describe.concurrent("in a network namespace", () => {
  inNamespace(`what nobody answers is silent, attempt by attempt${said}`, async () => {
    const { answers, open_at_s, closed_at_s } = await probedIn(swallowing, 1.6, 0.5);
    expect(Object.keys(answers)).toEqual(["silent"]);
    expect(answers["silent"]).toBeGreaterThan(20);
    expect([open_at_s, closed_at_s]).toEqual([undefined, undefined]);
  });

  inNamespace(`ETIMEDOUT, where the kernel gives up first, is silence too${said}`, async () => {
    const { answers } = await probedIn(`${swallowing}; echo 1 >/proc/sys/net/ipv4/tcp_syn_retries`, 5, 20);
    expect(Object.keys(answers)).toEqual(["silent"]);
  });

  inNamespace.each([
    ["ENETUNREACH", "there is no route", ":"],
    ["EHOSTUNREACH", "the route says unreachable", "ip route add unreachable 192.0.2.9"],
    ["EACCES", "the route is prohibited", "ip route add prohibit 192.0.2.9"],
  ])(`%s, where %s${said}`, async (code, _why, setup) => {
    const { answers, open_at_s } = await probedIn(setup, 0.3);
    expect(Object.keys(answers)).toEqual([code]);
    expect(open_at_s).toBe(undefined);
  });

  inNamespace(`EHOSTUNREACH, where no such neighbour is found, beside silence${said}`, async () => {
    const setup =
      "ip link add d0 type veth peer name d1; ip link set d0 up; ip link set d1 up; ip addr add 192.0.2.1/24 dev d0";
    const { answers } = await probedIn(setup, 5, 4);
    expect(answers["EHOSTUNREACH"]).toBeGreaterThan(0);
    expect(answers["closed"]).toBe(undefined);
  });

  inNamespace(`EMFILE, where this process may open no more${said}`, async () => {
    const { answers } = await probedIn(swallowing, 1.5, 1, 64);
    expect(answers["EMFILE"]).toBeGreaterThan(0);
  });
});
