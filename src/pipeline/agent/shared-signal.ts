// Signals that the calls to all machines of a run wait on.

import { setMaxListeners } from "node:events";

/**
 * Returns `signal`, on which any number of calls may wait. Node takes more than ten listeners for a leak, and warns on the
 * user's screen: here each machine has some, and removes them when its call ends.
 */
export function sharedSignal(signal: AbortSignal): AbortSignal {
  setMaxListeners(0, signal);
  return signal;
}
