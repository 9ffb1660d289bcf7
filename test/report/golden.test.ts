import { expect, test } from "vitest";
import { tell } from "../../src/cli/telling.ts";
import { table } from "../../src/report/table.ts";
import { viewOf } from "../../src/report/viewing.ts";
import { aPlan, aRecord, aSuite, someFacts } from "../given.ts";

test("x", async () => {
  const suite = aSuite({ rows: ["openssl-evp","portable-c"].flatMap(impl => ["sha256","sha512","md5"].map(name => ({ name, impl, runs: 10, warmup: 1, limit_s: 60, instructions: name === "sha256" && impl === "openssl-evp" ? ["x86_64:sha_ni"] : [], os: ["linux"] }))) });
  const sides = ["s1.medium","s2.medium"];
  const plan = aPlan({ suites: [suite], spec: { ...aPlan().spec, cloud: "sandbox", baseline: "s1.medium", sides: sides.map(type => ({ name: type, kind: "ec2", type, image: "al2023" })) } });
  let n = 0;
  const noise = () => 1 + (((n = (n * 7919 + 13) % 1009) / 1009) - 0.5) * 0.03;
  const records = sides.flatMap(side => [1,2,3].flatMap(m => suite.rows.flatMap(row => Array.from({length: 10}, (_, r) => {
    const base = row.name === "sha256" && side === "s2.medium" && row.impl === "openssl-evp" ? 0.05 : 0.2;
    const t = base * noise();
    return aRecord({ side, machine: `${side}-${m}`, row: row.name, impl: row.impl, round: r + 1, real_s: t * 1.01, user_s: t, system_s: 0.0 });
  }))));
  const machines = sides.flatMap(side => [1,2,3].map(m => ({ name: `${side}-${m}`, facts: someFacts({ machine_env: { TIMETRIAL_SANDBOX: "1", ...(side === "s1.medium" ? { OPENSSL_ia32cap: ":~0x20000000" } : {}) }, suites: { hashes: { "features.openssl-evp": side === "s1.medium" ? "avx2" : "sha_ni,avx2" } }, os: "Debian GNU/Linux 12" }) })));
  const told = await tell({ folder: "x", plan, records, machines, absence: { state: "none", ids: [] }, sums: "3f9a".repeat(16) } as never, "s1.medium");
  console.log(table(viewOf(told), 120));
  console.log(table(viewOf(told), 80));
  console.log(JSON.stringify(told.comparison.geomeans), JSON.stringify(told.comparison.notes), JSON.stringify(told.comparison.rows[0].speedups));
});
