// Records are read byte by byte, and what comes out is what JSON.parse and the schema say of every line.

import { expect, test } from "vitest";
import * as v from "valibot";
import { RecordReader } from "../../../../src/adapters/folders/stored/record-reader.ts";
import { seededRandom } from "../../../../src/domain/random.ts";
import { recordSchema, type TrialRecord } from "../../../../src/domain/run/trial-record.ts";
import { aRecord } from "../../../support/given.ts";

interface Read {
  readonly records: TrialRecord[];
  /** How many lines were parsed whole. */
  readonly parsed: number;
}

/** Reads `lines` from one buffer, where each is compared with the one before; and each from a buffer of its own. */
function read(lines: readonly string[]): Read {
  const one = Buffer.from(lines.map((line) => `${line}\n`).join(""));
  const together = () =>
    readBy((take) => {
      let from = 0;
      for (let to = one.indexOf(10); to !== -1; to = one.indexOf(10, from)) {
        take(one, from, to);
        from = to + 1;
      }
    });
  const apart = () =>
    readBy((take) => {
      for (const line of lines) {
        const buffer = Buffer.from(`x${line}\n`);
        take(buffer, 1, buffer.length - 1);
      }
    });
  const [first, second] = [attempt(together), attempt(apart)];
  expect(first).toEqual(second);
  if (typeof first === "string") throw new Error(first);
  return first;
}

/** What `work` returns, or the message of the error that it throws. */
function attempt(work: () => Read): Read | string {
  try {
    return work();
  } catch (error) {
    return (error as Error).message;
  }
}

function readBy(takeAll: (take: RecordReader["take"]) => void): Read {
  let parsed = 0;
  const reader = new RecordReader((line) => {
    parsed += 1;
    return v.parse(recordSchema, JSON.parse(line));
  });
  takeAll((buffer, from, to) => reader.take(buffer, from, to));
  return { records: [...reader.records], parsed };
}

const expected = (lines: readonly string[]): TrialRecord[] =>
  lines.map((line) => v.parse(recordSchema, JSON.parse(line)));

const whole = aRecord({
  started_at: "2026-11-27T20:40:10Z",
  work_id: "1x10",
  real_resolution_s: 0.000001,
  max_rss_bytes: 1_560_576,
  others_cpu_s: -0.25,
  load1_before: 13.93,
  reported: { mib: "7", note: "a, b} [c]" },
});
const like = (change: object): string => JSON.stringify({ ...whole, ...change });

/** Puts `part` in place of the real time, at the end: of two values of a name the last counts. */
const withPart = (line: string, part: string): string =>
  line.replace(/"real_s":[^,]*,/, "").replace(/\}$/, () => `,${part}}`);

test("lines with the fields of an earlier one are read without being parsed", () => {
  const lines = [1, 2, 3].map((round) =>
    like({ round, real_s: round / 7, started_at: `2026-11-27T2${round}:59:5${round}Z` }),
  );
  const { records, parsed } = read(lines);
  expect(records).toEqual(expected(lines));
  expect(parsed).toBe(1);
});

test("lines of several kinds in turns are each parsed once", () => {
  const { real_s: _real, user_s: _user, system_s: _system, ...rest } = whole;
  const failed = JSON.stringify({ ...rest, status: "failed", reason: "exit 1" });
  const lines = [like({}), failed, like({ round: 2 }), failed, like({ check: "exit-only" })];
  expect(read(lines).records).toEqual(expected(lines));
  // One of each kind, and the one with a word that was not seen before.
  expect(read(lines).parsed).toBe(3);
});

