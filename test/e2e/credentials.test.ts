// Credentials that expire while a run goes on, as those of a role do: the SDK's chain is asked again, by the run itself.

import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Desk } from "../support/cli.ts";
import { statusWithoutOthers } from "../support/run-status.ts";

let desk: Desk;
beforeAll(async () => {
  desk = new Desk(0.02);
  await desk.sandbox(["--idle-s", "10000"]);
});
afterAll(() => desk.clear());

/** The SDK takes credentials for spent five minutes before they are: these are good for three seconds. */
const good_s = 300 + 3;

/** An AWS configuration whose credentials come from a program; it notes each time that it is asked. */
function configuration(): string {
  const { access_key_id: id = "", secret_access_key: secret = "" } = desk.address() ?? {};
  const program = join(desk.folder, "credentials.sh");
  const script = `#!/bin/sh
now=$(date +%s)
echo "\${now}" >>'${join(desk.folder, "asked")}'
until=$(date -u -d "@$((now + ${good_s}))" +%Y-%m-%dT%H:%M:%SZ)
echo '{"Version":1,"AccessKeyId":"${id}","SecretAccessKey":"${secret}","Expiration":"'"\${until}"'"}'
`;
  writeFileSync(program, script);
  chmodSync(program, 0o700);
  const file = join(desk.folder, "config");
  writeFileSync(file, `[default]\ncredential_process = ${program}\n`);
  return file;
}

test("credentials that expire in the middle of a run are asked for again, and the run goes on to its end", async () => {
  const began_s = Math.floor(Date.now() / 1000);
  const endpoint = [
    "--endpoint",
    desk.address()?.endpoint ?? "",
    "--region",
    "us-east-1",
    "--instance-profile",
    "machine",
  ];
  const words = ["run", "--on", "s1.medium", "--machines", "1", "--rounds", "2", ...endpoint];
  const ended = await desk.run([...words, "--", "sleep", "5"], { AWS_CONFIG_FILE: configuration() });
  expect([statusWithoutOthers(ended, 0), ended.stderr]).toEqual([0, expect.not.stringContaining("credentials")]);
  expect(ended.stdout).toContain("0 instances left running");
  // Each of the clients asks when it begins; what was asked later is for credentials that had been spent.
  const asked = readFileSync(join(desk.folder, "asked"), "utf8").trim().split("\n").map(Number);
  const again = new Set(asked.filter((at_s) => at_s > began_s + 10));
  expect(again.size).toBeGreaterThanOrEqual(2);
});

test("credentials that end before the machines do, and that nobody renews, are told by plan and by doctor", async () => {
  const { access_key_id: id = "", secret_access_key: secret = "", endpoint = "" } = desk.address() ?? {};
  const until = new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+/, "");
  const env = { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_CREDENTIAL_EXPIRATION: until };
  const where = ["--endpoint", endpoint, "--region", "us-east-1"];
  const planned = await desk.runHere(["plan", "s1.medium", "s2.medium", ...where], env);
  expect(planned.status, planned.stderr).toBe(0);
  expect(planned.stdout.replaceAll(/\s+/g, " ")).toContain(
    `the credentials expire at ${until.replace("Z", ".000Z")}, before the machines' deadline, and are not renewed`,
  );
  const examined = await desk.runHere(["doctor", ...where], env);
  expect(examined.stdout).toMatch(/^ok +credentials +found, until \S+Z, which nobody renews$/m);
});

test("without any credentials a plan asks nobody, says so, and still has time and cost; --offline does it with them", async () => {
  const here = { AWS_EC2_METADATA_DISABLED: "true", AWS_CONFIG_FILE: "none", AWS_SHARED_CREDENTIALS_FILE: "none" };
  const asked = ["plan", "c6g.8xlarge", "c7g.8xlarge", "--region", "us-east-1", "--suite", "hashes/md5/openssl-evp"];
  const prices = ["--price", "c6g.8xlarge=1", "--price", "c7g.8xlarge=1"];
  const keys = { AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE", AWS_SECRET_ACCESS_KEY: "none" };
  for (const [words, env, why] of [
    [[], here, "no AWS credentials were found"],
    [["--offline"], { ...here, ...keys }, "--offline"],
  ] as const) {
    const planned = await desk.run([...asked, ...prices, ...words], env);
    expect([planned.status, planned.stderr]).toEqual([0, ""]);
    const text = planned.stdout.replaceAll(/\s+/g, " ");
    expect(text).toContain(`${why}: nothing was asked, so types, images, zones and quotas are not checked`);
    expect(text).toContain("vCPUs by the types' names: c6g.8xlarge 32, c7g.8xlarge 32");
    // Two machine-minutes of boot on each of six machines, and 14 s of work.
    expect(text).toContain("cost about $0.22;");
  }
  // No region: an error, which says how it is done without one.
  const placeless = await desk.runHere(["plan", "c7g.large", "--suite", "hashes/md5/openssl-evp"], {
    ...here,
    ...keys,
  });
  expect([placeless.status, placeless.stderr]).toEqual([
    2,
    expect.stringMatching(/no region is named.*\n.*\n.*--offline/),
  ]);
  // A profile that was named is looked for.
  const named = await desk.runHere([...asked, ...prices], { ...here, AWS_PROFILE: "gone" });
  expect([named.status, named.stderr]).toEqual([4, expect.stringContaining("no AWS credentials were found")]);
});
