// SSM Run Command as a transport.
//
// The end of a command is polled when it is expected. The SDK's waiter is not used: it retries refused credentials for
// ever, and may notice an end two minutes late.

import { TimetrialError } from "../../domain/errors.ts";
import type { Address } from "../../domain/run/machine.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ExecOptions, ExecResult, Transport } from "../../ports/transport.ts";
import type { AwsAccount } from "../aws/account.ts";
import { awsError, isTransient } from "../aws/errors.ts";
import { consoleTail } from "../ec2/console.ts";
import { StateCache, instanceStates } from "../ec2/state-cache.ts";
import { CommandPolls, type PollAnswer, type SentCommand } from "./command-polls.ts";
import { Liveness, type LivenessSources } from "./liveness.ts";
import { pingStatuses } from "./ping-status.ts";
import { scriptErrors } from "./script-output.ts";
import { CommandSender } from "./send-command.ts";

const firstPoll_s = 0.15;
/** The shortest pause after it, and the longest. */
const fastestPoll_s = 0.25;
const slowestPoll_s = 5;
/** The pause between two polls of a command that is due is at least this part of what it was expected to take, or so long. */
const expectedShare = 0.02;
const leastDuePoll_s = 0.5;
/** The pause grows to this part of the time that a command is overdue, or has run where nothing was expected. */
const overdueShare = 0.2;
/** A command may be unknown just after it was sent. If it stays unknown this long, it is lost. */
const unknownFor_s = 60;
/** The longest that the service may fail to respond, beyond the SDK's own retries. */
const unansweredFor_s = 120;
/**
 * How long a result may take beyond the command's own limit. Seconds. If a command's worker is killed or its machine
 * reboots, the agent reports it 64 to 157 s later (seen with amazon-ssm-agent 3.3.0.0).
 */
const lateness_s = 180;

/**
 * An agent's silence shows in its ping status within six minutes. After this time no command reaches it, whatever its
 * ping status. Seconds.
 */
const undeliveredFor_s = 400;
/** The lower limit of it when time is scaled. */
const leastUndelivered_s = 10;

const undelivered = "undelivered";

type Target = Extract<Address, { kind: "ssm" }>;

/**
 * Returns a transport that runs scripts by SSM Run Command. `alive` returns EC2's state of an instance: it is called
 * when a command stays silent. Absent: EC2 is asked for all machines together.
 *
 * @example
 * import { openAccount, ssmTransport, systemClock } from "timetrial/adapters";
 *
 * const account = await openAccount({ region: "us-east-1" });
 * export const transport = ssmTransport(account, systemClock);
 */
export function ssmTransport(
  account: AwsAccount,
  clock: Clock,
  alive?: (instanceId: string) => Promise<string>,
): Transport {
  const polls = new CommandPolls(account, clock);
  const sender = new CommandSender(account, clock);
  const states = new StateCache(clock, account.timeScale, (ids) => instanceStates(account, ids));
  const pings = new StateCache(clock, account.timeScale, (ids) => pingStatuses(account, ids));
  const state: LivenessSources["state"] = (id) => states.of(id);
  const ping: LivenessSources["ping"] = (id) => pings.of(id);
  const looked = new Map<string, Liveness>();
  return {
    async exec(address, script, options) {
      if (address.kind !== "ssm") throw new RangeError("not a machine that SSM manages");
      if (script.includes("{{"))
        throw new RangeError("a script for SSM must not hold {{: Parameter Store would read it");
      const liveness = new Liveness(account, clock, address.instance_id, { state: alive ?? state, ping });
      const since_s = clock.monotonic_s();
      for (;;) {
        const command = await sender.send(address.instance_id, script, options, liveness);
        const reply = await outcome({ account, polls, clock, liveness }, address, command, options);
        if (reply !== undelivered) return reply;
        // The command never ran, so it can be sent again: an agent that is away for a minute is not lost yet.
        await liveness.lookAll();
        const patience_s = Math.max(leastUndelivered_s, undeliveredFor_s * account.timeScale);
        if (clock.monotonic_s() - since_s > patience_s) {
          const what = `SSM could not deliver a command to ${address.instance_id} for ${undeliveredFor_s} s`;
          throw new TimetrialError("MACHINE_LOST", `${what}${await consoleTail(account, address.instance_id)}`);
        }
      }
    },
    async look(address) {
      if (address.kind !== "ssm") return;
      const { instance_id: id } = address;
      // One per machine: it remembers that EC2 did not know the machine before.
      const liveness = looked.get(id) ?? new Liveness(account, clock, id, { state, ping });
      looked.set(id, liveness);
      await liveness.glance();
    },
    lastWords: async (address) => (address.kind === "ssm" ? await consoleTail(account, address.instance_id) : ""),
  };
}

