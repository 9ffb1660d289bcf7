import { expect, test } from "vitest";
import { scriptErrors } from "../../../src/adapters/ssm/script-output.ts";

const reason = "timetrial: no space left";

test.each([
  ["without a final line break", `${reason}failed to run commands: exit status 1`, reason],
  ["with one", `${reason}\nfailed to run commands: exit status 1`, `${reason}\n`],
  ["of a shell that was killed", `${reason}failed to run commands: signal: killed`, reason],
  ["of nothing else", "failed to run commands: exit status 1", ""],
  ["that speaks of such words itself", `failed to run commands: exit status 1\n${reason}\n`, undefined],
  ["that ends like them, but was not cut", "failed to ", undefined],
])("a script's own words %s are told from the agent's", (_, stderr, own) => {
  expect(scriptErrors(stderr)).toBe(own ?? stderr);
});

test("the agent's words go where the service cut them within, too", () => {
  const own = "x".repeat(7990);
  expect(scriptErrors(`${own}failed to `)).toBe(own);
  expect(scriptErrors("x".repeat(8000))).toBe("x".repeat(8000));
});
