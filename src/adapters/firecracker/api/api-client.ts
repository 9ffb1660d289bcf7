// A client of Firecracker's API: HTTP/1.1 over a Unix socket, one typed function a request.
//
// The body is sent in one piece with its length: Firecracker refuses chunked requests. Each request has a connection of
// its own: Firecracker serves ten at most.

import { request } from "node:http";
import * as v from "valibot";

/** The longest that one request may take: InstanceStart with many GB of huge pages takes seconds. */
const limit_ms = 60_000;

export interface BootSource {
  readonly kernel_image_path: string;
  readonly boot_args?: string;
  readonly initrd_path?: string;
}

export interface Drive {
  readonly drive_id: string;
  readonly is_root_device: boolean;
  readonly path_on_host: string;
  readonly is_read_only: boolean;
  readonly cache_type?: "Unsafe" | "Writeback";
  readonly io_engine?: "Sync" | "Async";
}

export interface MachineConfiguration {
  /** From 1 to 32. */
  readonly vcpu_count: number;
  readonly mem_size_mib: number;
  /** x86-64 alone. */
  readonly smt?: boolean;
  readonly huge_pages?: "None" | "2M";
}

export interface NetworkInterface {
  readonly iface_id: string;
  readonly host_dev_name: string;
  readonly guest_mac?: string;
}

const instanceInfoSchema = v.object({
  id: v.string(),
  state: v.picklist(["Not started", "Running", "Paused"]),
  vmm_version: v.string(),
  app_name: v.string(),
});

export type InstanceInfo = Readonly<v.InferOutput<typeof instanceInfoSchema>>;

/** What was asked, as Firecracker's description names it. */
export type ApiRequest =
  | "GET /"
  | "PUT /boot-source"
  | "PUT /drives"
  | "PUT /machine-config"
  | "PUT /cpu-config"
  | "PUT /network-interfaces"
  | "PUT /entropy"
  | "PUT /actions";

/** Firecracker refused a request; `fault` is its own text. */
export class ApiFault extends Error {
  readonly asked: ApiRequest;
  readonly status: number;
  readonly fault: string;

  constructor(asked: ApiRequest, status: number, fault: string) {
    super(`${asked}: ${status} ${fault}`);
    this.asked = asked;
    this.status = status;
    this.fault = fault;
  }
}

/** The API behind one socket. Every function throws ApiFault where it is refused, the system's error where nobody listens. */
export class FirecrackerApi {
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  async describeInstance(): Promise<InstanceInfo> {
    const body = await this.#send("GET /", "GET", "/");
    const parsed = v.safeParse(instanceInfoSchema, parseJson(body));
    if (!parsed.success) throw new ApiFault("GET /", 200, `not the description of a microVM: ${body.slice(0, 200)}`);
    return parsed.output;
  }

  putBootSource = (body: BootSource): Promise<unknown> => this.#send("PUT /boot-source", "PUT", "/boot-source", body);

  putDrive = (body: Drive): Promise<unknown> => this.#send("PUT /drives", "PUT", `/drives/${body.drive_id}`, body);

  putMachineConfiguration = (body: MachineConfiguration): Promise<unknown> =>
    this.#send("PUT /machine-config", "PUT", "/machine-config", body);

  /** `template`: a custom CPU template, as its file has it. */
  putCpuConfiguration = (template: object): Promise<unknown> =>
    this.#send("PUT /cpu-config", "PUT", "/cpu-config", template);

  putNetworkInterface = (body: NetworkInterface): Promise<unknown> =>
    this.#send("PUT /network-interfaces", "PUT", `/network-interfaces/${body.iface_id}`, body);

  /** A source of random numbers for the guest; since Firecracker 1.4. */
  putEntropyDevice = (): Promise<unknown> => this.#send("PUT /entropy", "PUT", "/entropy", {});

  startInstance = (): Promise<unknown> =>
    this.#send("PUT /actions", "PUT", "/actions", { action_type: "InstanceStart" });

  #send(asked: ApiRequest, method: "GET" | "PUT", path: string, body?: object): Promise<string> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          socketPath: this.#socketPath,
          method,
          path,
          agent: false,
          timeout: limit_ms,
          headers: {
            accept: "application/json",
            ...(text === undefined
              ? {}
              : { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
          },
        },
        (response) => {
          const parts: Buffer[] = [];
          response.on("data", (part: Buffer) => parts.push(part));
          response.on("error", reject);
          response.on("end", () => {
            const responseBody = Buffer.concat(parts).toString();
            const status = response.statusCode ?? 0;
            if (status >= 200 && status < 300) resolve(responseBody);
            else reject(new ApiFault(asked, status, faultIn(responseBody)));
          });
        },
      );
      sent.on("timeout", () => sent.destroy(new Error(`${asked}: no answer within ${limit_ms / 1000} s`)));
      sent.on("error", reject);
      sent.end(text);
    });
  }
}

/** Firecracker's own errors are `fault_message`; those of its HTTP server `error`. */
function faultIn(body: string): string {
  const parsed = parseJson(body);
  if (typeof parsed === "object" && parsed !== null) {
    for (const name of ["fault_message", "error"] as const) {
      const text = (parsed as Record<string, unknown>)[name];
      if (typeof text === "string") return text;
    }
  }
  return body.slice(0, 400);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
