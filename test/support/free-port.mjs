// A port of this computer that nobody listens on.

import { createServer } from "node:net";

/** @returns {Promise<number>} a TCP port of 127.0.0.1 that was free a moment ago */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen({ host: "127.0.0.1", port: 0 }, () => resolve(undefined)));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
