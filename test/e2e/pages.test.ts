// Every command of every page is run, and what it prints is what the page shows (CONTRIBUTING.md, "Pages that run").
//
// PAGES_WRITE=1 writes what was printed into the pages where they differ; read the change before you commit it.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { blocksOf, commandsOf, type PageBlock, type PageCommand } from "../support/page-blocks.ts";
import { difference } from "../support/page-output.ts";
import { PageDesk } from "../support/page-desk.ts";
import { pages } from "../support/pages.ts";
import type { Ended } from "../support/cli.ts";
import { statusWithoutOthers } from "../support/run-status.ts";
import { which } from "../support/suite-steps.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const isWriting = process.env["PAGES_WRITE"] === "1";

let desk: PageDesk;
beforeAll(() => {
  desk = new PageDesk();
});
afterAll(() => desk.clear());

for (const page of pages) {
  const blocks = blocksOf(page, readFileSync(join(root, page), "utf8"));
  const run = blocks.filter((block) => block.file !== undefined || commandsOf(block).length > 0);
  if (run.length > 0)
    describe(page, () => {
      for (const block of run) {
        const missing = block.needs.filter((tool) => !isHere(tool));
        const said = missing.length > 0 ? ` (not run: no ${missing.join(", no ")} here)` : "";
        if (block.file !== undefined)
          test(`line ${block.line}: ${block.file}`, () => {
            desk.write(block);
          });
        for (const command of commandsOf(block))
          test.skipIf(missing.length > 0)(`line ${block.line}: ${command.text.split("\n")[0]}${said}`, async () => {
            const ended = await desk.run(block, command);
            if (isWriting) rewrite(block, command, ended);
            else holds(block, command, ended);
          });
      }
    });
}

function isHere(tool: string): boolean {
  return tool === "root" ? process.getuid?.() === 0 : which(tool) !== undefined;
}

/** @throws where the command ended otherwise than the page says, or printed something else */
function holds(block: PageBlock, command: PageCommand, ended: Ended): void {
  expect([statusWithoutOthers(ended, command.status), ended.stdout, ended.stderr]).toEqual([
    command.status,
    ended.stdout,
    ended.stderr,
  ]);
  if (command.output === undefined) return;
  desk.learn(block.page, command.output, ended);
  const found = differenceOf(command, ended);
  expect(found?.printed, ended.stdout + ended.stderr).toBe(found?.shown);
}

function differenceOf({ text, output = [] }: PageCommand, { stdout, stderr }: Ended) {
  // A run that is stored with the page is printed the same everywhere.
  const isStored = /^(?:npx )?timetrial (?:report|verify|explain)\b.* examples\//.test(text);
  return difference(output, [stdout, stderr + stdout, stdout + stderr], isStored);
}

function rewrite(block: PageBlock, command: PageCommand, ended: Ended): void {
  desk.learn(block.page, command.output ?? [], ended);
  if (command.output === undefined || differenceOf(command, ended) === undefined) return;
  const path = join(root, block.page);
  const text = readFileSync(path, "utf8");
  const before = command.output.join("\n");
  const after = (ended.stdout || ended.stderr).trimEnd();
  const places = text.split(before).length - 1;
  if (before === "" || places !== 1 || command.output.includes("…"))
    throw new Error(`${block.page}:${block.line}: write it yourself:\n${ended.stdout}${ended.stderr}`);
  writeFileSync(
    path,
    text.replace(before, () => after),
  );
}
