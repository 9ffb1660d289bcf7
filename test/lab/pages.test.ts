// Every command of every page is run, and what it prints is what the page shows (CONTRIBUTING.md, "Pages that run").
//
// PAGES_PACKAGE is the folder of the package whose command line runs: `.` is the checkout with its dist/ (`npm run test:pages`),
// `npm run test:pack` names the package that it installed. The pages are those of the checkout.
// PAGES_WRITE=1 writes what was printed into the pages where they differ; read the change before you commit it.

import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
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
const packageFolder = resolve(root, process.env["PAGES_PACKAGE"] ?? ".");
const isWriting = process.env["PAGES_WRITE"] === "1";

/** How many pages are run side by side: most commands wait for machines more than they compute. */
const laneCount = 3;

const runPages = pages
  .map((page) => ({ page, blocks: blocksOf(page, readFileSync(join(root, page), "utf8")).filter(isRun) }))
  .filter(({ blocks }) => blocks.length > 0);

// The pages of a lane follow each other, and so do the commands of a page.
for (const [i, lane] of lanesOf(runPages).entries())
  describe.concurrent(`lane ${i + 1}`, () => {
    for (const { page, blocks } of lane) describe.sequential(page, () => testsOf(page, blocks));
  });

function isRun(block: PageBlock): boolean {
  return block.file !== undefined || commandsOf(block).length > 0;
}

/** Divides the pages so that each lane has about as many commands: the longest page first, each to the lane with the fewest. */
function lanesOf<Page extends { readonly blocks: readonly PageBlock[] }>(all: readonly Page[]): Page[][] {
  const lanes = Array.from({ length: laneCount }, () => ({ commands: 0, pages: [] as Page[] }));
  const counted = all.map((page) => ({ page, commands: page.blocks.flatMap(commandsOf).length }));
  for (const { page, commands } of counted.toSorted((a, b) => b.commands - a.commands)) {
    const [least] = lanes.toSorted((a, b) => a.commands - b.commands);
    least?.pages.push(page);
    if (least !== undefined) least.commands += commands;
  }
  return lanes.map((lane) => lane.pages);
}

function testsOf(page: string, blocks: readonly PageBlock[]): void {
  let desk: PageDesk;
  beforeAll(() => {
    desk = new PageDesk(page, packageFolder);
  });
  afterAll(() => desk.clear());

  for (const block of blocks) {
    const missing = block.needs.filter((tool) => !isHere(tool));
    const said = missing.length > 0 ? ` (not run: no ${missing.join(", no ")} here)` : "";
    if (block.file !== undefined)
      test(`line ${block.line}: ${block.file}`, () => {
        desk.write(block);
      });
    for (const command of commandsOf(block))
      test.skipIf(missing.length > 0)(`line ${block.line}: ${command.text.split("\n")[0]}${said}`, async () => {
        const ended = await desk.run(block, command);
        if (isWriting) rewrite(desk, block, command, ended);
        else holds(desk, command, ended);
      });
  }
}

function isHere(tool: string): boolean {
  return tool === "root" ? process.getuid?.() === 0 : which(tool) !== undefined;
}

/** @throws where the command ended otherwise than the page says, or printed something else */
function holds(desk: PageDesk, command: PageCommand, ended: Ended): void {
  expect([statusWithoutOthers(ended, command.status), ended.stdout, ended.stderr]).toEqual([
    command.status,
    ended.stdout,
    ended.stderr,
  ]);
  if (command.output === undefined) return;
  desk.learn(command.output, ended);
  const found = differenceOf(command, ended);
  expect(found?.printed, ended.stdout + ended.stderr).toBe(found?.shown);
}

function differenceOf({ text, output = [] }: PageCommand, { stdout, stderr }: Ended) {
  // A run that is stored with the page is printed the same everywhere.
  const isStored = /^(?:npx )?timetrial (?:report|verify|explain)\b.* examples\//.test(text);
  return difference(output, [stdout, stderr + stdout, stdout + stderr], isStored);
}

function rewrite(desk: PageDesk, block: PageBlock, command: PageCommand, ended: Ended): void {
  desk.learn(command.output ?? [], ended);
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
