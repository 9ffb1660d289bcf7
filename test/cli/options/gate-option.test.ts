// The grammar of `--fail-if`, and the exit status of an answer.

import { describe, expect, test } from "vitest";
import { parseGate, refuseGateOnOneSide, refuseUndecidable } from "../../../src/cli/options/gate-option.ts";
import { parseUntil } from "../../../src/cli/options/until-option.ts";
import { gateStatus, worstStatus } from "../../../src/cli/output/exit-status.ts";
import { isLimitOn, limitText, refuseUnknownLimits } from "../../../src/domain/plan/gate.ts";
import { thrownBy } from "../../support/refusal.ts";

const only = (text: string) => parseGate({ failIf: [text] })?.limits[0];

describe("a limit", () => {
  test.each([
    ["cpu slower than 3 %", { metric: "cpu", slower_percent: 3 }],
    ["real slower than 2.5%", { metric: "real", slower_percent: 2.5 }],
    ["geomean real slower than 0 %", { of: "geomean", metric: "real", slower_percent: 0 }],
    ["  hashes/sha256   cpu slower  than 10 % ", { of: "hashes/sha256", metric: "cpu", slower_percent: 10 }],
    ["make -j8 real slower than 1 %", { of: "make -j8", metric: "real", slower_percent: 1 }],
    ["cpu real slower than 1 %", { of: "cpu", metric: "real", slower_percent: 1 }],
  ])("is written %s", (text, limit) => {
    expect(only(text)).toEqual(limit);
    expect(only(limitText(limit as Parameters<typeof limitText>[0]))).toEqual(limit);
  });

  test.each([
    "",
    "cpu",
    "3 %",
    "slower than 3 %",
    "cpu slower than three %",
    "cpu slower than 3",
    "cpu slower than -3 %",
    "cpu slower than 1001 %",
    "cpu slower than 3 % or so",
    "cpu faster than 3 %",
    "user slower than 3 %",
    "cpu slower than 1e1 %",
    "cpu slower than NaN %",
  ])("is refused with what was expected: %j", (text) => {
    const refused = thrownBy(() => parseGate({ failIf: [text] }));
    expect(refused).toMatchObject({ code: "USAGE" });
    expect(refused.message).toBe(
      `--fail-if: expected a limit such as 'cpu slower than 3 %', got ${JSON.stringify(text)}`,
    );
    expect(refused.hint).toContain("'hashes/sha256 real slower than 2.5 %'");
  });

  test("is on a row by its name, in full or not, or by the title that the table shows", () => {
    const row = { suite: "command", row: "cmd-1", impl: "command", title: `make ${"x".repeat(60)}` };
    for (const of of [
      undefined,
      "cmd-1",
      "command/cmd-1",
      "command/cmd-1/command",
      row.title,
      `make ${"x".repeat(34)}…`,
    ])
      expect(isLimitOn(of, row), of).toBe(true);
    for (const of of ["cmd", "cmd-1/command", "make", "Cmd-1"]) expect(isLimitOn(of, row), of).toBe(false);
  });

  test("on a row that there is not is refused, with the rows that there are", () => {
    const rows = [
      { suite: "hashes", row: "md5", impl: "a" },
      { suite: "hashes", row: "md5", impl: "b" },
      { suite: "command", row: "cmd-1", impl: "command", title: "make -j8" },
    ];
    const gate = parseGate({ failIf: ["sha0 cpu slower than 3 %"] });
    expect(thrownBy(() => gate && refuseUnknownLimits(gate, rows))).toMatchObject({
      code: "USAGE",
      message: '--fail-if "sha0 cpu slower than 3 %": there is no row "sha0"',
      hint: "there is hashes/md5, make -j8, geomean",
    });
    for (const text of ["md5 cpu slower than 1 %", "geomean cpu slower than 1 %", "cpu slower than 1 %"]) {
      const known = parseGate({ failIf: [text] });
      expect(() => known && refuseUnknownLimits(known, rows)).not.toThrow();
    }
  });
});

test("--undecided says what an undecided gate counts as, and needs a limit", () => {
  expect(parseGate({ failIf: ["cpu slower than 3 %"], undecided: "fail" })?.undecided).toBe("fail");
  expect(parseGate({})).toBeUndefined();
  expect(thrownBy(() => parseGate({ undecided: "pass" })).message).toContain("expected --fail-if beside it");
  expect(thrownBy(() => parseGate({ failIf: ["cpu slower than 3 %"], undecided: "maybe" })).message).toContain(
    "--undecided: expected pass or fail",
  );
});

test("a gate on one side alone is refused, unless it has commands to compare", () => {
  const gate = parseGate({ failIf: ["cpu slower than 3 %"] });
  const [here, there] = ["here", "there"].map((name) => ({ name, kind: "local" as const }));
  const commands = (count: number) => ({
    shell: "none" as const,
    timeout_s: 1,
    commands: Array.from({ length: count }, () => ({ title: "x", words: ["x"] })),
  });
  if (here === undefined || there === undefined) throw new Error("two sides");
  expect(thrownBy(() => refuseGateOnOneSide(gate, { sides: [here] })).message).toContain("got here alone");
  expect(thrownBy(() => refuseGateOnOneSide(gate, { sides: [here], command: commands(1) })).code).toBe("USAGE");
  expect(() => refuseGateOnOneSide(gate, { sides: [here], command: commands(2) })).not.toThrow();
  expect(() => refuseGateOnOneSide(gate, { sides: [here, there] })).not.toThrow();
});

test("the exit status is 0, 6 or 7, as the user has an undecided gate count, and only where nothing else is said", () => {
  expect(gateStatus(undefined)).toBe(0);
  expect(gateStatus({ answer: "pass" })).toBe(0);
  expect(gateStatus({ answer: "fail" })).toBe(6);
  expect(gateStatus({ answer: "fail", undecided: "pass" })).toBe(6);
  expect(gateStatus({ answer: "undecided" })).toBe(7);
  expect(gateStatus({ answer: "undecided", undecided: "pass" })).toBe(0);
  expect(gateStatus({ answer: "undecided", undecided: "fail" })).toBe(6);
  expect([1, 2, 3, 4, 5, 130].map((other) => worstStatus([6, other, 7]))).toEqual([1, 2, 3, 4, 5, 130]);
  expect(worstStatus([0, 6])).toBe(6);
});

test("--until gate takes a limit, and one suite where it is on the geomean", () => {
  expect(parseUntil("gate")).toEqual({ gate: true });
  const [rows, mean] = ["cpu slower than 3 %", "geomean cpu slower than 3 %"].map((text) =>
    parseGate({ failIf: [text] }),
  );
  expect(thrownBy(() => refuseUndecidable(undefined, 1)).message).toBe("--until gate: expected --fail-if beside it");
  expect(thrownBy(() => refuseUndecidable(mean, 2)).message).toContain(
    "expected one suite, since a limit is on the geomean",
  );
  expect(() => refuseUndecidable(mean, 1)).not.toThrow();
  expect(() => refuseUndecidable(rows, 2)).not.toThrow();
});
