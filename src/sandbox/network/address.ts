/** What a launch asks of the net. */

export interface NetworkRequest {
  readonly isPublic: boolean;
  readonly hasIpv6: boolean;
}
export interface Addresses {
  readonly ipv4: string;
  readonly ipv6?: string;
}
/** An address in hand, and its phases. */

export interface BootAddress {
  readonly addresses: Addresses;
  /** From here on the address refuses. */
  refuse(): Promise<void>;
  /** Opens its ports; answers when that was, on the clock that all processes of this computer share. Seconds. */
  open(): Promise<number>;
  end(): Promise<void>;
}
/** Seconds on the clock that all processes of this computer share. */

export function sharedClock_s(): number {
  return Number(process.hrtime.bigint()) / 1e9;
}
