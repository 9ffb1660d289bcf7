import { afterAll, beforeAll, expect, test } from "vitest";
import { Desk } from "./cli.ts";

let desk: Desk;
beforeAll(async () => {
  desk = new Desk(0.02);
  await desk.sandbox([]);
});
afterAll(() => desk.clear());

const ami = (...words: string[]) => desk.run(["ami", ...words, "--cloud", "sandbox"]);

test("an image's id stands alone on standard output, however its architecture is said", async () => {
  const [asOption, asWord] = [await ami("freebsd/14.3", "--arch", "arm64"), await ami("freebsd/arm64/14.3")];
  expect(asOption).toEqual({ status: 0, stdout: expect.stringMatching(/^ami-[0-9a-f]{17}\n$/), stderr: "" });
  expect(asWord).toEqual(asOption);
});

test("where no architecture is said it is this machine's, and standard error says so", async () => {
  const { stdout, stderr, status } = await ami("al2023");
  expect([status, stdout]).toEqual([0, expect.stringMatching(/^ami-[0-9a-f]{17}\n$/)]);
  expect(stderr).toMatch(/for (arm64|x86_64), which this machine is/);
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
