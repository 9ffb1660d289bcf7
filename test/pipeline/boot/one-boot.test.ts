// What one boot's record says of what its probe met.

import { describe, expect, test } from "vitest";
import { analyseBoots } from "../../../src/analysis/boot/boot-analysis.ts";
import { explainClosedPort } from "../../../src/pipeline/boot/closed-port.ts";
import { bootTable } from "../../../src/report/boot/terminal-table.ts";
import { bootFooter } from "../../../src/report/boot/report-data.ts";
import { aSpec, played, type Scene } from "../../support/boot-ports.ts";

describe("why a port never opened", () => {
  const asked = { port: 22, timeout_s: 600, alive: false };
  test.each([
    ["refused all along", { closed: 900 }, 4, /^port 22 refused \(the kernel is up\), and did not open within 600 s$/],
    ["silent", { silent: 900 }, undefined, /^port 22 was silent within 600 s: it did not boot, or a security group/],
    [
      "silent, and unreachable now and then",
      { silent: 800, EHOSTUNREACH: 3 },
      undefined,
      /^port 22 was silent but for EHOSTUNREACH within 600 s: /,
    ],
    [
      "unreachable",
      { EHOSTUNREACH: 5, ENETUNREACH: 900 },
      undefined,
      /^not reachable from here \(EHOSTUNREACH, ENETUNREACH\) within 600 s$/,
    ],
    ["forbidden by EACCES", { EACCES: 900 }, undefined, /^this machine may not reach it \(EACCES\): its own firewall/],
    ["forbidden by EPERM", { EPERM: 900, silent: 3 }, undefined, /^this machine may not reach it \(EPERM\)/],
    ...["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EADDRNOTAVAIL"].map(
      (code) =>
        [
          `out of own resources by ${code}`,
          { closed: 3, [code]: 900 },
          4,
          new RegExp(`^this machine ran out of something \\(${code}\\) while it probed: fewer --parallel`),
        ] as const,
    ),
  ] as const)("%s", (_, answers, closed_at_s, said) => {
    const probed = { answers, ...(closed_at_s === undefined ? {} : { closed_at_s }) };
    expect(explainClosedPort(probed, asked)).toMatch(said);
  });

  test("silent while the SSM agent is online is filtered", () => {
    expect(explainClosedPort({ answers: { silent: 900 } }, { ...asked, alive: true })).toMatch(
      /^filtered: its SSM agent is online, and port 22 was silent within 600 s/,
    );
  });
});

/** A probe that sees a port opening, its attempts answered so. */
function answering(answers: Readonly<Record<string, number>>, open_attempt = 9): Scene {
  return { probe: { watch: async () => ({ open_at_s: 15, open_attempt, answers }) } };
}

test.each(["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EADDRNOTAVAIL"])(
  "a boot is left out, and counted with the reason, where the prober met %s on the way to the open port",
  async (code) => {
    const { records, outcome } = await played({}, answering({ silent: 4, [code]: 2, open: 1 }));
    expect(records[1]).toMatchObject({ status: "completed", tainted: ["prober-out-of-resources"] });
    const analysis = await analyseBoots(records, aSpec, "c7g.large");
    expect(analysis.sides[0]).toMatchObject({ kept: 0, left_out: { "first boot": 1, "prober-out-of-resources": 1 } });
    const said = bootFooter({ analysis, records, plan: outcome.plan }).join("\n");
    expect(said).toContain(`this machine ran out of something (${code}) while it probed`);
    expect(said).toContain("2 of 2 boots left out (1 first boot, 1 prober-out-of-resources)");
  },
);

test("a boot of which a question to EC2 was throttled is left out, and the footer says how many were", async () => {
  const throttling: Scene = {
    provisioner: {
      running: async () => ({
        describes: { sent: 100, failed: 3, throttled: 3 },
        running_at_s: 5,
        address: "192.0.2.9",
      }),
    },
  };
  const { records, outcome } = await played({}, throttling);
  expect(records[1]).toMatchObject({ status: "completed", tainted: ["describes-throttled"] });
  const analysis = await analyseBoots(records, aSpec, "c7g.large");
  const said = bootFooter({ analysis, records, plan: outcome.plan }).join("\n");
  expect(said).toContain("6 of 200 calls to EC2 throttled");
  expect(said).toContain("2 of 2 boots left out (1 first boot, 1 describes-throttled)");
});

test("open at the first probe is said where the first attempt was taken, not where attempts were under way", async () => {
  const notes = async (open_attempt: number) =>
    (await played({ boots: 1 }, answering({ open: 1 }, open_attempt))).records[0]?.notes;
  expect(await notes(1)).toEqual(["open at the first probe: it may have been before EC2 said running"]);
  expect(await notes(40)).toEqual(["never refused before it opened: closed is taken as open"]);
});

test("an SSM agent that never comes is said and counted, and has a row of its own without a time", async () => {
  const { records, outcome } = await played({ ssm: true });
  expect(records.map(({ status, online_s }) => [status, online_s])).toEqual([
    ["completed", null],
    ["completed", null],
  ]);
  const analysis = await analyseBoots(records, outcome.plan.spec, "c7g.large");
  const said = bootTable({ analysis, records, plan: outcome.plan }, 80).replace(/\s+/g, " ");
  expect(said).toContain(
    "2 boots: its SSM agent was not online within 600 s: it was launched without --instance-profile",
  );
  expect(said).toContain("running to SSM online - -");
});
