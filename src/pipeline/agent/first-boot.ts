// From answering to ready. An SSM agent may answer long before a first boot is over: the user-data that arms the machine's
// deadline may still be running, and FreeBSD removes /firstboot as the last thing that its first boot does: or as the last
// but one, where it is to be started again. So it is ready there when two looks find it so in one boot.

import { TimetrialError } from "../../domain/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { AgentClient } from "./agent-client.ts";

type BootFacts = Awaited<ReturnType<AgentClient["facts"]>>;

/** The longest that a first boot may take once the machine answers: packages may have to be fetched. Seconds. */
const within_s = 900;
/** The longest until its user-data begins: what starts it comes up about when the agent does. Seconds. */
const begins_s = 90;
const poll_s = 5;
/** Between FreeBSD's removing /firstboot and its going down, at most, by far. Seconds. */
const settled_s = 5;

/**
 * What the agent finds once the machine's first boot is over.
 *
 * @throws TimetrialError MACHINE_LOST where it is not over in time, or the machine was booted anew meanwhile and again
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
    const waits = waitsFor(facts) ?? settles(facts, readyIn);
    if (waits === undefined) return facts;
    if (waitsFor(facts) === undefined) {
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

/** A reboot breaks user-data off for good, but for FreeBSD's first boot, which is done again. */
function patienceWith({ first_boot, user_data }: BootFacts): number {
  if (first_boot === true) return within_s;
  return user_data === "broken" ? 0 : user_data === undefined ? begins_s : within_s;
}

function waitsFor({ first_boot, user_data }: BootFacts): string | undefined {
  if (user_data === "broken") return "its user-data was broken off, maybe by a reboot, and nobody runs it again";
  if (user_data === undefined) return "its user-data has not begun";
  if (user_data === "running") return "its user-data has not run to its end";
  return first_boot === true ? "its first boot is not over (/firstboot is there)" : undefined;
}

/** FreeBSD alone starts itself again once its first boot is over. `readyIn`: the boot in which it was ready before. */
function settles({ uname, boot_id }: BootFacts, readyIn: string | undefined): string | undefined {
  return uname !== "FreeBSD" || boot_id === readyIn ? undefined : "it is started again and again";
}
