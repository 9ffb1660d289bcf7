// Says what a run does where nothing else was said for ten seconds: a run that is silent for long looks as if it hung.

import type { BootEvent } from "../../domain/boot/boot.ts";
import { againText } from "./progress-lines.ts";

/** The longest silence. Milliseconds. */
const silence_ms = 10_000;

/** What a boot waits for after an instant of it. Its agent may be online before its port is open. */
const afterInstant: Readonly<Record<string, string>> = {
  called: "waiting until it runs",
  running: "waiting until its kernel answers",
  closed: "waiting until its port opens",
  open: "its port is open",
};

/** Follows the events of a run or of boots, and says every ten seconds what goes on, unless a line was printed meanwhile. */
export class Silence implements Disposable {
  readonly #say: (text: string) => void;
  readonly #now: () => number;
  readonly #setTimer: typeof unrefTimer;
  /** What each machine does, and since when; the run itself has the name "". */
  readonly #doing = new Map<string, { readonly text: string; readonly since: number }>();
  #timer: { clear(): void } | undefined;
  #isOver = false;

  /** `say` gets what is said; `now` is in milliseconds: of the process, since performance takes a millisecond to load. */
  constructor(say: (text: string) => void, now = (): number => process.uptime() * 1000, setTimer = unrefTimer) {
    this.#say = say;
    this.#now = now;
    this.#setTimer = setTimer;
    this.#set("", "checking and planning");
    this.spoken();
  }

  /** Takes note of `event`. Says nothing now. */
  observe(event: BootEvent): void {
    switch (event.what) {
      case "boot-launching":
        this.#doing.delete("");
        return this.#set(boot(event), "launching");
      case "boot-instant": {
        const waits = afterInstant[event.instant];
        return waits === undefined ? undefined : this.#set(boot(event), waits);
      }
      case "boot-record":
        this.#doing.delete(boot(event.record));
        return;
      case "planned":
        return this.#set("", "reaching the machines");
      case "launching":
        return this.#set("", "waiting until the machines have booted");
      case "machine-ready":
        this.#doing.delete("");
        return this.#set(event.machine.name, "making ready");
      case "doing":
        this.#doing.delete("");
        return this.#set(event.machine, event.text);
      case "machine-setup":
        this.#doing.delete("");
        return this.#set(event.machine.name, "set up, waits for its turn");
      case "round":
        return this.#set(
          event.machine,
          `${event.suite}, ${event.again === undefined ? `round ${event.round} of ${event.of}` : againText(event.again)}`,
        );
      case "step-progress":
        return this.#set(event.machine, `${event.step}: ${event.text}`);
      case "gone":
        for (const machine of event.machines) this.#doing.delete(machine);
        return;
      case "releasing":
        this.#doing.clear();
        return this.#set("", "ending the machines, and asking twice, half a minute apart, whether any is left");
      case "released":
        return this[Symbol.dispose]();
      default:
        return;
    }
  }

  /** A line was printed: the silence begins anew. */
  spoken(): void {
    this.#timer?.clear();
    if (!this.#isOver) this.#timer = this.#setTimer(() => this.#speak(), silence_ms);
  }

  /** Ends it: nothing is said any more. */
  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#timer?.clear();
  }

  #set(machine: string, text: string): void {
    if (this.#doing.get(machine)?.text !== text) this.#doing.set(machine, { text, since: this.#now() });
  }

  #speak(): void {
    const groups = new Map<string, { readonly machines: string[]; readonly since: number }>();
    for (const [machine, { text, since }] of this.#doing) {
      const { machines = [], since: before = since } = groups.get(text) ?? {};
      groups.set(text, { machines: [...machines, machine], since: Math.min(before, since) });
    }
    const lines = [...groups].map(([text, { machines, since }]) => {
      const seconds = Math.round((this.#now() - since) / 1000);
      return `${whose(machines)}${text} (${seconds} s so far)`;
    });
    if (lines.length > 0) this.#say(lines.join("; "));
    this.spoken();
  }
}

function boot({ side, number }: { readonly side: string; readonly number: number }): string {
  return `${side}, boot ${number}`;
}

function whose(machines: readonly string[]): string {
  if (machines[0] === "") return "";
  return `${machines.length > 2 ? `${machines[0]} and ${machines.length - 1} more` : machines.join(", ")}: `;
}

function unrefTimer(call: () => void, ms: number): { clear(): void } {
  const timer = setTimeout(call, ms).unref();
  return { clear: () => clearTimeout(timer) };
}
