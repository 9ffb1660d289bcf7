// What a plan's failing look-ups say about planning without an account.

import { expect, test } from "vitest";
import { type ErrorCode, TimetrialError } from "../../../src/domain/errors.ts";
import { offlineAdvice, orOffline } from "../../../src/cli/options/or-offline.ts";

const failing = (code: ErrorCode, hint?: string) => async (): Promise<never> => {
  throw new TimetrialError(code, "looking", hint === undefined ? {} : { hint });
};

test.each(["REGION_UNKNOWN", "NO_CREDENTIALS", "CLOUD", "TRANSPORT"] as const)(
  "a plan's look-up that fails with %s keeps its hint, and names --offline below it",
  async (code) => {
    await expect(orOffline(true, offlineAdvice, failing(code, "do this"))).rejects.toMatchObject({
      code,
      message: "looking",
      hint: `do this\n  ${offlineAdvice}`,
    });
    await expect(orOffline(true, offlineAdvice, failing(code))).rejects.toMatchObject({ hint: offlineAdvice });
    expect(offlineAdvice).toContain("--offline");
  },
);

test("a run's failure, and what the account says about a plan, name no way around them", async () => {
  await expect(orOffline(false, offlineAdvice, failing("CLOUD", "do this"))).rejects.toMatchObject({ hint: "do this" });
  for (const code of ["TYPE_UNKNOWN", "OVER_QUOTA", "REFUSED", "USAGE"] as const)
    await expect(orOffline(true, offlineAdvice, failing(code, "do this"))).rejects.toMatchObject({ hint: "do this" });
});
