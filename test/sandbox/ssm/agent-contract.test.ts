// The sandbox's agent against the real one: reference/ssm-agent-3.3.0.0.json has 65 small commands with what
// amazon-ssm-agent 3.3.0.0 made of them, bash being sh. Status, code and bytes are the same, but for what stands in
// `differences` below, each with its reason.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CancelCommandCommand, SendCommandCommand } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemPath } from "../../../src/sandbox/instance/instance-folder.ts";
import { rent, type Rented } from "../../support/rented-machine.ts";
import { until } from "../../support/until.ts";

/** A long text, as the reference keeps it. */
interface Digest {
  readonly characters: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly head: string;
  readonly tail: string;
}

interface Probe {
  readonly name: string;
  readonly commands: string[];
  readonly workingDirectory?: string;
  readonly executionTimeout?: number;
  readonly cancel_after?: number;
  readonly status: string;
  readonly code: number;
  readonly stdout: string | Digest;
  readonly stderr: string | Digest;
}

const bash = "/bin/bash";
const { probes } = JSON.parse(
  readFileSync(new URL("../../../reference/ssm-agent-3.3.0.0.json", import.meta.url), "utf8"),
) as { probes: Probe[] };

/** What is not the agent's, by probe: texts of both sides are changed by it before they are compared. */
const differences: Readonly<Record<string, readonly (readonly [why: string, from: RegExp | string, to: string])[]>> = {
  env: [["the sandbox keeps an instance in its own folder by these", /TIMETRIAL_\w+ |TMPDIR /g, ""]],
  home: [
    ["PATH has the stand-ins first, and Node last", /\|[^|]*\/usr\/local\/sbin:[^|]*\|/, "|PATH|"],
    ["the user is the sandbox's", /\|\d+\|C\.UTF-8/, "|UID|C.UTF-8"],
  ],
  setpgid: [
    [
      "a group of its own comes with a session of its own: setsid(1) is the program there is",
      "own session",
      "other session",
    ],
    ["its parent is the entry into the namespace, or the sandbox", /; ps -o args= .*$/, ""],
    ["and so is what the reference says of that", "/usr/bin/ssm-document-wor\n", ""],
  ],
  "bash-shebang": [["the folder of an instance", /\n\/bin\/bash \/\S+\n$/, "\n/bin/bash PATH\n"]],
  "shebang-missing": [["the folder of an instance", /sh: line 1: \S+\/awsrunShellScript\//, "sh: line 1: PATH/"]],
  "shebang-2nd": [["the version of bash", /\d+\.\d+\.\d+\(\d+\)-release/, "BASH"]],
  "wd-missing": [["where sh is", /fork\/exec \S+:/, "fork/exec SH:"]],
  braces: [
    [
      "SendCommand resolves {{ssm:a}}, and refuses it: the control plane of the reference did neither",
      " '{{ssm:a}}'",
      "",
    ],
  ],
};

let folder: string;
let rented: Rented;
let ids: string[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tt-bash-"));
  mkdirSync(join(folder, "bin"));
  symlinkSync(bash, join(folder, "bin", "sh"));
  rented = await rent({ systemPath: `${join(folder, "bin")}:${systemPath}` });
  // An agent runs five commands at a time.
  ids = await Promise.all(Array.from({ length: 3 }, () => rented.launchOnline()));
}, 60_000);
afterAll(async () => {
  await rented?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(!existsSync(bash))("[needs bash] the agent answers as amazon-ssm-agent 3.3.0.0 does", () => {
  test("to each of 65 probes, and every difference belongs to one of them", () => {
    expect(probes.length).toBe(65);
    expect(Object.keys(differences).filter((name) => !probes.some((probe) => probe.name === name))).toEqual([]);
  });

  test.concurrent.each(probes.map((probe, index) => ({ ...probe, index })))(
    "$name",
    async ({ index, ...probe }) => {
      const found = await run(ids[index % ids.length] ?? "", probe);
      const { status, code, stdout, stderr } = probe;
      expect(found).toEqual({ status, code, stdout: same(probe.name, stdout), stderr: same(probe.name, stderr) });
    },
    60_000,
  );
});

async function run(id: string, probe: Probe): Promise<object> {
  const { name, commands, workingDirectory, executionTimeout = 3600, cancel_after: cancelAfter_s } = probe;
  const sent = await rented.ssm.send(
    new SendCommandCommand({
      DocumentName: "AWS-RunShellScript",
      InstanceIds: [id],
      Parameters: {
        commands: commands.map((line) => same(name, line) as string),
        executionTimeout: [String(executionTimeout)],
        ...(workingDirectory === undefined ? {} : { workingDirectory: [workingDirectory] }),
      },
    }),
  );
  const commandId = sent.Command?.CommandId ?? "";
  if (cancelAfter_s !== undefined) {
    // The reference was cancelled after a second, when it had long printed its words and slept.
    const sleeps = /\bsleep (\d+)/.exec(commands.join("\n"))?.[1];
    await until(() => isRunning(["sleep", String(sleeps)], id));
    await rented.ssm.send(new CancelCommandCommand({ CommandId: commandId }));
  }
  const ended = await rented.outcome(id, commandId);
  const [stdout, stderr] = [ended.StandardOutputContent ?? "", ended.StandardErrorContent ?? ""];
  return {
    status: ended.Status,
    code: ended.ResponseCode,
    stdout: typeof probe.stdout === "string" ? same(name, stdout) : digestOf(stdout),
    stderr: typeof probe.stderr === "string" ? same(name, stderr) : digestOf(stderr),
  };
}

/** Whether a process of the instance has exactly these words. */
function isRunning(words: readonly string[], instance: string): boolean {
  const bytes = words.map((word) => `${word}\0`).join("");
  return readdirSync("/proc").some((pid) => {
    try {
      return (
        readFileSync(`/proc/${pid}/cmdline`, "utf8") === bytes &&
        readFileSync(`/proc/${pid}/environ`, "utf8").includes(instance)
      );
    } catch {
      return false; // no process, or it has ended
    }
  });
}

function same(name: string, text: string | Digest): string | Digest {
  if (typeof text !== "string") return text;
  return (differences[name] ?? []).reduce((changed, [, from, to]) => changed.replace(from, to), text);
}

function digestOf(text: string): Digest {
  return {
    characters: text.length,
    bytes: Buffer.byteLength(text),
    sha256: createHash("sha256").update(text).digest("hex"),
    head: text.slice(0, 40),
    tail: text.slice(-80),
  };
}
