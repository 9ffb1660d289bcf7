// What a client that ends at once says of what it leaves, by a ledger as a run writes it.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { cleanupHints, leftoverText } from "../../../src/cli/run/leftover-hints.ts";
import type { LedgerEntry } from "../../../src/domain/cloud/ledger.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "timetrial-left-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const aws = { run: "r1", cloud: "aws", region: "eu-west-1" } as const;
const intent = (token: string): LedgerEntry => ({
  kind: "intent",
  token,
  side: "a",
  type: "c7g.large",
  zone: "eu-west-1a",
  count: 2,
});

function ledger(entries: readonly LedgerEntry[], tail = ""): void {
  const lines = entries.map((entry) => `${JSON.stringify({ at: "2026-01-02T03:04:05Z", ...entry })}\n`);
  writeFileSync(join(folder, "ledger.ndjson"), lines.join("") + tail);
}

test("machines that were launched and not ended are named, with a command for each of two tools", () => {
  ledger([intent("t1"), { kind: "launched", token: "t1", ids: ["i-1", "i-2"] }, { kind: "terminated", ids: ["i-1"] }]);
  expect(leftoverText(folder, aws)).toBe(
    [
      "left running, or may be: i-2; each ends itself at its deadline",
      "  end them with: timetrial sweep --run r1 --region eu-west-1",
      "  or end them with: aws ec2 --region eu-west-1 terminate-instances --instance-ids i-2",
    ].join("\n"),
  );
});

test("a launch whose outcome nobody knows is told, and how to look for it, though the ledger's last line is torn", () => {
  ledger([intent("t1")], '{"at":"2026-01-02T03:04:05Z","kind":"laun');
  expect(leftoverText(folder, aws)).toBe(
    [
      "a launch is under way: 2 c7g.large in eu-west-1a; each ends itself at its deadline",
      "  end them with: timetrial sweep --run r1 --region eu-west-1",
      "  or find them with: aws ec2 --region eu-west-1 describe-instances --filters Name=tag:timetrial:run,Values=r1",
    ].join("\n"),
  );
});

test("where nothing was launched, nothing is said to be left", () => {
  ledger([intent("t1"), { kind: "not-launched", token: "t1", reason: "InsufficientInstanceCapacity" }]);
  expect(leftoverText(folder, aws)).toBe("its ledger shows no machine that is left");
  expect(leftoverText(join(folder, "none"), aws)).toBe("its ledger shows no machine that is left");
});

test("of the sandbox's machines AWS is not asked, but by the endpoint that was given", () => {
  expect(cleanupHints({ run: "r1", cloud: "sandbox" }, ["i-1"])).toBe(
    "  end them with: timetrial sweep --run r1 --cloud sandbox",
  );
  const endpoint = "http://127.0.0.1:4566";
  expect(cleanupHints({ run: "r1", cloud: "aws", endpoint }, ["i-1"])).toContain(
    "aws ec2 --endpoint-url http://127.0.0.1:4566 terminate-instances --instance-ids i-1",
  );
});
