// Commands of the user's own under each shell and each way of timing: their words, their folder, their environment.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { commandSteps } from "../../src/adapters/folders/upload.ts";
import type { UserCommands } from "../../src/domain/plan/user-command.ts";
import type { EndedLine } from "../../src/domain/run/machine-journal.ts";
import { createCommandSuite } from "../../src/pipeline/plan/command-suite.ts";
import { Machine, shellPath } from "../support/agent-machine.ts";

const awkward = ["$(id)", "a\n\nb\n", "", "-n", "'\"\\", "{{ssm:x}}", "größer ☃", " x "];
const tools: Readonly<Record<string, string>> = { cc: "cc", python3: "python3", times: "sh" };
/** Every shell, and every way of timing: which shell starts the compiled helper or python3 makes no difference to either. */
const tried = { dash: ["cc", "times"], bash: ["python3", "times"], busybox: ["times"], mksh: ["times"] };
const ways = Object.entries(tried).flatMap(([shell, captures]) =>
  captures.map((capture) => {
    const needs = [shell, tools[capture] ?? capture].filter((one) => shellPath(one) === undefined);
    return { shell, capture, needs };
  }),
);
const fast = shellPath("cc") === undefined ? "times" : "cc";

/** What each command's trial left, in order: its end in the journal and what it printed. */
async function ran(
  machine: Machine,
  commands: Omit<UserCommands, "timeout_s" | "commands" | "shell"> & { readonly words: readonly (readonly string[])[] },
): Promise<{ ended: EndedLine; out: string }[]> {
  const { words, ...rest } = commands;
  const rows = words.map((one, i) => ({ title: `c${i}`, words: [...one] }));
  const suite = createCommandSuite(
    { shell: "none", timeout_s: 20, ...rest, commands: rows },
    await commandSteps(),
    undefined,
  );
  const trials = rows.map((_, i) => `trial command.r1.cmd-${i + 1}.command 1 1 cmd-${i + 1} command auto 20`);
  await machine.planFor(suite.files, "own", ["setup command.setup 1 20", ...trials]);
  const lines = await machine.run("own");
  const found = lines.filter((line): line is EndedLine => line.t === "ended" && line.kind === "trial");
  return found.map((ended) => {
    const out = readFileSync(machine.path("runs", "r", "batches", "own", `begun.${ended.id}.1`, "out"), "utf8");
    return { ended, out };
  });
}

describe.concurrent.each(ways)("by $capture, under $shell", ({ shell, capture, needs }) => {
  const name = needs.length === 0 ? "" : ` [needs ${needs.join(", ")}]`;
  test.skipIf(needs.length > 0)(`words arrive verbatim, in the command's folder${name}`, async () => {
    await using machine = new Machine(shell, capture);
    const folder = mkdtempSync(join(tmpdir(), "tt own "));
    const [printed, where, missing, refused] = await ran(machine, {
      folder,
      words: [["printf", "<%s>", ...awkward], ["pwd"], ["no-such-program"], ["/etc/passwd"]],
    });
    rmSync(folder, { recursive: true });
    expect(printed?.out).toBe(awkward.map((word) => `<${word}>`).join(""));
    expect(where?.out).toBe(`${folder}\n`);
    expect(missing?.ended).toMatchObject({ status: "failed", reason: "exit 127" });
    expect(refused?.ended).toMatchObject({ status: "failed", reason: "exit 126" });
  });
});

test.skipIf(fast !== "cc")(`the helper executes a command itself, with no shell before it [needs cc]`, async () => {
  await using machine = new Machine("dash", fast);
  const [program] = await ran(machine, { words: [["sh", "-c", 'tr "\\0" "\\n" <"/proc/$PPID/cmdline" | head -n 1']] });
  expect(program?.out).toMatch(/\/capture\/helper\.\d+\n$/u);
  expect(program?.ended).toMatchObject({ status: "completed" });
});

test("on the user's machine a command has his variables, and --env's; what is declared there wins", async () => {
  const env = { TIMETRIAL_LOCAL: "1", LC_ALL: "C.UTF-8", CFLAGS: "-O1", MAKEFLAGS: "-j 'a b'", OPENSSL_CONF: "/mine" };
  await using machine = new Machine("dash", fast, env, ["OPENSSL_CONF=/declared"]);
  const names = ["LC_ALL", "CFLAGS", "MAKEFLAGS", "OPENSSL_CONF", "ADDED", "TIMETRIAL_LOCAL"];
  const script = names.map((name) => `echo "\${${name}-unset}"`).join("; ");
  const [seen] = await ran(machine, { env: ["ADDED=a=b\n'c'"], words: [["sh", "-c", script]] });
  expect(seen?.out).toBe("C.UTF-8\n-O1\n-j 'a b'\n/declared\na=b\n'c'\nunset\n");
});

test("elsewhere a command has what a login gets, and a profile that ends half-way is left out", async () => {
  const home = mkdtempSync(join(tmpdir(), "tt-home-"));
  mkdirSync(home, { recursive: true });
  const seenWith = async (profile: string): Promise<string | undefined> => {
    writeFileSync(join(home, ".profile"), profile);
    await using machine = new Machine("dash", fast, { HOME: home, LC_ALL: "" });
    const [seen] = await ran(machine, { words: [["sh", "-c", 'echo "${MINE-none} ${LC_ALL-unset}"']] });
    return seen?.out;
  };
  expect(await seenWith("MINE=profile LC_ALL=C.UTF-8\nexport MINE LC_ALL\n")).toBe("profile C.UTF-8\n");
  expect(await seenWith("export MINE=profile\nexit 3\n")).toBe("none \n");
  rmSync(home, { recursive: true });
});
