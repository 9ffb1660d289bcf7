import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Desk } from "../support/cli.ts";

let desk: Desk;
beforeAll(async () => {
  desk = new Desk(0.02);
  await desk.sandbox([]);
});
afterAll(() => desk.clear());

const ami = (...words: string[]) => desk.runHere(["ami", ...words, "--cloud", "sandbox"]);

test("an image's id stands alone on standard output, however its architecture is said", async () => {
  const asOption = await desk.run(["ami", "freebsd/14.3", "--arch", "arm64", "--cloud", "sandbox"]);
  const asWord = await ami("freebsd/arm64/14.3");
  expect(asOption).toEqual({ status: 0, stdout: expect.stringMatching(/^ami-[0-9a-f]{17}\n$/), stderr: "" });
  expect(asWord).toEqual(asOption);
});

test("where no architecture is said it is this machine's, and standard error says so", async () => {
  const { stdout, stderr, status } = await ami("al2023");
  expect([status, stdout]).toEqual([0, expect.stringMatching(/^ami-[0-9a-f]{17}\n$/)]);
  expect(stderr).toMatch(/for (arm64|x86_64), as this machine is/);
});

test("a system alone lists what there is, as names that ami itself takes", async () => {
  const { stdout } = await ami("freebsd/arm64/14.3");
  const listed = await ami("freebsd/arm64/base/ufs");
  expect(listed.stdout).toContain(`freebsd/arm64/base/ufs/14.3/RELEASE  ${stdout}`);
  const asJson = JSON.parse((await ami("freebsd", "--format", "json")).stdout) as { image: string; id: string }[];
  const one = asJson.find((each) => each.image === "freebsd/arm64/base/ufs/14.3/RELEASE");
  expect(one?.id).toBe(stdout.trim());
  expect((await ami(one?.image ?? "")).stdout).toBe(stdout);
});

test("an unknown image prints nothing on standard output, and names the nearest", async () => {
  const { status, stdout, stderr } = await ami("freebsd/14.9/arm64");
  expect([status, stdout]).toEqual([2, ""]);
  expect(stderr).toContain("the nearest are freebsd/arm64/base/ufs/14.3/RELEASE");
});

test.each([
  ["ubuntu", ["ubuntu/22.04/amd64", "ubuntu/22.04/arm64", "ubuntu/24.04/amd64", "ubuntu/24.04/arm64"]],
  ["debian", ["debian/12/amd64", "debian/12/arm64"]],
])("%s alone lists its releases for each architecture", async (system, names) => {
  const { stdout, status } = await ami(system);
  expect(status).toBe(0);
  expect(stdout.split("\n").flatMap((line) => line.split(" ")[0] || [])).toEqual(names);
});

test.each([
  ["ubuntu/26.04", "the nearest are ubuntu/24.04/arm64, ubuntu/22.04/arm64, ubuntu/24.04/amd64"],
  ["debian/13", "the nearest are debian/12/arm64, debian/12/amd64"],
])("of a release that is not there, %s, the nearest are named", async (image, said) => {
  const { stdout, stderr, status } = await ami(image, "--arch", "arm64");
  expect([status, stdout, stderr]).toEqual([2, "", expect.stringContaining(said)]);
});

test("a parameter names the image of a side, and of --image, in compare", async () => {
  const { stdout } = await ami("resolve:ssm:golden-image");
  const sides = ["s1.medium", "b=s1.medium@resolve:ssm:golden-image:tested", "--image", "resolve:ssm:golden-image"];
  const how = ["--cloud", "sandbox", "--machines", "1", "--rounds", "2", "--", "true"];
  expect(await desk.run(["compare", ...sides, ...how])).toMatchObject({ status: 0 });
  const [run = ""] = readdirSync(join(desk.folder, "results"));
  const ledger = readFileSync(join(desk.folder, "results", run, "ledger.ndjson"), "utf8");
  expect([...ledger.matchAll(/"image":"([^"]+)"/g)].map(([, id]) => id)).toEqual([stdout.trim(), stdout.trim()]);
});
