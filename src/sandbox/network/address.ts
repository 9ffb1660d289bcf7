// The network address that a launch asks for, and its phases from silence to an open port.

/** The address that a launch asks for. */
export interface NetworkRequest {
  readonly isPublic: boolean;
  readonly hasIpv6: boolean;
}

export interface Addresses {
  readonly ipv4: string;
  readonly ipv6?: string;
}

/** An address that is allocated, and its phases. */
export interface BootAddress {
  readonly addresses: Addresses;
  /** From here on the address refuses. */
  refuse(): Promise<void>;
  /** Opens its ports; returns when that was, on the clock that all processes of this computer share. Seconds. */
  open(): Promise<number>;
  end(): Promise<void>;
}

/** Seconds on the clock that all processes of this computer share. */
export function sharedClock_s(): number {
  return Number(process.hrtime.bigint()) / 1e9;
}
