// A real browser without a window, led over a pipe (the DevTools protocol): with scripts or without, light or dark, of
// any width, on paper. It starts with an empty profile and asks nothing of any network.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { pathToFileURL } from "node:url";
import { removeFolder } from "./remove-folder.mjs";

export const hasChromium: boolean = spawnSync("chromium", ["--version"]).status === 0;

export interface Look {
  readonly width: number;
  readonly height?: number;
  readonly scripts?: boolean;
  readonly scheme?: "light" | "dark";
  /** Of paper, where that is what the page is for. */
  readonly media?: "screen" | "print";
  /** What the file's name ends in. */
  readonly kind?: "html" | "svg";
}

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

export class Browser implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "tt-browser-"));
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #complaints: string[] = [];
  #loaded: (() => void) | undefined;
  #session: string | undefined;
  #count = 0;

  constructor() {
    const words =
      "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update --disable-sync --disable-dev-shm-usage --hide-scrollbars --remote-debugging-pipe".split(
        " ",
      );
    this.#child = spawn("chromium", [...words, `--user-data-dir=${this.#folder}`, "about:blank"], {
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
      detached: true,
    });
    let rest = "";
    (this.#child.stdio[4] as Readable).on("data", (bytes: Buffer) => {
      const messages = (rest + bytes.toString()).split("\0");
      rest = messages.pop() as string;
      for (const message of messages) this.#hear(JSON.parse(message) as Answer);
    });
  }

  /** What the browser complained of since the last page was opened: scripts or styles refused, errors. */
  get complaints(): readonly string[] {
    return this.#complaints;
  }

  /** Opens `page` from a file, as a reader would; answers once it is loaded. */
  async open(page: string, look: Look): Promise<void> {
    const { width, height = 900, scripts = true, scheme = "light", media = "screen", kind = "html" } = look;
    const file = join(this.#folder, `page.${kind}`);
    writeFileSync(file, page);
    this.#session ??= await this.#attach();
    await this.#ask("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
    await this.#ask("Emulation.setScriptExecutionDisabled", { value: !scripts });
    await this.#ask("Emulation.setEmulatedMedia", {
      media,
      features: [{ name: "prefers-color-scheme", value: scheme }],
    });
    this.#complaints.length = 0;
    const loaded = new Promise<void>((resolve) => (this.#loaded = resolve));
    await this.#ask("Page.navigate", { url: pathToFileURL(file).href });
    await loaded;
  }

  /** The value of `expression` in the page. */
  async value<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.#ask("Runtime.evaluate", { expression, returnByValue: true });
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { value: T }).value;
  }

  /** The whole page as PNG. */
  async picture(): Promise<Buffer> {
    const { data } = await this.#ask("Page.captureScreenshot", { format: "png", captureBeyondViewport: true });
    return Buffer.from(data as string, "base64");
  }

  /** The page on paper, as PDF. */
  async print(): Promise<Buffer> {
    const { data } = await this.#ask("Page.printToPDF", { printBackground: false });
    return Buffer.from(data as string, "base64");
  }

  /** Moves the mouse to the middle of what `selector` finds first, and clicks there if asked to. */
  async point(selector: string, { click = false } = {}): Promise<void> {
    const at = await this.value<{ x: number; y: number }>(
      `(() => { const one = document.querySelector(${JSON.stringify(selector)}); one.scrollIntoView({ block: "center" });
        const box = one.getBoundingClientRect(); return { x: box.x + box.width / 2, y: box.y + box.height / 2 }; })()`,
    );
    const types = click ? ["mouseMoved", "mousePressed", "mouseReleased"] : ["mouseMoved"];
    for (const type of types)
      await this.#ask("Input.dispatchMouseEvent", { type, ...at, button: click ? "left" : "none", clickCount: 1 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#child.on("close", resolve));
    try {
      // Its own process group: the browser and its renderers, and nobody else's.
      if (this.#child.pid !== undefined) process.kill(-this.#child.pid, "SIGKILL");
    } catch {
      // gone already
    }
    if (this.#child.exitCode === null && this.#child.signalCode === null) await ended;
    removeFolder(this.#folder);
  }

  async #attach(): Promise<string> {
    const { targetInfos } = (await this.#ask("Target.getTargets", {})) as {
      targetInfos: { targetId: string; type: string }[];
    };
    const page = targetInfos.find(({ type }) => type === "page");
    const { targetId } =
      page ?? ((await this.#ask("Target.createTarget", { url: "about:blank" })) as { targetId: string });
    const { sessionId } = await this.#ask("Target.attachToTarget", { targetId, flatten: true });
    this.#session = sessionId as string;
    for (const domain of ["Page", "Log", "Runtime"]) await this.#ask(`${domain}.enable`, {});
    return this.#session;
  }

  async #ask(method: string, params: object): Promise<Readonly<Record<string, unknown>>> {
    const id = ++this.#count;
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    const message = { id, method, params, ...(this.#session === undefined ? {} : { sessionId: this.#session }) };
    (this.#child.stdio[3] as Writable).write(`${JSON.stringify(message)}\0`);
    const { result, error } = await answered;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }

  #hear(answer: Answer): void {
    if (answer.id !== undefined) {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    } else if (answer.method === "Page.loadEventFired") this.#loaded?.();
    else if (answer.method === "Log.entryAdded" || answer.method === "Runtime.exceptionThrown")
      this.#complaints.push(JSON.stringify(answer.params));
  }
}