test.each([
  ["exponents", '"real_s":1.5e-06'],
  ["capital exponents", '"real_s":2E2'],
  ["more digits than a number has", '"real_s":0.12345678901234567890123'],
  ["numbers below all others", '"real_s":4.9e-324'],
  ["a negative zero", '"real_s":-0'],
  ["escapes in a text", '"real_s":1,"digest":"a\\u0041\\n"'],
  ["letters of other scripts", '"real_s":1,"digest":"größe 大"'],
  ["an empty text", '"real_s":1,"digest":""'],
  ["a time of day with fractions", '"real_s":1,"started_at":"2026-11-27T20:40:10.5Z"'],
  ["a day that is none", '"real_s":1,"started_at":"2026-02-31T20:40:10Z"'],
  ["an hour that is none", '"real_s":1,"started_at":"2026-02-01T25:40:10Z"'],
  ["blanks", '"real_s": 1'],
  ["a name twice", '"real_s":1,"real_s":2'],
  ["a list", '"real_s":1,"tainted":["steal","a]b"]'],
  ["texts with escapes", '"real_s":1,"params":{"a\\"b":"c\\\\"}'],
])("%s are read as the schema reads them", (_, part) => {
  const lines = [2, 3, 4].map((round) => withPart(like({ round }), part));
  expect(read([like({}), ...lines]).records).toEqual(expected([like({}), ...lines]));
});

test.each([
  ["a leading zero", '"real_s":01'],
  ["no number", '"real_s":.5'],
  ["a dot without digits", '"real_s":1.'],
  ["an exponent without digits", '"real_s":1e'],
  ["a number without end", '"real_s":1e999'],
  ["a negative time", '"real_s":-1'],
  ["a text", '"real_s":"1"'],
  ["null", '"real_s":null'],
  ["half a round", '"real_s":1,"round":1.5'],
  ["round 0", '"real_s":1,"round":0'],
  ["another schema", '"real_s":1,"schema":2'],
  ["an unknown field", '"real_s":1,"more":1'],
  ["an unknown check", '"real_s":1,"check":"maybe"'],
  ["an unknown status", '"real_s":1,"status":"odd"'],
  ["the status of trials without times", '"real_s":1,"status":"skipped"'],
  ["a number among the parameters", '"real_s":1,"params":{"a":1}'],
  ["a list in a list", '"real_s":1,"tainted":[["a"]]'],
  ["a control character", '"real_s":1,"digest":"a\tb"'],
  ["more behind the end", '"real_s":1}{"a":1'],
  ["half a line", '"real_s":1,"digest":"a'],
])("%s is refused, also after sound lines", (_, part) => {
  const line = withPart(like({}), part);
  const cut = part.endsWith('"a') ? line.slice(0, -1) : line;
  expect(() => read([like({}), like({ round: 2 }), cut])).toThrow();
  expect(() => v.parse(recordSchema, JSON.parse(cut))).toThrow();
});

test("words that differ stay apart, however many there are", () => {
  const lines = Array.from({ length: 3000 }, (_, i) =>
    like({ batch: `b${i}`, machine: `m-${i % 1000}`, round: i + 1 }),
  );
  const { records, parsed } = read(lines);
  expect(new Set(records.map(({ batch }) => batch)).size).toBe(3000);
  expect(records).toEqual(expected(lines));
  expect(parsed).toBe(1);
});

test("whatever changes from line to line is read, and what does not stays", () => {
  const draw = seededRandom("lines");
  const one = <T>(...values: T[]): T => values[Math.floor(draw() * values.length)] as T;
  const lines = Array.from({ length: 2000 }, (_, i) => {
    const round = one(1, 12, 123, i + 1);
    const changes = {
      round,
      real_s: one(1, 1.5, 1.25, 12.5, 0),
      digest: one("a", "ab", "größe", ""),
      max_rss_bytes: one(1, 10, 1_560_576),
      started_at: one("2026-11-27T20:40:10Z", "2026-11-27T20:40:11Z", "2026-11-28T00:00:00Z"),
      tainted: one([], ["steal"], ["steal", "swap"]),
    };
    const record = { ...whole, ...changes };
    return JSON.stringify(one(record, record, record, withoutTimes({ ...record, work_id: one("1x10", "2x10") })));
  });
  expect(read(lines).records).toEqual(expected(lines));
});

function withoutTimes({ real_s: _real, user_s: _user, system_s: _system, ...rest }: Record<string, unknown>): object {
  return { ...rest, status: "failed", reason: "exit 1" };
}
