// A port of this computer that nobody listens on.

import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * A port below those that Linux gives to connections and to servers without a port of their own: there another test could
 * get it, and a connection to it could even meet itself.
 *
 * @returns {Promise<number>} a TCP port of 127.0.0.1 that was free a moment ago
 */
export async function freePort() {
  for (;;) {
    const port = randomInt(10_000, 32_000);
    if (await isFree(port)) return port;
  }
}

/** @param {number} port */
async function isFree(port) {
  const server = createServer();
  const listens = await new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen({ host: "127.0.0.1", port }, () => resolve(true));
  });
  await new Promise((resolve) => server.close(resolve));
  return listens;
}
