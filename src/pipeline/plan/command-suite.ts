// Makes a suite of the user's own commands for one run, which is uploaded like any other suite. Its steps are static
// text in `suites/command/`. The user's words are files beside them, and never become part of a shell's text.

import { commandSuiteName, type UserCommands } from "../../domain/plan/user-command.ts";
import { TimetrialError } from "../../domain/errors.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import type { ShippedFile, Suite } from "../../domain/plan/suite.ts";
import type { Suites } from "../../ports/suites.ts";
import { archive, sha256 } from "../archive/archive.ts";

/** Largest size of a packed suite. Bytes. */
const most = 1_000_000;

const optional = ["prepare", "cleanup"] as const;

/** Returns `suites` with the suite `own` added. */
export function addCommandSuite(suites: Suites, own: Suite): Suites {
  return {
    ...suites,
    load: async (name) => (name === own.manifest.name ? own : await suites.load(name)),
  };
}

/**
 * Returns the suite of `commands`, with its static `steps` and the files of `upload`. Paths in `upload` are relative to
 * that folder.
 *
 * @throws TimetrialError REFUSED where the packed suite is over 1 MB, USAGE where a path is over 93 bytes
 */
export function createCommandSuite(
  commands: UserCommands,
  steps: readonly ShippedFile[],
  upload: readonly ShippedFile[] | undefined,
): Suite {
  const folder = commands.folder ?? "";
  const asSh = (text: string): ShippedFile["bytes"] => wordsFile([folder, "sh", "-c", text]);
  const uploaded = (upload ?? []).map((file) => ({ ...file, path: `upload/${file.path}` }));
  for (const { path } of uploaded) {
    if (Buffer.byteLength(path) > 100)
      throw new TimetrialError(
        "USAGE",
        `--upload: ${quoteForMessage(path.slice("upload/".length))}: a path of over 93 bytes`,
        {
          hint: "pack the folder into one file, and unpack it with --setup",
        },
      );
  }
  // The upload is not part of the work's id: users compare one command before and after a change of their code.
  const work = { env: commands.env, setup: commands.setup, prepare: commands.prepare };
  const files = [
    ...steps.filter(({ path }) => !optional.some((step) => path === `${step}.sh` && commands[step] === undefined)),
    ...(commands.ignore_failure === true
      ? [file("ignore-failure", Buffer.from("\n"))]
      : [file("stop-after-failure", Buffer.from("\n"))]),
    // This file's presence tells the agent that steps get the user's environment, and that the timed step is words.
    file("environment.words", wordsFile(commands.env ?? [])),
    file("driver", Buffer.from(commands.shell === "sh" ? "sh\n" : "exec\n")),
    ...(["setup", "prepare", "check", "cleanup"] as const).flatMap((step) => {
      const text = commands[step];
      return text === undefined ? [] : [file(`${step}.words`, asSh(text))];
    }),
    ...commands.commands.flatMap(({ words }, i) => [
      file(`cmd-${i + 1}.words`, wordsFile([folder, ...words])),
      file(`cmd-${i + 1}.id`, Buffer.from(`${sha256(JSON.stringify({ words, ...work })).slice(0, 32)}\n`)),
    ]),
    ...uploaded,
  ];
  const size = archive(files).bytes.length;
  if (size > most) throw tooMuch(commands.upload, size);
  return {
    manifest: {
      name: commandSuiteName,
      title: "commands of one's own",
      version: "1",
      os: ["linux", "freebsd"],
      needs: { commands: [], packages: [], memory_bytes: 0, disk_bytes: 0, vcpus: 0, root: false, disposable: false },
      params: {},
      accepts: {},
      bundle: [],
      auto: {},
      estimate: {},
      rows: commands.commands.map((_, i) => ({
        name: `cmd-${i + 1}`,
        impl: "command",
        runs: 10,
        warmup: 1,
        fresh: false,
        limit_s: commands.timeout_s,
        instructions: [],
      })),
    },
    files,
    titles: Object.fromEntries(commands.commands.map(({ title }, i) => [`cmd-${i + 1}`, title])),
    ...(commands.check === undefined ? { check: "exit-only" as const } : {}),
    ...(upload === undefined ? {} : { upload: archive(uploaded).digest }),
  };
}

/** Writes words as lines: `+` begins a word, `-` begins a further line of the same word (`words.sh`). */
function wordsFile(words: readonly string[]): Uint8Array {
  return Buffer.from(words.map((word) => `+${word.replaceAll("\n", "\n-")}\n`).join(""));
}

function file(path: string, bytes: Uint8Array): ShippedFile {
  return { path, mode: 0o644, bytes };
}

function tooMuch(upload: string | undefined, size: number): TimetrialError {
  const what = upload === undefined ? "the commands" : `--upload ${quoteForMessage(upload)}`;
  const mb = (size / 1e6).toFixed(1);
  return new TimetrialError("REFUSED", `${what}: expected at most 1 MB packed, got ${mb} MB`, {
    hint: "leave out what the command does not need, or fetch it on the machine: --setup 'curl -fsSLO URL'",
  });
}
