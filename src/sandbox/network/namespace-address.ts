// An address of an instance with root on Linux: in a network namespace of its own, at the other end of a pair of
// virtual Ethernet devices. Without the address the namespace's kernel drops what comes: silence, as of a machine
// that has not booted. With it, it refuses; and then a daemon within answers.
//
// The namespace lives as long as the daemon, which ends with its standard input: nothing of it, not the near end of the
// pair nor its route, outlives this process, however it ends. Both ends know each other's link address, since asking
// for it would make the first answers late.

import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { networkInterfaces } from "node:os";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { program } from "../process/program.ts";
import type { BootAddress } from "./address.ts";

const near = { ipv6: "2001:db8::1", link: "02:00:00:00:00:01" };
const farLink = "02:00:00:00:00:02";
/** Those set aside for documentation, which nobody routes (RFC 5737). */
const networks = ["192.0.2", "198.51.100", "203.0.113"];
/** Near ends of pairs, of any sandbox. */
const ourDevice = /^tt[0-9a-f]{10}$/;

/**
 * Returns the first three numbers of the networks from which addresses are drawn: those in which this computer has none
 * of its own. A virtual machine's or a container's may well be one of documentation's, and what is sent to an address of
 * the computer's own never reaches an instance.
 *
 * @throws Error where the computer has addresses in all of them
 */
export function unusedNetworks(own: ReturnType<typeof networkInterfaces> = networkInterfaces()): string[] {
  const used = Object.entries(own).flatMap(([device, addresses = []]) =>
    ourDevice.test(device) ? [] : addresses.map(({ address }) => address),
  );
  const unused = networks.filter((network) => !used.some((address) => address.startsWith(`${network}.`)));
  if (unused.length === 0) throw new Error(`this computer has addresses in ${networks.join(", ")}`);
  return unused;
}

let probed: boolean | undefined;

/** Whether this process may make network namespaces and lay a route into them. Asked once a process. */
export function canMakeNamespaces(): boolean {
  probed ??= tried();
  return probed;
}

function tried(): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  try {
    unusedNetworks();
    execFileSync(program("unshare"), ["--net", program("ip"), "link", "add", "tt0", "type", "veth"], {
      stdio: "ignore",
    });
    return true;
  } catch {
    return false;
  }
}

/** @throws Error where the computer does not let us */
export async function openNamespaceAddress(ports: readonly number[], hasIpv6: boolean): Promise<BootAddress> {
  const daemon = spawn(program("unshare"), ["--net", process.execPath, "-e", daemonText], {
    stdio: ["pipe", "pipe", "ignore"],
    env: {},
  });
  const says = lines(daemon);
  if ((await says()) !== "ready") throw new Error("no network namespace");
  const device = `tt${randomBytes(5).toString("hex")}`;
  let switches: ChildProcess | undefined;
  try {
    const addresses = await connect(device, daemon.pid ?? 0, hasIpv6);
    switches = within(daemon.pid ?? 0);
    return {
      addresses,
      refuse: async () => {
        const { ipv4, ipv6 } = addresses;
        switches?.stdin?.write(`address add ${ipv4}/32 dev eth0\n`);
        if (ipv6 !== undefined) switches?.stdin?.write(`address add ${ipv6}/128 dev eth0 nodad\n`);
      },
      open: async () => {
        daemon.stdin?.write(`${JSON.stringify(ports)}\n`);
        const at_ns = Number((await says()) ?? Number.NaN);
        await says();
        return at_ns / 1e9;
      },
      end: async () => {
        switches?.stdin?.end();
        daemon.kill("SIGKILL");
        await gone(daemon);
      },
    };
  } catch (error) {
    daemon.kill("SIGKILL");
    throw error;
  }
}

/** Lays the pair, and takes an address that nobody else here has: the route is the claim. */
async function connect(device: string, pid: number, hasIpv6: boolean): Promise<{ ipv4: string; ipv6?: string }> {
  const unused = unusedNetworks();
  const nearIpv4 = `${unused[0]}.1`;
  await ip(
    `link add ${device} address ${near.link} type veth peer name eth0 address ${farLink} netns ${pid}`.split(" "),
  );
  await ip(["address", "add", `${nearIpv4}/32`, "dev", device]);
  await ip(["link", "set", device, "up"]);
  const inside = within(pid);
  inside.stdin?.end(
    [
      "link set lo up",
      "link set eth0 up",
      `route add ${nearIpv4}/32 dev eth0`,
      `neighbour add ${nearIpv4} lladdr ${near.link} dev eth0 nud permanent`,
      ...(hasIpv6
        ? [
            `route add ${near.ipv6}/128 dev eth0`,
            `neighbour add ${near.ipv6} lladdr ${near.link} dev eth0 nud permanent`,
          ]
        : []),
      "",
    ].join("\n"),
  );
  await gone(inside);
  const ipv4 = await claimed(() => `${unused[randomInt(unused.length)]}.${randomInt(2, 255)}`, device, 32);
  if (!hasIpv6) return { ipv4 };
  await ip(["-6", "address", "add", `${near.ipv6}/128`, "dev", device, "nodad"]);
  const ipv6 = await claimed(() => `2001:db8::${randomBytes(2).toString("hex")}:2`, device, 128);
  return { ipv4, ipv6 };
}

async function claimed(draw: () => string, device: string, bits: number): Promise<string> {
  for (let tries = 0; ; tries++) {
    const address = draw();
    try {
      await ip([...(bits === 128 ? ["-6"] : []), "route", "add", `${address}/${bits}`, "dev", device]);
      await ip(["neighbour", "add", address, "lladdr", farLink, "dev", device, "nud", "permanent"]);
      return address;
    } catch (error) {
      if (tries === 100) throw error;
    }
  }
}

/** An ip(8) that takes its commands from standard input, in the namespace of `pid`. */
function within(pid: number): ChildProcess {
  return spawn(program("nsenter"), [`--net=/proc/${pid}/ns/net`, program("ip"), "-force", "-batch", "-"], {
    stdio: ["pipe", "ignore", "ignore"],
    env: {},
  });
}

async function ip(words: readonly string[]): Promise<void> {
  await promisify(execFile)(program("ip"), words, { env: {} });
}

function lines({ stdout }: ChildProcess): () => Promise<string | undefined> {
  const reader = stdout === null ? undefined : createInterface({ input: stdout })[Symbol.asyncIterator]();
  return async () => (await reader?.next())?.value;
}

function gone(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
}

/**
 * The daemon: says when it is there; says when it begins to listen on the ports that a line names, and that it does; ends
 * with its input. The instant goes first: whoever connects may end the machine before anything else is said.
 */
const daemonText = `
const { createServer } = require("node:net");
process.stdin.on("end", () => process.exit()).on("data", (line) => {
  const ports = JSON.parse(line);
  console.log(String(process.hrtime.bigint()));
  let waiting = ports.length;
  for (const port of ports) {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.end("SSH-2.0-timetrial_sandbox\\r\\n");
    });
    server.listen({ port }, () => { if (--waiting === 0) console.log("open"); });
  }
});
console.log("ready");
`;
