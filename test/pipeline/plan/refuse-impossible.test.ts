import { describe, expect, test } from "vitest";
import { parseSides } from "../../../src/domain/plan/side.ts";
import type { Plan } from "../../../src/domain/plan/plan.ts";
import { refuseImpossiblePlan, refuseOutlivingMachines } from "../../../src/pipeline/plan/refuse-impossible.ts";
import type { PreparedPlan } from "../../../src/pipeline/plan/make-plan.ts";
import { aPlan } from "../../support/given.ts";

const planned = (sides: readonly string[], os: readonly string[], change: Partial<Plan["spec"]> = {}): Plan => {
  const plan = aPlan();
  const suites = plan.suites.map((suite) => ({
    ...suite,
    rows: suite.rows.flatMap((row) => os.map((one) => ({ ...row, name: `${row.name}-${one}`, os: [one] }))),
  }));
  const parsed = parseSides([...sides]);
  return {
    ...plan,
    suites,
    spec: { ...plan.spec, sides: parsed, baseline: parsed[0]?.name ?? "", cloud: "aws", ...change },
  };
};
const refused = (plan: Plan, here = "linux") => {
  try {
    refuseImpossiblePlan(plan, here);
    return undefined;
  } catch (error) {
    return error;
  }
};

describe("a run that cannot have a result is refused", () => {
  test("where no image runs the suite, with an image that does", () => {
    expect(refused(planned(["c6g.large", "c7g.large@debian/12"], ["freebsd"]))).toMatchObject({
      code: "REFUSED",
      exitStatus: 4,
      hint: expect.stringContaining("c6g.large@freebsd/14.3"),
    });
    expect(refused(planned(["local"], ["freebsd"]))).toMatchObject({ code: "REFUSED" });
  });

  test("where two sides have no row in common", () => {
    expect(refused(planned(["c6g.large@freebsd/14.3", "c7g.large"], ["freebsd", "linux"]))).toMatchObject({
      message: expect.stringContaining("no row in common"),
    });
  });

  test("but not where only the machine can tell its system, nor for published figures", () => {
    expect(refused(planned(["ssh:a", "i-0123456789abcdef0"], ["freebsd"]))).toBeUndefined();
    expect(refused(planned(["c7g.large@ami-0123456789abcdef0", "c6g.large"], ["freebsd", "linux"]))).toBeUndefined();
    expect(refused(planned(["c6g.large@freebsd/14.3", "published:c6g.8xlarge"], ["freebsd"]))).toBeUndefined();
  });

  test("where the machines end before the work does, with the hours that it takes", () => {
    const plan = planned(["c6g.large", "c7g.large"], ["linux"], { max_hours: 2 });
    const [suite] = plan.suites;
    const estimates = new Map([[suite?.name ?? "", { cpu_s: 20_000, cores: 1, amounts: [] }]]);
    const refuse = (change: Partial<Plan["spec"]>) => () =>
      refuseOutlivingMachines(
        { plan: { ...plan, spec: { ...plan.spec, ...change } }, estimates } as unknown as PreparedPlan,
        undefined,
      );
    expect(refuse({})).toThrow(/takes about [\d.]+ h, and its machines end themselves 2 h after their launch/);
    expect(refuse({ max_hours: 700 })).not.toThrow();
    expect(refuse({ until: { percent: 1, of: "rows" } })).not.toThrow();
    expect(refuse({ sides: parseSides(["local"]) })).not.toThrow();
  });
});
