// When the commands that many machines got are polled, by a clock that waits for nothing and an SSM that answers at once.

import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import type { AwsAccount } from "../../../src/adapters/aws/account.ts";
import { ssmTransport } from "../../../src/adapters/ssm/transport.ts";
import type { Clock } from "../../../src/ports/clock.ts";

/** Time passes when everyone sleeps. */
class SleptClock implements Clock {
  #now_s = 0;
  readonly #sleepers = new Set<{ readonly due_s: number; readonly wake: () => void }>();

  now = (): Date => new Date(this.#now_s * 1000);
  monotonic_s = (): number => this.#now_s;

  sleep = (duration_s: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const sleeper = { due_s: this.#now_s + duration_s, wake: resolve };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", () => {
        this.#sleepers.delete(sleeper);
        reject(signal.reason as Error);
      });
    });

  /** Lets time pass until `work` is done. */
  async passUntil(work: Promise<unknown>): Promise<void> {
    let isDone = false;
    void work.finally(() => (isDone = true));
    while (!isDone) {
      for (let i = 0; i < 20; i++) await turn();
      const [next] = [...this.#sleepers].toSorted((a, b) => a.due_s - b.due_s);
      // Commands are gathered for some real milliseconds before they are sent.
      if (next === undefined) continue;
      this.#sleepers.delete(next);
      this.#now_s = next.due_s;
      next.wake();
    }
  }
}

/** A request of the SDK's. */
class Asked {
  readonly input: Readonly<Record<string, unknown>>;
  constructor(input: Readonly<Record<string, unknown>>) {
    this.input = input;
  }
}

interface Polled {
  readonly lists: number;
  readonly gets: number;
  /** When each command's end was known. */
  readonly known_s: readonly number[];
}

/**
 * Ten machines get one of `commands` each, in turn, and each ends and is expected at its time of `ends_s` and `expects_s`.
 * `listed_s`: when the lists begin to show them.
 */
async function polled(
  ends_s: readonly number[],
  expects_s: readonly number[],
  { commands = 1, listed_s = 0 } = {},
): Promise<Polled> {
  const clock = new SleptClock();
  const calls = { lists: 0, gets: 0 };
  const isOver = (id: string): boolean => clock.monotonic_s() >= (ends_s[Number(id.slice(2))] ?? 0);
  const success = { Status: "Success", ResponseCode: 0 };
  const sdk = {
    SendCommandCommand: Asked,
    GetCommandInvocationCommand: Asked,
    paginateListCommandInvocations: async function* (_: object, { CommandId: asked }: { CommandId?: string }) {
      calls.lists += 1;
      const shown = ends_s.map((_, i) => ({
        CommandId: `c-${i % commands}`,
        InstanceId: `i-${i}`,
        Status: isOver(`i-${i}`) ? "Success" : "InProgress",
        CommandPlugins: [{ Output: "", ResponseCode: isOver(`i-${i}`) ? 0 : -1 }],
      }));
      const ofAsked = shown.filter(({ CommandId: id }) => (asked ?? id) === id);
      yield { CommandInvocations: clock.monotonic_s() < listed_s ? [] : ofAsked };
    },
  };
  const get = async ({ input }: Asked): Promise<object> => {
    calls.gets += 1;
    return isOver(input["InstanceId"] as string) ? success : { Status: "InProgress" };
  };
  const send = async ({ input }: Asked): Promise<object> => {
    const [first = ""] = input["InstanceIds"] as string[];
    return { Command: { CommandId: `c-${Number(first.slice(2)) % commands}` } };
  };
  const account = {
    sdk,
    ssm: { send: get },
    ssmOnce: { send },
    timeScale: 1,
  };
  const transport = ssmTransport(account as unknown as AwsAccount, clock, async () => "running");
  const work = Promise.all(
    ends_s.map(async (_, i) => {
      const address = { kind: "ssm", instance_id: `i-${i}`, region: "us-east-1" } as const;
      await transport.exec(address, `true ${i % commands}`, { limit_s: 60, expect_s: expects_s[i] ?? 0 });
      return clock.monotonic_s();
    }),
  );
  await clock.passUntil(work);
  return { ...calls, known_s: await work };
}

const halves = (first: number, second: number): number[] =>
  Array.from({ length: 10 }, (_, i) => (i < 5 ? first : second));

test("a command that many machines got is listed when some of them are due, and not again before others are", async () => {
  const { lists, gets, known_s } = await polled(halves(5, 15), halves(5, 15));
  expect({ lists, gets }).toEqual({ lists: 2, gets: 0 });
  expect(Math.max(...known_s.slice(0, 5))).toBeLessThan(5.5);
  expect(Math.max(...known_s)).toBeLessThan(15.5);
});

test("what a list shows ended is waited for no longer", async () => {
  const { lists, gets, known_s } = await polled(halves(5, 5), halves(5, 15));
  expect({ lists, gets }).toEqual({ lists: 1, gets: 0 });
  expect(Math.max(...known_s)).toBeLessThan(5.5);
});

test("a machine that is due alone has a call of its own", async () => {
  const ends_s = [5, ...Array.from({ length: 9 }, () => 15)];
  const { lists, gets } = await polled(ends_s, ends_s);
  expect({ lists, gets }).toEqual({ lists: 1, gets: 1 });
});

test("ends that nobody can expect are known within a fifth of the time, for few calls", async () => {
  const ends_s = Array.from({ length: 10 }, () => 8);
  const { lists, gets, known_s } = await polled(ends_s, []);
  expect(Math.max(...known_s)).toBeLessThanOrEqual(9.6);
  expect(lists + gets).toBeLessThan(30);
});

test("commands that differ and are due together need one list, and no call for what it tells whole", async () => {
  const { lists, gets } = await polled(halves(5, 5), halves(5, 5), { commands: 5 });
  expect({ lists, gets }).toEqual({ lists: 1, gets: 0 });
});

test("machines that a list does not show yet are not asked for one by one", async () => {
  const { gets, known_s } = await polled(halves(0, 0), [], { listed_s: 0.3 });
  expect(gets).toBe(0);
  expect(Math.max(...known_s)).toBeLessThan(1);
});

test("what lists do not show for long is known all the same, by calls of their own", async () => {
  const { gets, known_s } = await polled(halves(0, 0), [], { listed_s: 60 });
  expect(gets).toBe(10);
  expect(Math.max(...known_s)).toBeLessThan(5);
});
