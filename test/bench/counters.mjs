// What reading the processor's counters and the clock costs: the same step, by the helper as it is and by one that reads
// none, in turns. Where there is no PMU, software counters of the kernel stand in: they take the same way.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const turns = 200;
/** The longest that may be added to a step of ten seconds, as its share. */
const bar = 0.001;
const step_s = 10;

/** What one in ten is below: other work on the machine only ever adds to a time. */
const tenth = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 10)];

function run(program, ...words) {
  const ran = spawnSync(program, words, { encoding: "utf8" });
  if (ran.status !== 0) throw new Error(`${program} ${words.join(" ")}: ${ran.status} ${ran.stderr}`);
  return ran.stdout;
}

/** Returns the lines of the bench, and how many bars were missed. */
export function countersCost(folder) {
  const built = (name, ...flags) => {
    const helper = join(folder, name);
    run("cc", "-O2", ...flags, "-o", helper, "remote/capture.c", "remote/counters.c");
    return helper;
  };
  const helpers = {
    none: built("counts-none", "-DCOUNT_NOTHING"),
    own: built("counts-own"),
    software: built("counts-software", "-DCOUNT_SOFTWARE"),
  };
  const times = { none: [], own: [], software: [] };
  const record = join(folder, "counts-record");
  for (let turn = 0; turn < turns; turn++)
    for (const [name, helper] of Object.entries(helpers)) {
      run(helper, record, "60", "true");
      times[name].push(Number(/^real_s=(.*)$/m.exec(readFileSync(record, "utf8"))[1]));
    }
  const what = run(helpers.own, "--counters").trim().split("\n")[0];
  const lines = [`counters here: ${what.replace("=", ": ")}`];
  let missed = 0;
  for (const name of ["own", "software"]) {
    const added_s = tenth(times[name]) - tenth(times.none);
    const share = added_s / step_s;
    const held = share <= bar;
    if (!held) missed += 1;
    const which = name === "own" ? "the helper's counters" : "four software counters in their place";
    lines.push(
      `real time that ${which} add to a step: ${(added_s * 1e6).toFixed(0)} us (of \`true\`, ${turns} turns), ${(share * 100).toFixed(5)} % of ${step_s} s, bar ${bar * 100} %: ${held ? "held" : "MISSED"}`,
    );
  }
  const began = performance.now();
  for (let i = 0; i < 10; i++) run(helpers.own, "--clock");
  lines.push(
    `the clock takes ${((performance.now() - began) / 10).toFixed(0)} ms before and after a batch, none of it timed`,
  );
  return { lines, missed };
}
