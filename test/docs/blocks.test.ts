// Every block of a page is run by test/lab/pages.test.ts, or says why not (CONTRIBUTING.md, "Pages that run").

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { blocksOf, commandsOf, faultsOf } from "../support/page-blocks.ts";
import { difference, maskedOutput } from "../support/page-output.ts";
import { pages } from "../support/pages.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const blocks = pages.flatMap((page) => blocksOf(page, readFileSync(join(root, page), "utf8")));

const fence = "```";

describe("the blocks of the pages", () => {
  test("are run, or bear a reason", () => {
    expect(blocks.filter((block) => commandsOf(block).length > 0).length).toBeGreaterThan(20);
    expect(faultsOf(blocks)).toEqual([]);
  });

  test("that are not run are few, and are named", () => {
    const not = blocks.flatMap(({ page, line, reason }) =>
      reason === undefined ? [] : [`${page}:${line}: ${reason}`],
    );
    console.log(`${not.length} of ${blocks.length} blocks of the pages are not run:\n${not.join("\n")}`);
    expect(not.length).toBeLessThan(blocks.length / 2);
  });
});

describe("a page", () => {
  const page = (...lines: string[]) => blocksOf("page.md", lines.join("\n"));

  test("with a block that is neither run nor bears a reason is refused", () => {
    expect(
      faultsOf(
        page(
          `${fence}text`,
          "out",
          fence,
          "",
          `${fence}text`,
          "$ timetrial list",
          fence,
          `${fence}console`,
          "out",
          fence,
          "",
          "    timetrial list suites",
          "",
          `${fence}json`,
          "{",
          fence,
        ),
      ),
    ).toEqual([
      'page.md:2: a block of "text" is neither run nor bears a reason: <!-- not run: REASON -->',
      "page.md:6: commands with `$ ` are in a console block",
      "page.md:9: a console block begins with a command, `$ COMMAND`",
      'page.md:12: a command in an indented block: "timetrial list suites"; write it in a fence',
      expect.stringContaining("page.md:15: cannot be read: "),
    ]);
    expect(faultsOf(page("<!-- not run: needs root -->", "", `${fence}sh`, "timetrial x", fence))).toEqual([]);
  });

  test("says what is run, with which output and status, and with what instead of its own words", () => {
    const [ofPage, own, script, table] = page(
      "<!-- tested with: RUN is results/x -->",
      "",
      "Words.",
      "",
      `${fence}console`,
      "$ timetrial report RUN \\",
      "    --wide",
      "one",
      "$ timetrial report RUN1",
      "two",
      "[exit status 2]",
      fence,
      "<!-- tested with: --rounds 2; c7g.large is s2.medium; needs make -->",
      `${fence}console`,
      "$ timetrial run c7g.large RUN",
      fence,
      "",
      `${fence}sh`,
      "timetrial a # words",
      "timetrial b \\",
      "  c",
      fence,
      "<!-- tested with: --quiet -->",
      "| there | here |",
      "| --- | --- |",
      "| `x` | `timetrial a \\| b` |",
    );
    expect(commandsOf(ofPage!)).toEqual([
      { text: "timetrial report results/x \\\n    --wide", output: ["one"], status: 0 },
      { text: "timetrial report RUN1", output: ["two"], status: 2 },
    ]);
    expect(own).toMatchObject({ flags: ["--rounds", "2"], needs: ["make"], line: 15 });
    expect(commandsOf(own!)[0]?.text).toBe("timetrial run s2.medium results/x");
    expect(commandsOf(script!).map(({ text }) => text)).toEqual(["timetrial a # words", "timetrial b \\\n  c"]);
    expect(commandsOf(table!).map(({ text }) => text)).toEqual(["timetrial a | b"]);
  });
});

describe("what a page shows of a run", () => {
  const shown = [
    "s1.medium -> s2.medium · Debian GNU/Linux 12 (bookworm) x86_64 · us-east-1a · 2",
    "  machines a side · 9 kept runs each · sandbox: this host",
    "hashes, openssl-evp",
    "  md5            0.424 s    0.437 s  ~ 0.970 (0.774-1.13)  ~ 1.00 (0.981-1.01)",
    "  sha1           0.329 s    0.207 s  1.59x (1.15-1.95) †1  1.52x ±0.3 % †1",
    "other processes used 88 % of this host's CPUs: CPU is surer than real",
    "s2.medium against s1.medium: machines share a host, so no claim on a type is",
    "  made",
    "0 of 288 runs left out   0 instances left running   sums 0952d4368346",
  ];
  const printed = [
    "s1.medium -> s2.medium · Alpine Linux 3.20 aarch64 · us-east-1a · 1 machines a side · 3-4 kept runs each · sandbox: this host",
    "hashes (1 of 2 vCPUs busy), openssl-evp",
    "  md5   12.4 ms  1:02  -  1.00x ±0.1 %",
    "  sha1        !  short  1.59x ‡ †1  ~ 1.52 (1.50-1.81)",
    "s2.medium against s1.medium: machines share a host, so no claim on a type is made",
    "1 of 28 runs left out (1 steal)   0 instances left running   sums 1952d4368346",
  ];
  const differs = (change: (text: string) => string) =>
    difference(shown, [change(printed.join("\n"))], false) !== undefined;

  test("is what a run prints, whatever the figures, the width and what else the computer does", () => {
    expect(difference(shown, [printed.join("\n")], false)).toBeUndefined();
  });

  test("is not what a run prints with another row, side, column, note or order", () => {
    expect(differs((text) => text.replace("sha1", "sha2"))).toBe(true);
    expect(differs((text) => text.replace(/^ {2}md5.*\n/m, ""))).toBe(true);
    expect(differs((text) => text.replace("so no claim", "but no claim"))).toBe(true);
    expect(differs((text) => text.replace("instances left running", ""))).toBe(true);
    expect(differs((text) => text.replace(/^(s1\S+) -> (s2\S+)/m, "$2 -> $1"))).toBe(true);
    expect(differs((text) => `${text}\none more note\n`)).toBe(true);
  });

  test("may leave out lines where it says so, and nothing else", () => {
    const some = [shown[0]!, shown[1]!, "…", shown.at(-1)!];
    expect(difference(some, [printed.join("\n")], false)).toBeUndefined();
    expect(difference(["…", "no such line"], [printed.join("\n")], false)).toBeDefined();
  });

  test("of a stored run is held to every figure, but today's date", () => {
    expect(difference(["on 2026-11-28: 1.52x"], ["on 2027-01-02: 1.52x\n"], true)).toBeUndefined();
    expect(difference(["on 2026-11-28: 1.52x"], ["on 2026-11-28: 1.53x\n"], true)).toBeDefined();
  });

  test("keeps names apart from numbers", () => {
    expect(maskedOutput("sha256 took 1.5 s on c7g.8xlarge in us-east-1a, 1:02:03 and 0.3 %")).toBe(
      "sha256 took # on c7g.8xlarge in us-east-1a, # and #",
    );
  });
});
