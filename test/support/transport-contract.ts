// What every transport keeps to: one body of tests, run against each.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Address } from "../../src/domain/run/machine.ts";
import { archive } from "../../src/pipeline/archive/archive.ts";
import { presenceScript, uploadScripts } from "../../src/pipeline/agent/agent-scripts.ts";
import type { ExecOptions, Transport } from "../../src/ports/transport.ts";

export interface Reached {
  readonly transport: Transport;
  readonly address: Address;
}

const library = readFileSync(join(dirname(fileURLToPath(import.meta.url)), "../../remote/put.sh"), "utf8");
const options: ExecOptions = { limit_s: 30 };

export function transportContract(name: string, reach: () => Reached): void {
  const exec = (script: string, more: Partial<ExecOptions> = {}) =>
    reach().transport.exec(reach().address, script, { ...options, ...more });

  describe(`${name}, as a transport`, () => {
    test("hands over what a script prints and complains of", async () => {
      expect(await exec("echo out; echo err >&2")).toEqual({ status: 0, stdout: "out\n", stderr: "err\n" });
    });

    test("says that a script failed, and what it printed till then", async () => {
      expect(await exec("echo out; exit 7")).toMatchObject({ status: 1, stdout: "out\n" });
    });

    test("carries quotes, dollars, backslashes and other scripts' letters unchanged", async () => {
      const text = "'\"$(id)`id`\\n{ } é 日本 \u0007";
      expect(await exec(`cat <<'TT_EOF'\n${text}\nTT_EOF`)).toMatchObject({ stdout: `${text}\n` });
    });

    test("keeps the head of a long output, at most 24,000 bytes", async () => {
      const { stdout, status } = await exec("i=0; while [ $i -lt 5000 ]; do echo 123456789; i=$((i+1)); done");
      expect(status).toBe(0);
      expect(Buffer.byteLength(stdout)).toBeLessThanOrEqual(24_000);
      expect(stdout.slice(0, 20_000)).toBe("123456789\n".repeat(2000));
    });

    test("ends a script that outlasts its limit, and says so", async () => {
      await expect(exec("sleep 60", { limit_s: 5 })).rejects.toMatchObject({ code: "TRANSPORT" });
    });

    test("lets go of a script when it is told to", async () => {
      const controller = new AbortController();
      const waiting = exec("sleep 20", { signal: controller.signal });
      setTimeout(() => controller.abort(new Error("enough")), 300);
      await expect(waiting).rejects.toThrow("enough");
    });

    test("runs a script in no terminal, with an empty standard input", async () => {
      expect(await exec("[ -t 0 ] || cat")).toMatchObject({ status: 0, stdout: "" });
    });

    test("carries an archive of many parts to where it is unpacked, once and again", async () => {
      const noise = Array.from({ length: 3000 }, (_, i) => createHash("sha256").update(String(i)).digest());
      const packed = archive([{ path: "noise.bin", mode: 0o644, bytes: Buffer.concat(noise) }]);
      const scripts = uploadScripts(library, packed.bytes, packed.digest);
      expect(scripts.length).toBeGreaterThan(2);
      expect((await exec(presenceScript(library, [packed.digest]))).stdout).toContain(`want ${packed.digest}`);
      for (const script of [...scripts, ...scripts]) expect(await exec(script)).toMatchObject({ status: 0 });
      expect((await exec(presenceScript(library, [packed.digest]))).stdout).toContain(`have ${packed.digest}`);
    });

    test("refuses an archive of which one character was changed on the way", async () => {
      const packed = archive([{ path: "a", mode: 0o644, bytes: Buffer.from(`${name} ${Date.now()}`) }]);
      const [script = ""] = uploadScripts(library, packed.bytes, packed.digest);
      const changed = script.replace(
        /(<<'TT_EOF'\n.{20})(.)/s,
        (_, before: string, char: string) => before + (char === "A" ? "B" : "A"),
      );
      expect(await exec(changed)).toMatchObject({ status: 1 });
      expect((await exec(presenceScript(library, [packed.digest]))).stdout).toContain(`want ${packed.digest}`);
    });
  });
}
