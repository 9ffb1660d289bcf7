// What a run of the soak is made of, drawn from the seed and the run's number alone: sides, faults, and when its client is hurt.

import { createHash } from "node:crypto";

/** Numbers from 0 to below 1, the same for the same `text`. */
function drawsOf(text) {
  let block = Buffer.alloc(0);
  let count = 0;
  return () => {
    const at = (count % 8) * 4;
    if (at === 0) block = createHash("sha256").update(`${text}/${count}`).digest();
    count += 1;
    return block.readUInt32BE(at) / 2 ** 32;
  };
}

const between = (draw, least, most) => least + draw() * (most - least);
const chance = (least, most) => (draw) => between(draw, least, most).toFixed(3);
const oneOf = (draw, all) => all[Math.floor(draw() * all.length)];

/**
 * How each fault of docs/sandbox.md is drawn. Times are of the sandbox's scaled time. Chances are such that most runs get
 * somewhere: a run in which nothing works tests one way out only.
 */
export const faults = {
  throttle: chance(0.02, 0.2),
  http5xx: chance(0.02, 0.2),
  drop: chance(0.02, 0.2),
  slow: (draw) => `${between(draw, 0.05, 0.5).toFixed(3)}:${between(draw, 2, 30).toFixed(1)}s`,
  consistency: (draw) => `${between(draw, 1, 60).toFixed(1)}s`,
  duplicate: chance(0.1, 1),
  "late-result": chance(0.05, 0.5),
  "lost-result": chance(0.03, 0.2),
  "agent-restart": chance(0.03, 0.3),
  "agent-lost": chance(0.01, 0.06),
  "agent-never": chance(0.1, 0.4),
  "reboot-first": chance(0.2, 1),
  "kill-machine": chance(0.01, 0.08),
  "stop-machine": chance(0.01, 0.08),
  "spot-interrupt": chance(0.02, 0.1),
  "no-capacity": (draw) =>
    oneOf(draw, ["us-east-1a", "us-east-1b", "us-east-1a+us-east-1b", "us-east-1a+us-east-1b+us-east-1c", "s2.medium"]),
  quota: (draw) => String(Math.floor(between(draw, 1, 10))),
  "disk-full": chance(0.2, 1),
  "clock-jump": (draw) => String(Math.round(oneOf(draw, [-1, 1]) * 10 ** between(draw, 0.5, 6))),
  hang: chance(0.002, 0.01),
  "clock-skew": (draw) => String(Math.round(oneOf(draw, [-1, 1]) * 10 ** between(draw, 1.5, 4.5))),
  garbage: chance(0.02, 0.3),
  truncate: chance(0.02, 0.3),
  "wrong-digest": chance(0.02, 0.3),
};

/**
 * What befalls the client's own computer: it is none of the sandbox's faults. `no-names`: its resolver knows no name for a
 * while (test/support/resolver.mjs stands in for it). The instant is a part of what a run takes, the length in seconds.
 */
export const clientFaults = {
  "no-names": (draw) => ({ at: draw() * 0.9, for_s: between(draw, 0.2, 4) }),
};

/** Faults that must cost no trial: now and then a run has no others, and nothing else befalls it. */
export const harmless = ["slow", "consistency", "duplicate", "late-result", "clock-jump", "no-names"];

const kills = [
  "kill",
  "kill",
  "kill",
  "kill",
  "kill twice",
  "kill, torn files",
  "kill, sandbox too",
  "kill, results lost",
];

/**
 * What may befall the client. So many are SIGKILLed that half of all runs are hit, though some end before their instant.
 * Instants are parts of what a run takes.
 */
function hurtsOf(draw) {
  const [chosen, at, second] = [draw(), draw() * 0.9, draw() * 0.8];
  if (chosen < 0.25) return { kind: "none", hurts: [] };
  if (chosen < 0.35) {
    const kind = oneOf(draw, ["int", "term"]);
    return { kind, hurts: [{ at, signal: kind === "int" ? "SIGINT" : "SIGTERM" }] };
  }
  const kind = oneOf(draw, kills);
  const hurts = [at, ...(kind === "kill twice" ? [second] : [])].map((each) => ({ at: each, signal: "SIGKILL" }));
  return { kind, hurts };
}

/** For a third of the runs: the part of what a run costs that its budget pays for. */
function partOf(draw) {
  return draw() < 1 / 3 ? between(draw, 0.3, 1.1) : undefined;
}

/** Run number `number` of the soak of `seed`. */
export function drawn(seed, number) {
  const draw = drawsOf(`${seed}/${number}`);
  const isCalm = draw() < 0.08;
  const names = isCalm ? harmless : [...Object.keys(faults), ...Object.keys(clientFaults)];
  const chosen = new Set();
  const count = 1 + Math.floor(draw() * 3);
  while (chosen.size < count) chosen.add(oneOf(draw, names));
  const spec = [...chosen].filter((name) => name in faults).map((name) => `${name}=${faults[name](draw)}`);
  const noNames = chosen.has("no-names") ? clientFaults["no-names"](draw) : undefined;
  return {
    number,
    faults: [...chosen],
    spec: [`seed=${seed}-${number}`, ...spec].join(","),
    noNames,
    machines: 1 + Math.floor(draw() * 2),
    isSpot: chosen.has("spot-interrupt"),
    ...(isCalm ? { kind: "none", hurts: [], part: undefined } : { ...hurtsOf(draw), part: partOf(draw) }),
    tears: draw,
    resumesFinished: draw() < 0.3,
    /** Whether a client with the credentials of another account tries to resume it first. */
    asksElsewhere: draw() < 0.25,
  };
}
