// What timetrial relies on of a VMM behind Firecracker's API: one body of tests for the real one and for its stand-in.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FirecrackerApi } from "../../src/adapters/firecracker/api/api-client.ts";
import { endpoints } from "../adapters/firecracker/api-description.mjs";
import { firecrackerLab } from "./microvm-lab.ts";
import { until } from "./until.ts";

/** A VMM of this process's, in a folder of its own. */
class Vmm {
  readonly folder = mkdtempSync(join(tmpdir(), "tt-vmm-"));
  readonly socket: string = join(this.folder, "s");
  readonly api: FirecrackerApi = new FirecrackerApi(this.socket);
  readonly ended: Promise<number | null>;
  console = "";
  readonly #child;

  constructor(binary: string, before: (folder: string) => void = () => {}) {
    before(this.folder);
    const log = join(this.folder, "log");
    writeFileSync(log, "");
    this.#child = spawn(binary, ["--api-sock", this.socket, "--log-path", log, "--level", "Info", "--boot-timer"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    this.#child.stdout.on("data", (bytes: Buffer) => (this.console += bytes.toString()));
    this.ended = new Promise((resolve) => this.#child.once("exit", resolve));
  }

  async up(): Promise<this> {
    await until(() =>
      this.api.describeInstance().then(
        () => true,
        () => false,
      ),
    );
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ended;
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** One request as it is: its status and body. */
  raw(
    method: string,
    path: string,
    headers: Record<string, string>,
    body: string,
  ): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const sent = request({ socketPath: this.socket, method, path, headers, agent: false }, (response) => {
        let text = "";
        response.on("data", (bytes: Buffer) => (text += bytes.toString()));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      });
      sent.on("error", reject);
      if (headers["transfer-encoding"] !== undefined) sent.write(body);
      else if (body !== "") sent.setHeader("content-length", Buffer.byteLength(body)).write(body);
      sent.end();
    });
  }
}

type Field = (typeof endpoints)[string]["fields"][string];

/** A value of the field's type, which the description allows. */
function valueOf({ type, among, form }: Field): unknown {
  if (form !== undefined) return "02:00:00:00:00:02";
  if (type === "boolean") return true;
  if (type === "integer") return 1;
  if (type === "array") return [];
  return type === "object" ? {} : (among?.[0] ?? "a");
}

