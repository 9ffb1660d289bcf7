// What is said where a run is silent, by a clock of the test's own.

import { expect, test } from "vitest";
import type { BootRecord } from "../../../src/domain/boot/boot.ts";
import { Silence } from "../../../src/cli/run/silence.ts";
import { aPlan } from "../../support/given.ts";

/** A silence whose clock goes by `pass`, which returns what was said meanwhile. */
function listened(): { silence: Silence; pass: (seconds: number) => string[] } {
  let now = 0;
  let due: { at: number; call: () => void } | undefined;
  const said: string[] = [];
  const setTimer = (call: () => void, ms: number): { clear(): void } => {
    const mine = { at: now + ms, call };
    due = mine;
    return { clear: () => void (due === mine && (due = undefined)) };
  };
  const silence = new Silence(
    (text) => said.push(text),
    () => now,
    setTimer,
  );
  const pass = (seconds: number): string[] => {
    const end = now + seconds * 1000;
    while (due !== undefined && due.at <= end) {
      now = due.at;
      due.call();
    }
    now = end;
    return said.splice(0);
  };
  return { silence, pass };
}

const machine = (name: string) => ({ name, side: "a", address: { kind: "local" as const } });

test("every ten seconds from the first it is said what goes on, and for how long", () => {
  const { silence, pass } = listened();
  expect(pass(9)).toEqual([]);
  expect(pass(1)).toEqual(["checking and planning (10 s so far)"]);
  silence.observe({ what: "planned", plan: aPlan(), folder: "x" });
  silence.observe({ what: "launching", side: "a", count: 2, type: "c7g.large", zone: "z" });
  expect(pass(20)).toEqual([10, 20].map((s) => `waiting until the machines have booted (${s} s so far)`));
  for (const name of ["a-1", "a-2"]) {
    silence.observe({ what: "machine-ready", machine: machine(name), after_s: 20 });
    silence.observe({ what: "doing", machine: name, text: "setting hashes up" });
  }
  expect(pass(10)).toEqual(["a-1, a-2: setting hashes up (10 s so far)"]);
  silence.observe({ what: "round", suite: "hashes", round: 1, of: 3, machine: "a-1" });
  expect(pass(10)).toEqual(["a-1: hashes, round 1 of 3 (10 s so far); a-2: setting hashes up (20 s so far)"]);
  silence.observe({ what: "releasing", count: 2 });
  expect(pass(10)).toEqual([expect.stringMatching(/^ending the machines, and asking twice.*\(10 s so far\)$/)]);
  silence.observe({ what: "released", count: 2, absence: { state: "none" } });
  expect(pass(60)).toEqual([]);
});

test("a line that is printed meanwhile begins the ten seconds anew", () => {
  const { silence, pass } = listened();
  expect(pass(9)).toEqual([]);
  silence.spoken();
  expect(pass(9)).toEqual([]);
  expect(pass(1)).toEqual(["checking and planning (19 s so far)"]);
});

test("of boots it is said what each waits for, and nothing of those that ended", () => {
  const { silence, pass } = listened();
  const about = { side: "a", number: 1, instance: "i-1" } as const;
  silence.observe({ what: "boot-launching", ...about });
  silence.observe({ what: "boot-instant", ...about, instant: "called", at_s: 1 });
  silence.observe({ what: "boot-launching", side: "b", number: 1 });
  expect(pass(10)).toEqual(["a, boot 1: waiting until it runs (10 s so far); b, boot 1: launching (10 s so far)"]);
  silence.observe({ what: "boot-instant", ...about, instant: "closed", at_s: 11 });
  expect(pass(10)).toEqual([expect.stringMatching(/^a, boot 1: waiting until its port opens \(10 s so far\); b, /)]);
  silence.observe({ what: "boot-record", record: { side: "a", number: 1 } as BootRecord });
  expect(pass(10)).toEqual(["b, boot 1: launching (30 s so far)"]);
});
