// Ten machines of one account in the sandbox, on which a script runs at once: what it costs in calls and in time.

import { expect } from "vitest";
import { type AwsAccount, openAccount } from "../../src/adapters/aws/account.ts";
import { stateOf } from "../../src/adapters/ec2/describe-instances.ts";
import { ssmTransport } from "../../src/adapters/ssm/transport.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import type { ExecOptions, Transport } from "../../src/ports/transport.ts";
import type { CallInterceptor } from "../../src/sandbox/server.ts";
import { type Rented, rent } from "./rented-machine.ts";

export const machines = 10;

export class PolledMachines implements AsyncDisposable {
  readonly ids: readonly string[];
  readonly rented: Rented;
  /** Sees each call, and may answer in the sandbox's place. */
  witness: CallInterceptor = () => undefined;
  readonly #account: AwsAccount;
  #polls: string[] = [];

  private constructor(rented: Rented, account: AwsAccount, ids: readonly string[]) {
    this.rented = rented;
    this.#account = account;
    this.ids = ids;
  }

  static async rent(): Promise<PolledMachines> {
    let witness: CallInterceptor = () => undefined;
    const rented = await rent({ timeScale: 0.05, checkWire: true, witness: (call) => witness(call) });
    const { endpoint, credentials, region } = rented.sandbox;
    const account = await openAccount({ region, endpoint, credentials, timeScale: 0.05 });
    const ids = await Promise.all(Array.from({ length: machines }, () => rented.launchOnline()));
    const polled = new PolledMachines(rented, account, ids);
    witness = (call) => polled.#see(call);
    return polled;
  }

  transport(): Transport {
    return ssmTransport(this.#account, systemClock, (id) => stateOf(this.#account, id));
  }

  /** Runs `script` on every machine at once, by the transport that `of` gives; what it cost. */
  async everywhere(script: string, of: () => Transport, options: Partial<ExecOptions> = {}) {
    this.#polls = [];
    const started_s = systemClock.monotonic_s();
    const took_s = await Promise.all(
      this.ids.map(async (instance_id, i) => {
        const address = { kind: "ssm", instance_id, region: "us-east-1" } as const;
        const { stdout } = await of().exec(address, `${script}; echo ${i}`, { limit_s: 60, ...options });
        expect(stdout).toBe(`${i}\n`);
        return systemClock.monotonic_s() - started_s;
      }),
    );
    const count = (action: string): number => this.#polls.filter((each) => each === action).length;
    const [gets, lists] = [count("GetCommandInvocation"), count("ListCommandInvocations")];
    return { calls: gets + lists, gets, lists, took_s };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.rented[Symbol.asyncDispose]();
  }

  #see(call: Parameters<CallInterceptor>[0]): ReturnType<CallInterceptor> {
    if (/^(GetCommandInvocation|ListCommandInvocations)$/.test(call.action)) this.#polls.push(call.action);
    return this.witness(call);
  }
}