/** `missing`: why it cannot run here. */
export function vmmContract(name: string, missing: string | undefined, binary: () => string): void {
  const able = test.skipIf(missing !== undefined);
  const said = missing === undefined ? "" : ` [${missing}]`;
  const bootToy = async (vmm: Vmm, args: string): Promise<void> => {
    await vmm.api.putMachineConfiguration({ vcpu_count: 1, mem_size_mib: 64 });
    await vmm.api.putBootSource({ kernel_image_path: firecrackerLab().toy, boot_args: args });
    await vmm.api.startInstance();
  };

  describe(name, () => {
    able(`a guest speaks on standard output, its reset ends the VMM with 0, and the socket stays${said}`, async () => {
      await using vmm = await new Vmm(binary()).up();
      expect((await vmm.api.describeInstance()).state).toBe("Not started");
      await bootToy(vmm, "toy=hello,reset");
      expect(await vmm.ended).toBe(0);
      expect(vmm.console.replaceAll("\r", "")).toBe("toy: hello\ntoy: reset\n");
      expect(existsSync(vmm.socket)).toBe(true);
    });

    able(`a guest that halts leaves the VMM running${said}`, async () => {
      await using vmm = await new Vmm(binary()).up();
      await bootToy(vmm, "toy=hello,halt");
      await until(() => vmm.console.includes("hello"));
      expect((await vmm.api.describeInstance()).state).toBe("Running");
      await expect(vmm.api.startInstance()).rejects.toMatchObject({
        status: 400,
        fault: "The requested operation is not supported after starting the microVM.",
      });
    });

    able(`a failed start leaves the VMM alive, and corrected it starts (point 9)${said}`, async () => {
      await using vmm = await new Vmm(binary()).up();
      await vmm.api.putMachineConfiguration({ vcpu_count: 1, mem_size_mib: 64 });
      await expect(vmm.api.startInstance()).rejects.toMatchObject({
        fault: "Start microvm error: Cannot start microvm without kernel configuration.",
      });
      await vmm.api.putBootSource({ kernel_image_path: "/etc/passwd", boot_args: "" });
      await expect(vmm.api.startInstance()).rejects.toMatchObject({
        fault: expect.stringMatching(/Invalid Elf magic number/) as string,
      });
      expect((await vmm.api.describeInstance()).state).toBe("Not started");
      await bootToy(vmm, "toy=hello,reset");
      expect(await vmm.ended).toBe(0);
    });

    able(`a 32-bit kernel, a missing one, 33 vCPUs, a second root drive are refused${said}`, async () => {
      await using vmm = await new Vmm(binary()).up();
      const { toy32 } = firecrackerLab();
      const fault = (text: RegExp) => ({ status: 400, fault: expect.stringMatching(text) as string });
      await expect(vmm.api.putBootSource({ kernel_image_path: "/nowhere" })).rejects.toMatchObject(
        fault(/^Boot source error: The kernel file cannot be opened: .*\(os error 2\)/),
      );
      await expect(vmm.api.putMachineConfiguration({ vcpu_count: 33, mem_size_mib: 64 })).rejects.toMatchObject(
        fault(/^Machine config error: The number of vCPUs/),
      );
      await expect(vmm.api.putMachineConfiguration({ vcpu_count: 1, mem_size_mib: 0 })).rejects.toMatchObject(
        fault(/^Machine config error: The memory size/),
      );
      const drive = { drive_id: "a", is_root_device: true, path_on_host: join(vmm.folder, "log"), is_read_only: false };
      await expect(vmm.api.putDrive({ ...drive, path_on_host: "/nowhere" })).rejects.toMatchObject(
        fault(/^Drive config error: Unable to create the virtio block device.*\(os error 2\)/),
      );
      writeFileSync(drive.path_on_host, "x".repeat(4096));
      await vmm.api.putDrive(drive);
      await expect(vmm.api.putDrive({ ...drive, drive_id: "b" })).rejects.toMatchObject(
        fault(/^Drive config error: A root block device already exists!/),
      );
      await vmm.api.putMachineConfiguration({ vcpu_count: 1, mem_size_mib: 64 });
      await vmm.api.putBootSource({ kernel_image_path: toy32, boot_args: "" });
      await expect(vmm.api.startInstance()).rejects.toMatchObject(fault(/Invalid program header size|Unable to read/));
    });

    able(`unknown fields and paths, empty and chunked bodies are refused (points 8 and 10)${said}`, async () => {
      await using vmm = await new Vmm(binary()).up();
      const json = { "content-type": "application/json" };
      const body = '{"vcpu_count":1,"mem_size_mib":64}';
      expect(await vmm.raw("PUT", "/machine-config", json, body)).toMatchObject({ status: 204 });
      const unknown = await vmm.raw("PUT", "/machine-config", json, '{"vcpu_count":1,"mem_size_mib":64,"x":1}');
      expect(unknown).toMatchObject({ status: 400, text: expect.stringContaining("unknown field `x`") as string });
      const path = await vmm.raw("PUT", "/nope", json, "{}");
      expect(path).toMatchObject({
        status: 400,
        text: expect.stringContaining("Invalid request method and/or path: PUT nope.") as string,
      });
      const empty = await vmm.raw("PUT", "/machine-config", json, "");
      expect(empty).toMatchObject({ status: 400, text: expect.stringContaining("Empty PUT request.") as string });
      const chunked = await vmm.raw("PUT", "/machine-config", { ...json, "transfer-encoding": "chunked" }, body);
      expect(chunked.status).toBe(400);
    });

    able(
      `it takes the fields and values of the description that our requests are held to, and no others${said}`,
      async () => {
        await using vmm = await new Vmm(binary()).up();
        const json = { "content-type": "application/json" };
        for (const [what, { fields, id }] of Object.entries(endpoints)) {
          const path = id === undefined ? `/${what}` : `/${what}/a`;
          const put = async (body: object): Promise<string> =>
            JSON.parse((await vmm.raw("PUT", path, json, JSON.stringify(body))).text).fault_message as string;
          const names = Object.keys(fields);
          // It names all fields that it knows.
          const known = [...(await put({ x: 1 })).matchAll(/`(\w+)`/g)].map(([, name]) => name);
          expect([what, new Set(known.slice(1))]).toEqual([what, new Set(names)]);
          const whole = Object.fromEntries(names.map((name) => [name, valueOf(fields[name] as Field)]));
          for (const [name, field] of Object.entries(fields)) {
            const { [name]: _left, ...others } = whole;
            if (field.required === true) expect(await put(others)).toContain(`missing field \`${name}\``);
            const wrong = field.type === "string" ? 7 : "wrong";
            expect([name, await put({ ...whole, [name]: wrong })]).toEqual([
              name,
              expect.stringMatching(/invalid type|expected value/),
            ]);
            if (field.among !== undefined)
              expect(await put({ ...whole, [name]: "wrong" })).toContain("unknown variant");
          }
        }
      },
    );

    able(
      `what a guest prints while it panics is on standard output, as FreeBSD's is which then waits${said}`,
      async () => {
        await using vmm = await new Vmm(binary()).up();
        await bootToy(vmm, "toy=mptable");
        await until(() => vmm.console.includes("KDB: enter: panic\n"));
        expect(vmm.console).toMatch(/^panic: mptable_walk_table: Unknown MP Config Entry 68\r?\n/);
        expect((await vmm.api.describeInstance()).state).toBe("Running");
      },
    );

    able(`a socket that is there already ends the VMM with 1 (point 7)${said}`, async () => {
      await using vmm = new Vmm(binary(), (folder) => writeFileSync(join(folder, "s"), ""));
      expect(await vmm.ended).toBe(1);
    });
  });
}
