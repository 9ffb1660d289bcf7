#!/usr/bin/env node
// A stand-in for Firecracker: the same API on the same options, carried out by `qemu-system-x86_64 -M microvm` without KVM.
// It is named as one (`--version` says so), and never easier than the real thing: each request is validated as
// Firecracker's description has it, and refused in the form, though not the whole text, of the real answers.

import { spawn } from "node:child_process";
import { accessSync, constants, existsSync, openSync, readFileSync, readSync, closeSync } from "node:fs";
import http from "node:http";
import { faultOf } from "./api-description.mjs";

const words = process.argv.slice(2);
if (words[0] === "--version") {
  console.log("qemu-stand-in v1.12.1");
  process.exit(0);
}
const given = {};
for (let i = 0; i < words.length; i++) {
  if (["--api-sock", "--id", "--log-path", "--level"].includes(words[i])) given[words[i]] = words[++i];
  else if (words[i] !== "--boot-timer") stop(153, `Found argument '${words[i]}' which wasn't expected`);
}
if (!/^[A-Za-z0-9-]{1,64}$/.test(given["--id"] ?? "anonymous-instance")) stop(134, "Invalid instance ID");
if (given["--log-path"] !== undefined && !existsSync(given["--log-path"])) stop(1, "Could not initialize logger");
const socket = given["--api-sock"] ?? "/run/firecracker.socket";
if (existsSync(socket)) stop(1, `Failed to open the API socket at: ${socket}. Check that it is not already used.`);

function stop(status, text) {
  console.error(text);
  process.exit(status);
}

const state = { drives: new Map(), nics: new Map(), machine: { vcpu_count: 1, mem_size_mib: 128 }, boot: undefined };
let qemu;

class Refused extends Error {}
const refuse = (message) => {
  throw new Refused(message);
};

/** The answer to one request. @throws Refused */
function answer(method, path, body) {
  const fault = faultOf(method, path, body);
  if (fault !== undefined) refuse(fault);
  if (method === "GET")
    return {
      id: given["--id"] ?? "anonymous-instance",
      state: qemu === undefined ? "Not started" : "Running",
      vmm_version: "1.12.1",
      app_name: "qemu-stand-in",
    };
  const said = JSON.parse(body);
  if (qemu !== undefined && said.action_type !== "SendCtrlAltDel")
    refuse("The requested operation is not supported after starting the microVM.");
  settings[path.split("/")[1]](said);
  return undefined;
}

const osError = (error) =>
  ({ ENOENT: "No such file or directory (os error 2)", EACCES: "Permission denied (os error 13)" })[error.code] ??
  error.message;
const settings = {
  "boot-source": (said) => {
    for (const [path, what] of [
      [said.kernel_image_path, "kernel"],
      [said.initrd_path, "initrd"],
    ]) {
      if (path === undefined) continue;
      try {
        accessSync(path, constants.R_OK);
      } catch (error) {
        refuse(`Boot source error: The ${what} file cannot be opened: ${osError(error)}`);
      }
    }
    if ((said.boot_args ?? "").length > 2048)
      refuse("Boot source error: The kernel command line is invalid: Invalid cmdline capacity provided.");
    state.boot = said;
  },
  drives: (said) => {
    if (
      said.is_root_device &&
      [...state.drives.values()].some((one) => one.is_root_device && one.drive_id !== said.drive_id)
    )
      refuse("Drive config error: A root block device already exists!");
    try {
      accessSync(said.path_on_host ?? "", constants.R_OK | (said.is_read_only ? 0 : constants.W_OK));
    } catch (error) {
      refuse(
        `Drive config error: Unable to create the virtio block device: Virtio backend error: Error manipulating the backing file: ${osError(error)} ${said.path_on_host}`,
      );
    }
    state.drives.set(said.drive_id, said);
  },
  "machine-config": (said) => {
    if (said.vcpu_count < 1 || said.vcpu_count > 32 || (said.smt && said.vcpu_count > 1 && said.vcpu_count % 2 === 1))
      refuse(
        "Machine config error: The number of vCPUs must be greater than 0, less than 32 and must be 1 or an even number if SMT is enabled.",
      );
    if (said.mem_size_mib === 0 || (said.huge_pages === "2M" && said.mem_size_mib % 2 === 1))
      refuse("Machine config error: The memory size (MiB) is either 0, or not a multiple of the configured page size.");
    state.machine = said;
  },
  "network-interfaces": (said) => {
    // The real one makes a tap of that name, as root: a stand-in that did could hide a mistake of ours.
    // Of our own network namespace, which /sys does not show.
    if (!readFileSync("/proc/net/dev", "utf8").includes(`${said.host_dev_name}:`))
      refuse(
        "Network config error: Could not create the network device: Open tap device failed: Error while creating ifreq structure: Operation not permitted (os error 1).",
      );
    state.nics.set(said.iface_id, said);
  },
  entropy: () => {},
  "cpu-config": () => {},
  actions: ({ action_type }) => {
    if (action_type === "InstanceStart") start();
  },
};

