// Each request of our client, held to Firecracker's own description of its API, as api-description.mjs has it.

import { createServer } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import {
  ApiFault,
  type BootSource,
  type Drive,
  FirecrackerApi,
  type MachineConfiguration,
  type NetworkInterface,
} from "../../../src/adapters/firecracker/api/api-client.ts";
import { endpoints, faultOf, faultOfBody, instanceInfo } from "./api-description.mjs";

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** An API that notes what is asked of it, and returns `status` and `text` to all. */
async function listening(status = 204, text = ""): Promise<{ api: FirecrackerApi; asked: Asked[] }> {
  const folder = mkdtempSync(join(tmpdir(), "tt-api-"));
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (bytes: Buffer) => (body += bytes.toString()));
    request.on("end", () => {
      asked.push({ method: request.method ?? "", path: request.url ?? "", headers: request.headers, body });
      response.writeHead(status).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(join(folder, "s"), resolve));
  closing.push(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { api: new FirecrackerApi(join(folder, "s")), asked };
}

const info = '{"id":"fc-1","state":"Not started","vmm_version":"1.12.1","app_name":"Firecracker"}';

// Every field that our types have: the compiler asks for a new one here.
const bootSource: Required<BootSource> = { kernel_image_path: "/k", boot_args: "console=ttyS0", initrd_path: "/i" };
const drive: Required<Drive> = {
  drive_id: "rootfs",
  is_root_device: true,
  path_on_host: "/d",
  is_read_only: false,
  cache_type: "Writeback",
  io_engine: "Async",
};
const machine: Required<MachineConfiguration> = { vcpu_count: 2, mem_size_mib: 64, smt: true, huge_pages: "2M" };
const nic: Required<NetworkInterface> = { iface_id: "eth0", host_dev_name: "tap0", guest_mac: "02:00:00:00:00:02" };

test("each request of the client, with every field that it knows, is one of Firecracker's description", async () => {
  const { api, asked } = await listening(200, info);
  await api.describeInstance();
  await api.putMachineConfiguration(machine);
  await api.putCpuConfiguration({ cpuid_modifiers: [], msr_modifiers: [], kvm_capabilities: [] });
  await api.putBootSource(bootSource);
  await api.putDrive(drive);
  await api.putNetworkInterface(nic);
  await api.putEntropyDevice();
  await api.startInstance();
  expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
    "GET /",
    "PUT /machine-config",
    "PUT /cpu-config",
    "PUT /boot-source",
    "PUT /drives/rootfs",
    "PUT /network-interfaces/eth0",
    "PUT /entropy",
    "PUT /actions",
  ]);
  expect(asked.flatMap(({ method, path, body }) => faultOf(method, path, body) ?? [])).toEqual([]);
  // All that the description knows is used, so that none of it is there unproved.
  expect(new Set(asked.slice(1).map(({ path }) => path.split("/")[1]))).toEqual(new Set(Object.keys(endpoints)));
});

test("each request has its length and no chunks, and a connection of its own (point 8)", async () => {
  const { api, asked } = await listening();
  await api.putBootSource({ ...bootSource, boot_args: "ä" });
  await api.startInstance();
  for (const { headers, body } of asked) {
    expect(headers["content-length"]).toBe(String(Buffer.byteLength(body)));
    expect(headers["transfer-encoding"]).toBeUndefined();
    expect(headers.connection).toBe("close");
  }
});

for (const [what, method, path, body, fault] of [
  ["a field that there is not", "PUT", "/boot-source", { ...bootSource, kernel: "/k" }, "unknown field `kernel`"],
  ["a field that is missing", "PUT", "/drives/a", { drive_id: "a" }, "missing field `is_root_device`"],
  ["a wrong type", "PUT", "/machine-config", { ...machine, smt: "yes" }, 'invalid type: "yes" of `smt`'],
  ["a value that is not allowed", "PUT", "/machine-config", { ...machine, huge_pages: "1G" }, "unknown variant `1G`"],
  ["an id that differs from the path's", "PUT", "/drives/b", drive, "does not match the id from the body"],
  ["a path that there is not", "PUT", "/boot", bootSource, "Invalid request method and/or path: PUT boot."],
  ["a method that there is not", "POST", "/boot-source", bootSource, "Invalid request method and/or path: POST"],
] as const)
  test(`the description does not allow ${what}`, () => {
    expect(faultOf(method, path, JSON.stringify(body))).toContain(fault);
  });

test("what GET / returns is held to the description as well", async () => {
  expect(faultOfBody(JSON.parse(info), instanceInfo)).toBeUndefined();
  const { api } = await listening(200, info.replace("Not started", "Melted"));
  await expect(api.describeInstance()).rejects.toThrow("not the description of a microVM");
});

test("a refusal is Firecracker's own text, be it fault_message, or error of its HTTP server (point 8)", async () => {
  for (const [text, fault] of [
    ['{"fault_message":"Drive config error: no"}', "Drive config error: no"],
    ['{"error":"Unsupported header"}', "Unsupported header"],
    ["<html>", "<html>"],
  ] as const) {
    const { api } = await listening(400, text);
    const refused = await api.putDrive(drive).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ApiFault);
    expect(refused).toMatchObject({ status: 400, asked: "PUT /drives", fault });
  }
});
