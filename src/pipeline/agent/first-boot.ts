// Waits until a machine's first boot is over. An SSM agent may reply long before that: the user-data that sets the
// machine's deadline may still be running. FreeBSD removes /firstboot at the end of its first boot, and may reboot
// after that. So a FreeBSD machine is ready when two checks in one boot find it ready.

import { TimetrialError } from "../../domain/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { AgentClient } from "./agent-client.ts";

type BootFacts = Awaited<ReturnType<AgentClient["facts"]>>;

/** The longest that a first boot may take after the machine's first reply: it may download packages. Seconds. */
const firstBootLimit_s = 900;
/**
 * The longest until the user-data begins: the service that runs it starts at about the same time as the agent. Seconds.
 */
const userDataStart_s = 90;
const poll_s = 5;
/** Longer, by far, than FreeBSD takes from the removal of /firstboot to its shutdown. Seconds. */
const settled_s = 5;

/**
 * Waits until the machine's first boot is over, and returns its facts.
 *
 * @throws TimetrialError MACHINE_LOST where it is not over in time, or a reboot broke its user-data off
 */
export async function waitForFirstBoot(
  agent: AgentClient,
  clock: Clock,
  signal: AbortSignal,
  wanted: readonly string[] = [],
): Promise<BootFacts> {
  const since_s = clock.monotonic_s();
  let readyIn: string | undefined;
  for (let pause_s = 0.2; ; pause_s = Math.min(poll_s, pause_s * 2)) {
    const facts = await agent.facts(wanted);
    const waits = waitReason(facts) ?? rebootReason(facts, readyIn);
    if (waits === undefined) return facts;
    if (waitReason(facts) === undefined) {
      readyIn = facts.boot_id;
      pause_s = settled_s;
    }
    const patience_s = patienceWith(facts);
    if (clock.monotonic_s() - since_s > patience_s) {
      const found = `${agent.machine.name} answers, but ${waits}${patience_s === 0 ? "" : ` after ${patience_s} s`}`;
      throw new TimetrialError("MACHINE_LOST", `${found}${await agent.lastWords()}`, {
        hint: "does its image run user-data? Without it nothing ends the machine at its deadline",
      });
    }
    await clock.sleep(pause_s, signal);
  }
}

/**
 * How long to wait, in seconds. User-data that a reboot broke off never runs again, except in a first boot of FreeBSD.
 */
function patienceWith({ first_boot, user_data }: BootFacts): number {
  if (first_boot === true) return firstBootLimit_s;
  return user_data === "broken" ? 0 : user_data === undefined ? userDataStart_s : firstBootLimit_s;
}

function waitReason({ first_boot, user_data }: BootFacts): string | undefined {
  if (user_data === "broken") return "its user-data was broken off, maybe by a reboot, and nobody runs it again";
  if (user_data === undefined) return "its user-data has not begun";
  if (user_data === "running") return "its user-data has not run to its end";
  return first_boot === true ? "its first boot is not over (/firstboot is there)" : undefined;
}

/** Only FreeBSD reboots after its first boot. `readyIn`: id of the boot in which an earlier check found it ready. */
function rebootReason({ uname, boot_id }: BootFacts, readyIn: string | undefined): string | undefined {
  return uname !== "FreeBSD" || boot_id === readyIn ? undefined : "it is started again and again";
}