function start() {
  const { boot, machine } = state;
  if (boot === undefined) refuse("Start microvm error: Cannot start microvm without kernel configuration.");
  checkElf(boot.kernel_image_path);
  const drives = [...state.drives.values()].toSorted((a, b) => Number(b.is_root_device) - Number(a.is_root_device));
  const root = drives.find((one) => one.is_root_device);
  const appended = root === undefined ? "" : ` root=/dev/vda ${root.is_read_only ? "ro" : "rw"}`;
  qemu = spawn(
    // Killed, the stand-in takes it along.
    "setpriv",
    [
      "--pdeathsig",
      "KILL",
      "qemu-system-x86_64",
      ..."-M microvm -accel tcg -cpu max -nodefaults -no-user-config -no-reboot -display none -serial stdio -device i8042".split(
        " ",
      ),
      "-smp",
      String(machine.vcpu_count),
      "-m",
      String(machine.mem_size_mib),
      "-kernel",
      boot.kernel_image_path,
      ...(boot.initrd_path === undefined ? [] : ["-initrd", boot.initrd_path]),
      // Without KVM the kernel sometimes cannot measure its clock.
      "-append",
      `${boot.boot_args ?? ""}${appended} tsc_early_khz=2600000`,
      ...drives.flatMap((one) => [
        "-drive",
        `id=${one.drive_id},file=${one.path_on_host},format=raw,if=none,readonly=${one.is_read_only ? "on" : "off"}`,
        "-device",
        `virtio-blk-device,drive=${one.drive_id}`,
      ]),
      ...[...state.nics.values()].flatMap((one) => [
        "-netdev",
        `tap,id=${one.iface_id},ifname=${one.host_dev_name},script=no,downscript=no`,
        "-device",
        `virtio-net-device,netdev=${one.iface_id}${one.guest_mac === undefined ? "" : `,mac=${one.guest_mac}`}`,
      ]),
    ],
    { stdio: ["ignore", "inherit", "inherit"] },
  );
  // As the real one: 0 after a reset, and its socket stays.
  qemu.once("exit", (status) => process.exit(status ?? 1));
}

function checkElf(path) {
  const fault = (why) =>
    refuse(
      `Start microvm error: System configuration error: Cannot load kernel due to invalid memory configuration or invalid kernel image: Kernel Loader: failed to load ELF kernel image: Kernel Loader: ${why}`,
    );
  const head = Buffer.alloc(64);
  const file = openSync(path, "r");
  try {
    if (readSync(file, head) < 64) fault("Unable to read elf header");
  } catch (error) {
    if (error instanceof Refused) throw error;
    fault("Unable to read elf header");
  } finally {
    closeSync(file);
  }
  if (head.readUInt32BE(0) !== 0x7f454c46) fault("Invalid Elf magic number");
  if (head[4] !== 2) fault("Invalid program header size");
}

const server = http.createServer((request, response) => {
  const parts = [];
  const send = (status, body) => {
    response.writeHead(status, body === undefined ? {} : { "content-type": "application/json" });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  };
  if (request.headers["transfer-encoding"] !== undefined)
    return send(400, { error: "Unsupported header: Transfer-Encoding" });
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    try {
      const said = answer(request.method, request.url, Buffer.concat(parts).toString());
      send(said === undefined ? 204 : 200, said);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      send(400, { fault_message: error.message });
    }
  });
});
server.maxConnections = 10;
server.listen(socket);
process.on("exit", () => qemu?.kill("SIGKILL"));
