// Vitest's default reporter, with one line for each file that ends: how far the run is, and what it still waits for.
//
// While no file ends, it names the tests that run every quarter of a minute, so that a test that hangs has a name.

import { relative } from "node:path";
import { DefaultReporter } from "vitest/node";

/** How long nothing is printed at most while tests run. Milliseconds. */
const silence_ms = 15_000;

export default class ProgressReporter extends DefaultReporter {
  #total = 0;
  #ended = 0;
  /** By file: when it started and which of its tests run now. */
  #running = new Map();
  #timer;

  constructor() {
    super({ summary: false });
  }

  onTestRunStart(specifications) {
    super.onTestRunStart(specifications);
    this.#total = specifications.length;
    this.#rearm();
  }

  onTestModuleQueued(module) {
    this.#running.set(this.#name(module), { since_ms: Date.now(), tests: new Map() });
  }

  onTestCaseReady(test) {
    this.#running.get(this.#name(test.module))?.tests.set(test.id, { name: test.fullName, since_ms: Date.now() });
  }

  onTestCaseResult(test) {
    super.onTestCaseResult(test);
    this.#running.get(this.#name(test.module))?.tests.delete(test.id);
  }

  onTestModuleEnd(module) {
    const name = this.#name(module);
    const took_s = (Date.now() - (this.#running.get(name)?.since_ms ?? Date.now())) / 1000;
    this.#running.delete(name);
    this.#ended += 1;
    const tests = [...module.children.allTests()];
    const count = (state) => tests.filter((test) => test.result().state === state).length;
    const counts = ["passed", "failed", "skipped"].flatMap((state) => {
      const found = count(state);
      return found === 0 ? [] : [`${found} ${state}`];
    });
    const said = counts.length === 0 ? module.state() : counts.join(", ");
    this.log(`[${this.#ended}/${this.#total}] ${name}: ${said}, ${took_s.toFixed(1)} s${this.#waiting()}`);
    for (const test of tests.filter((each) => each.result().state === "failed")) this.log(`  failed: ${test.fullName}`);
    this.#rearm();
  }

  onTestRunEnd(...given) {
    clearTimeout(this.#timer);
    super.onTestRunEnd(...given);
  }

  #name(module) {
    return relative(this.ctx.config.root, module.moduleId);
  }

  #waiting() {
    const files = [...this.#running.keys()];
    return files.length === 0 ? "" : `; running: ${files.join(", ")}`;
  }

  /** Names what runs once nothing was printed for a while. */
  #rearm() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      for (const [file, { since_ms, tests }] of this.#running) {
        const [test] = tests.values();
        const [what, from_ms] = test === undefined ? [file, since_ms] : [`${file}: ${test.name}`, test.since_ms];
        this.log(`  still running: ${what} (${Math.round((Date.now() - from_ms) / 1000)} s)`);
      }
      this.#rearm();
    }, silence_ms).unref();
  }
}
