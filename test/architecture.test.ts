// Which room may import which (DESIGN section 2), held by the imports themselves.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const source = normalize(join(dirname(fileURLToPath(import.meta.url)), "..", "src"));

/** Room, and the rooms that it may import; `~` marks those that it may import only dynamically. */
const allowed: Record<string, readonly string[]> = {
  domain: [],
  analysis: ["domain"],
  ports: ["domain"],
  pipeline: ["ports", "domain"],
  report: ["analysis", "domain"],
  adapters: ["ports", "domain"],
  sandbox: ["domain"],
  index: ["domain", "analysis", "ports", "pipeline", "report"],
  cli: ["domain", "analysis", "ports", "pipeline", "report", "adapters/folders/package-root"],
  "cli/wiring": ["domain", "ports", "pipeline", "cli", "~adapters", "~sandbox"],
};

interface Import {
  readonly from: string;
  readonly to: string;
  readonly dynamic: boolean;
}

/** The imports of modules of ours in `text`, the file `from` (relative to src, with `/`). Types count as well. */
function importsOf(from: string, text: string): Import[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const found = [
    ...[...code.matchAll(/(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+"(\.[^"]+)"/g)].map(([, to]) => ({
      to,
      dynamic: false,
    })),
    ...[...code.matchAll(/(?<!typeof )import\(\s*"(\.[^"]+)"\s*\)/g)].map(([, to]) => ({ to, dynamic: true })),
  ];
  return found.map(({ to, dynamic }) => ({ from, to: normalize(join(dirname(from), to ?? "")), dynamic }));
}

function roomOf(path: string): string {
  if (path === "cli/wiring.ts") return "cli/wiring";
  return path.includes("/") ? (path.split("/")[0] as string) : path.replace(/\.ts$/, "");
}

function forbidden({ from, to, dynamic }: Import): boolean {
  const [room, other] = [roomOf(from), roomOf(to)];
  if (room === other || (room === "cli" && other === "cli/wiring")) return false;
  const rules = allowed[room] ?? [];
  return !rules.some((rule) => to === `${rule}.ts` || other === rule || (dynamic && rule === `~${other}`));
}

function files(folder: string, below = ""): string[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    return entry.isDirectory() ? files(folder, path) : path.endsWith(".ts") ? [path] : [];
  });
}

describe("the house", () => {
  const all = files(source).flatMap((path) => importsOf(path, readFileSync(join(source, path), "utf8")));

  test("every room imports only the rooms that it may", () => {
    expect(all.length).toBeGreaterThan(50);
    expect(all.filter(forbidden).map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  test("an import of an adapter planted in the pipeline is found", () => {
    const planted = importsOf(
      "pipeline/run.ts",
      'import { x } from "../adapters/local.ts";\nimport type { Y } from "../ports/clock.ts";\n',
    );
    expect(planted.filter(forbidden).map(({ to }) => to)).toEqual(["adapters/local.ts"]);
  });

  test("wiring may load an adapter only when it is needed", () => {
    const planted = importsOf(
      "cli/wiring.ts",
      'import { x } from "../adapters/local.ts";\nawait import("../adapters/ssm.ts");\n',
    );
    expect(planted.filter(forbidden).map(({ to }) => to)).toEqual(["adapters/local.ts"]);
  });

  test("the AWS SDK is named by its facade and the sandbox alone, but for types", () => {
    const users = files(source).filter((path) =>
      /^(?!.*import type).*from "@aws-sdk\//m.test(readFileSync(join(source, path), "utf8")),
    );
    const facade = ["adapters/aws/sdk.ts", "adapters/aws/pricing-sdk.ts"];
    expect(users.filter((path) => !path.startsWith("sandbox/") && !facade.includes(path))).toEqual([]);
  });

  test("no file is longer than 300 lines", () => {
    const long = files(source).filter((path) => readFileSync(join(source, path), "utf8").split("\n").length > 301);
    expect(long).toEqual([]);
  });
});
