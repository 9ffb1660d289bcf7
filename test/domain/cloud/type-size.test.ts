// vCPUs by the names of instance types.

import { expect, test } from "vitest";
import { vcpusByName } from "../../../src/domain/cloud/type-size.ts";

// AWS's pages of the types: c6g, c7g, m5zn, c5n, c7i-flex, m8g.
test.each([
  ["c6g.8xlarge", 32],
  ["c7g.8xlarge", 32],
  ["c7g.medium", 1],
  ["c7i-flex.large", 2],
  ["m5zn.3xlarge", 12],
  ["c5n.18xlarge", 72],
  ["m8g.48xlarge", 192],
  ["r7a.xlarge", 4],
])("%s has %i", (type, vcpus) => {
  expect(vcpusByName(type)).toBe(vcpus);
});

// c4.8xlarge has 36, a t has other rules, and the size of metal is the family's own.
test.each(["c4.8xlarge", "t4g.medium", "c7g.metal", "c7i.metal-24xl", "s1.medium", "c6g.0xlarge", "c6g.constructor"])(
  "of %s nothing is claimed",
  (type) => {
    expect(vcpusByName(type)).toBeUndefined();
  },
);
