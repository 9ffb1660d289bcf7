// Parses a fault plan, a text such as `seed=7,throttle=0.1,slow=0.05:2s`, and draws faults from it.
//
// Each kind has a random generator of its own, so that draws of one kind do not change those of another: the same seed
// gives the same draws of each kind.

import { TimetrialError } from "../../domain/errors.ts";
import { seededRandom, type Random } from "../../domain/random.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import { faultKinds, type FaultName, type FaultSyntax } from "./fault-kinds.ts";

/** The values of one fault: those that its syntax has. */
interface Setting {
  /** From 0 to 1. */
  readonly chance: number;
  readonly seconds?: number;
  readonly count?: number;
  readonly names?: readonly string[];
  readonly text?: string;
}

export type FaultPlan = ReadonlyMap<FaultName, Setting>;

/** @throws TimetrialError USAGE: where in `spec`, what was expected, what was found */
export function parseFaults(spec: string): FaultPlan {
  const plan = new Map<FaultName, Setting>();
  for (const part of spec.split(",").filter((each) => each !== "")) {
    const [, name = "", , value] = /^([^=]*)(=(.*))?$/s.exec(part) ?? [];
    if (!Object.hasOwn(faultKinds, name)) {
      throw new TimetrialError("USAGE", `--faults: expected the name of a fault, got ${quoteForMessage(name)}`, {
        hint: `there are ${Object.keys(faultKinds).join(", ")}`,
      });
    }
    const kind = name as FaultName;
    if (plan.has(kind)) throw new TimetrialError("USAGE", `--faults: ${name} is written twice`);
    plan.set(kind, settingOf(kind, value));
  }
  return plan;
}

function settingOf(name: FaultName, value: string | undefined): Setting {
  const { takes } = faultKinds[name];
  const setting = readers[takes](value);
  if (setting !== undefined) return setting;
  throw new TimetrialError(
    "USAGE",
    `--faults: ${name}: expected ${expected[takes]}, got ${quoteForMessage(value ?? "")}`,
  );
}

const expected: Readonly<Record<FaultSyntax, string>> = {
  chance: "a chance from 0 to 1",
  "chance:time": "a chance from 0 to 1 and a time, as in 0.1:2s",
  time: "a time such as 500ms, 2s or 5m",
  seconds: "whole seconds such as -3600",
  count: "a whole number from 0",
  places: "zones or types with + between them, such as us-east-1a+s1.large",
  seed: "at most 64 letters, digits and . _ -",
};

const readers: Readonly<Record<FaultSyntax, (value: string | undefined) => Setting | undefined>> = {
  chance: (value) => mapped(chanceOf(value), (chance) => ({ chance })),
  "chance:time": (value) => {
    const [chance, seconds] = [chanceOf(value?.split(":")[0]), secondsOf(value?.split(":")[1])];
    const isWhole = (value ?? "").split(":").length === 2;
    return isWhole && chance !== undefined && seconds !== undefined ? { chance, seconds } : undefined;
  },
  time: (value) => mapped(secondsOf(value), (seconds) => ({ chance: 1, seconds })),
  seconds: (value) => (/^[+-]?\d{1,9}$/.test(value ?? "") ? { chance: 1, seconds: Number(value) } : undefined),
  count: (value) => (/^\d{1,6}$/.test(value ?? "") ? { chance: 1, count: Number(value) } : undefined),
  places: (value) =>
    /^[a-z0-9.-]+(\+[a-z0-9.-]+)*$/.test(value ?? "") ? { chance: 1, names: (value ?? "").split("+") } : undefined,
  seed: (value) => (/^[A-Za-z0-9._-]{1,64}$/.test(value ?? "") ? { chance: 1, text: value ?? "" } : undefined),
};

function mapped<A, B>(value: A | undefined, make: (value: A) => B): B | undefined {
  return value === undefined ? undefined : make(value);
}

function chanceOf(text: string | undefined): number | undefined {
  if (text === undefined) return 1;
  const value = /^(\d|\d?\.\d{1,6})$/.test(text) ? Number(text) : Number.NaN;
  return value >= 0 && value <= 1 ? value : undefined;
}

function secondsOf(text: string | undefined): number | undefined {
  const [, number, unit] = /^(\d{1,6}(?:\.\d{1,3})?)(ms|s|m)$/.exec(text ?? "") ?? [];
  if (number === undefined) return undefined;
  return Number(number) * (unit === "ms" ? 0.001 : unit === "m" ? 60 : 1);
}

/** Draws faults from a plan. */
export class FaultDraws {
  readonly #plan: FaultPlan;
  readonly #draws = new Map<string, Random>();

  constructor(plan: FaultPlan = new Map()) {
    this.#plan = plan;
  }

  /** Draws once, and returns whether `name` happens. */
  happens(name: FaultName): boolean {
    const chance = this.#plan.get(name)?.chance;
    return chance !== undefined && this.#drawsOf(name)() < chance;
  }

  /** Returns a random number from 0 to below 1 for a detail of a fault: where, when, how far. */
  fraction(name: FaultName): number {
    return this.#drawsOf(`${name}/detail`)();
  }

  /** Returns the setting of `name`; undefined where the plan has none. */
  of(name: FaultName): Setting | undefined {
    return this.#plan.get(name);
  }

  #drawsOf(stream: string): Random {
    let draws = this.#draws.get(stream);
    if (draws === undefined) {
      draws = seededRandom(`${this.#plan.get("seed")?.text ?? "1"}/${stream}`);
      this.#draws.set(stream, draws);
    }
    return draws;
  }
}