interface PollingContext {
  readonly account: AwsAccount;
  readonly polls: CommandPolls;
  readonly clock: Clock;
  readonly liveness: Liveness;
}

async function outcome(
  { account, polls, clock, liveness }: PollingContext,
  target: Target,
  sent: SentCommand,
  { limit_s, expect_s = 0, signal }: ExecOptions,
): Promise<ExecResult | typeof undelivered> {
  const sent_s = clock.monotonic_s();
  const elapsed_s = (): number => clock.monotonic_s() - sent_s;
  const doing = `waiting for a command on ${target.instance_id}`;
  const failed = async (what: string): Promise<TimetrialError> =>
    new TimetrialError("TRANSPORT", `${what}${await consoleTail(account, target.instance_id)}`);
  let answered_s = sent_s;
  // Whose end nobody can expect is polled together with others from the beginning.
  let answer =
    expect_s > firstPoll_s ? await polls.first(sent, expect_s, signal) : await polls.again(sent, firstPoll_s, signal);
  for (;;) {
    if (answer !== "unanswered") answered_s = clock.monotonic_s();
    else if (clock.monotonic_s() - answered_s > unansweredFor_s)
      throw await failed(`${doing}: SSM did not answer for ${unansweredFor_s} s`);
    if (answer === "unknown" && elapsed_s() > unknownFor_s)
      throw await failed(`${doing}: SSM still does not know it after ${unknownFor_s} s`);
    if (typeof answer !== "string") {
      const reply = result(answer);
      if (typeof reply === "object")
        return { ...reply, stderr: isLost(reply) ? await pluginWords(account, sent) : scriptErrors(reply.stderr) };
      if (reply === undelivered) return reply;
      throw await failed(`a command on ${target.instance_id} ended as ${reply} (limit ${limit_s} s)`);
    }
    if (elapsed_s() > limit_s + lateness_s)
      throw await failed(`no answer from ${target.instance_id} within ${limit_s + lateness_s} s`);
    liveness.look();
    const overdue_s = elapsed_s() - expect_s;
    const least_s = Math.max(fastestPoll_s, Math.min(leastDuePoll_s, expect_s * expectedShare));
    const pause_s = Math.min(slowestPoll_s, Math.max(least_s, overdue_s * overdueShare));
    // A list may have told of it too early, or SSM have failed.
    answer =
      -overdue_s > pause_s ? await polls.first(sent, -overdue_s, signal) : await polls.again(sent, pause_s, signal);
  }
}

/**
 * Returns the command's output, or SSM's status word if the script did not end by itself. The exit status is 0 or 1:
 * `contained` ensures that.
 */
function result(invocation: Exclude<PollAnswer, string>): ExecResult | string {
  const status = invocation.Status ?? "";
  const code = invocation.ResponseCode ?? -1;
  if ((status === "Success" && code === 0) || (status === "Failed" && code > 0)) {
    return {
      status: status === "Success" ? 0 : 1,
      stdout: invocation.StandardOutputContent ?? "",
      stderr: invocation.StandardErrorContent ?? "",
    };
  }
  const details = invocation.StatusDetails ?? status;
  return details === "DeliveryTimedOut" ? undelivered : details;
}

/**
 * Returns whether the output of a failed command was lost: a silent script still leaves the agent's words on standard
 * error.
 */
function isLost({ status, stdout, stderr }: ExecResult): boolean {
  return status !== 0 && stdout === "" && stderr === "";
}

/** Returns the agent plugin's text for a command that failed without output. */
async function pluginWords({ ssm, sdk }: AwsAccount, { id, instance }: SentCommand): Promise<string> {
  const unexplained = "SSM lost the command's result and does not say why";
  try {
    const asked = new sdk.ListCommandInvocationsCommand({ CommandId: id, InstanceId: instance, Details: true });
    const { CommandInvocations: invocations = [] } = await ssm.send(asked);
    const words = invocations[0]?.CommandPlugins?.[0]?.Output ?? "";
    return words === "" ? unexplained : `SSM lost the command's result: ${words}`;
  } catch (error) {
    if (isTransient(error)) return unexplained;
    throw awsError(error, `asking why a command on ${instance} failed`);
  }
}
