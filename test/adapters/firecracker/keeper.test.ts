// The keeper of a VMM that ends by itself.

import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startKeeper } from "../../../src/adapters/firecracker/keeper.ts";
import { until } from "../../support/until.ts";

const isRoot = process.getuid?.() === 0;

test.skipIf(!isRoot)(
  `until its end, the address of a microVM that died leads nowhere but to it${isRoot ? "" : " [needs root]"}`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "tt-keeper-"));
    const address = `10.99.${process.pid % 250}.2`;
    const veth = `ttk${process.pid}`;
    const keeper = await startKeeper({
      folder: join(folder, "microvm"),
      ownerText: "{}",
      mode: "own",
      network: { address, gateway: address.replace(/2$/, "1"), prefix: 30, mac: "06:00:0a:63:00:02" },
      veth,
      owner: 0,
      command: ["true"],
    });
    keeper.go();
    expect(await keeper.exited).toBe(0);
    await until(async () => !isInNamespace(keeper.pid));
    await laterNamespaceGone();
    expect(route(address)).toContain(` dev ${veth} `);
    expect(await keeper.end()).toBe(true);
    expect(route(address)).not.toContain(veth);
    rmSync(folder, { recursive: true });
  },
);

/** The kernel removes namespaces in the order of their ends, and their devices with them, in its own time. */
async function laterNamespaceGone(): Promise<void> {
  const name = `ttl${process.pid}`;
  const child = spawn("unshare", ["--net", "sh", "-c", "echo in; exec cat"], { stdio: ["pipe", "pipe", "ignore"] });
  const gone = new Promise((resolve) => child.once("exit", resolve));
  await new Promise((resolve) => child.stdout.once("data", resolve));
  expect(ip("link", "add", name, "type", "veth", "peer", "name", "up0", "netns", String(child.pid)).status).toBe(0);
  child.stdin.end();
  await gone;
  await until(async () => ip("link", "show", name).status !== 0);
}

/** Whether process `pid` still is in a network namespace; one that ended and was not waited for is in none. */
function isInNamespace(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`) !== "";
  } catch {
    return false;
  }
}

const ip = (...words: readonly string[]) => spawnSync("ip", words, { encoding: "utf8" });

const route = (address: string): string => ip("route", "get", address).stdout;
