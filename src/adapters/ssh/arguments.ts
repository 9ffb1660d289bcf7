// The command line of ssh, and the script that the remote shell reads.

import type { Address } from "../../domain/run/machine.ts";

export type SshTarget = Extract<Address, { kind: "ssh" }>;

/**
 * Options that override the user's configuration: no question, no terminal, no forwarding, no command of the
 * configuration's, and a lost network is noticed within a minute. Everything else is the user's.
 */
const always = [
  "BatchMode=yes",
  "RequestTTY=no",
  "ForwardAgent=no",
  "ForwardX11=no",
  "ClearAllForwardings=yes",
  "PermitLocalCommand=no",
  "RemoteCommand=none",
  "LogLevel=ERROR",
  "ConnectTimeout=30",
  "ServerAliveInterval=15",
  "ServerAliveCountMax=3",
];

/** An unused connection ends after this, in case we were killed. Seconds. */
const persist_s = 1800;

/** The machine as a user writes it for a side. */
export function sshCommandLine({ user, host, port }: SshTarget): string {
  const name = host.includes(":") ? `[${host}]` : host;
  return `ssh:${user === undefined ? "" : `${user}@`}${name}${port === undefined ? "" : `:${port}`}`;
}

/** The ssh command line for a person to paste, without its remote command. `side.ts` allows no shell characters. */
export function manualSshCommand({ user, host, port }: SshTarget, program: string = "ssh"): string {
  return `${program} ${port === undefined ? "" : `-p ${port} `}${user === undefined ? host : `${user}@${host}`}`;
}

/**
 * Arguments of an ssh that shares the connection behind the socket `control`, or opens it. The remote command means the
 * same to every login shell, csh and fish too. The script comes by standard input.
 */
export function sessionArguments(target: SshTarget, control: string): string[] {
  const shared = ["ControlMaster=auto", `ControlPath=${control}`, `ControlPersist=${persist_s}`];
  return [...own(target), ...options([...always, ...shared]), ...destination(target), "exec /bin/sh -s"];
}

/** Arguments of an ssh that closes the connection behind `control`. */
export function exitArguments(target: SshTarget, control: string): string[] {
  return [...own(target), ...options([`ControlPath=${control}`]), "-O", "exit", ...destination(target)];
}

/** Arguments of an ssh that shows the host's key and goes no further. */
export function keyscanArguments(target: SshTarget): string[] {
  const apart = ["ControlMaster=no", "ControlPath=none", "StrictHostKeyChecking=yes"];
  const settings = [...always.filter((one) => !one.startsWith("LogLevel=")), "LogLevel=DEBUG1", ...apart];
  return [...own(target), ...options(settings), ...destination(target), "exit 0"];
}

/**
 * Options for a machine with a file of host keys of its own: the user's configuration is left out, which cannot mean a
 * machine that was made a moment ago. Its key is accepted once.
 */
function own({ key, known_hosts }: SshTarget): string[] {
  if (known_hosts === undefined) return [];
  const identity = key === undefined ? [] : ["-i", key, ...options(["IdentitiesOnly=yes"])];
  const keys = [`UserKnownHostsFile=${known_hosts}`, "GlobalKnownHostsFile=none", "StrictHostKeyChecking=accept-new"];
  return ["-F", "none", ...identity, ...options(keys)];
}

/** The program that runs ssh with `words`: within the network namespace of a process, where the target names one. */
export function sshProgram({ namespace_of }: SshTarget, words: readonly string[]): [string, ...string[]] {
  if (namespace_of === undefined) return ["ssh", ...words];
  if (!Number.isSafeInteger(namespace_of) || namespace_of < 2) throw new RangeError("not a process id");
  return ["nsenter", `--net=/proc/${namespace_of}/ns/net`, "ssh", ...words];
}

function options(settings: readonly string[]): string[] {
  return settings.flatMap((setting) => ["-o", setting]);
}

function destination({ user, host, port }: SshTarget): string[] {
  // `--` comes before it. A plan from elsewhere may hold any text: it must not become an option.
  if (host.startsWith("-") || user?.startsWith("-") === true) throw new RangeError("not the name of a host or a user");
  return [...(user === undefined ? [] : ["-l", user]), ...(port === undefined ? [] : ["-p", String(port)]), "--", host];
}

/**
 * `script` as sh reads it from standard input. It is one compound command: sh reads all of it before it runs any, so that
 * half a script never runs, and no step can eat what is left of it. `mark` stands before whatever it prints; what stands
 * before the mark, a login shell's own noise, is no output. Its exit status is 0 or 1: 255 is ssh's.
 */
export function markedScript(script: string, mark: string): string {
  return `(\necho "$$ ${mark}" >&2\necho ${mark}\n${script}\n) </dev/null\n[ $? -eq 0 ] || exit 1\nexit 0\n`;
}
