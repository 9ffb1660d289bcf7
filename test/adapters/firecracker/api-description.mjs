// Firecracker 1.12's API as far as timetrial uses it: paths, fields, types, which are required, allowed values. Facts from
// its OpenAPI description; the contract's tests hold them to the program itself. Plain JavaScript: the stand-in runs by itself.

/** @typedef {{ type: "string" | "boolean" | "integer" | "array" | "object", required?: true, among?: readonly string[], form?: RegExp }} Field */
/** @typedef {{ fields: Readonly<Record<string, Field>>, id?: string }} Endpoint `id`: the field that the path's last part repeats */

const mac = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;

/** The bodies of PUT, by the first part of the path. @type {Readonly<Record<string, Endpoint>>} */
export const endpoints = {
  "boot-source": {
    fields: {
      kernel_image_path: { type: "string", required: true },
      initrd_path: { type: "string" },
      boot_args: { type: "string" },
    },
  },
  drives: {
    id: "drive_id",
    fields: {
      drive_id: { type: "string", required: true },
      partuuid: { type: "string" },
      is_root_device: { type: "boolean", required: true },
      cache_type: { type: "string", among: ["Unsafe", "Writeback"] },
      is_read_only: { type: "boolean" },
      path_on_host: { type: "string" },
      rate_limiter: { type: "object" },
      io_engine: { type: "string", among: ["Async", "Sync"] },
      socket: { type: "string" },
    },
  },
  "machine-config": {
    fields: {
      vcpu_count: { type: "integer", required: true },
      mem_size_mib: { type: "integer", required: true },
      smt: { type: "boolean" },
      cpu_template: { type: "string", among: ["C3", "T2", "T2S", "None", "T2CL", "T2A"] },
      track_dirty_pages: { type: "boolean" },
      huge_pages: { type: "string", among: ["None", "2M"] },
    },
  },
  "network-interfaces": {
    id: "iface_id",
    fields: {
      iface_id: { type: "string", required: true },
      host_dev_name: { type: "string", required: true },
      guest_mac: { type: "string", form: mac },
      rx_rate_limiter: { type: "object" },
      tx_rate_limiter: { type: "object" },
    },
  },
  entropy: { fields: { rate_limiter: { type: "object" } } },
  "cpu-config": {
    fields: {
      kvm_capabilities: { type: "array" },
      cpuid_modifiers: { type: "array" },
      msr_modifiers: { type: "array" },
    },
  },
  actions: {
    fields: {
      action_type: { type: "string", required: true, among: ["FlushMetrics", "InstanceStart", "SendCtrlAltDel"] },
    },
  },
};

/** What GET / returns. @type {Readonly<Record<string, Field>>} */
export const instanceInfo = {
  id: { type: "string", required: true },
  state: { type: "string", required: true, among: ["Not started", "Running", "Paused"] },
  vmm_version: { type: "string", required: true },
  app_name: { type: "string", required: true },
};

/**
 * What is wrong with a request, in the program's form; undefined where nothing is.
 *
 * @param {string} method
 * @param {string} path
 * @param {string} body
 * @returns {string | undefined}
 */
export function faultOf(method, path, body) {
  const [, what = "", id, ...more] = path.split("/");
  if (method === "GET" && path === "/") return body === "" ? undefined : "GET request cannot have a body.";
  const endpoint = Object.hasOwn(endpoints, what) ? endpoints[what] : undefined;
  if (
    method !== "PUT" ||
    endpoint === undefined ||
    more.length > 0 ||
    (endpoint.id !== undefined) !== (id !== undefined)
  )
    return `Invalid request method and/or path: ${method} ${path.slice(1)}.`;
  if (body === "") return "Empty PUT request.";
  const said = parsed(body);
  const why = said === undefined ? "expected value" : faultOfBody(said, endpoint.fields);
  if (why !== undefined) return `An error occurred when deserializing the json body of a request: ${why}`;
  if (id === undefined || endpoint.id === undefined) return undefined;
  if (!/^\w+$/.test(id)) return "API Resource IDs can only contain alphanumeric characters and underscores.";
  return said?.[endpoint.id] === id ? undefined : "The id from the path does not match the id from the body!";
}

/**
 * @param {Readonly<Record<string, unknown>>} said
 * @param {Readonly<Record<string, Field>>} fields
 * @returns {string | undefined}
 */
export function faultOfBody(said, fields) {
  const names = Object.keys(fields);
  const [only] = names;
  const expected =
    names.length === 1 ? `expected \`${only}\`` : `expected one of ${names.map((one) => `\`${one}\``).join(", ")}`;
  for (const [name, value] of Object.entries(said)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined) return `unknown field \`${name}\`, ${expected}`;
    if (!isOf(field, value)) return `invalid type: ${JSON.stringify(value)} of \`${name}\``;
    if (field.among !== undefined && !field.among.includes(String(value)))
      return `unknown variant \`${String(value)}\``;
    if (field.form !== undefined && !field.form.test(String(value))) return `invalid value of \`${name}\``;
  }
  const missing = names.find((name) => fields[name]?.required === true && said[name] === undefined);
  return missing === undefined ? undefined : `missing field \`${missing}\``;
}

/** @param {Field} field @param {unknown} value */
function isOf({ type }, value) {
  if (type === "integer") return Number.isInteger(value) && Number(value) >= 0;
  if (type === "array") return Array.isArray(value);
  return typeof value === type && value !== null;
}

/** @param {string} body @returns {Record<string, unknown> | undefined} */
function parsed(body) {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
