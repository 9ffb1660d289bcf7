declare module "proxy-from-env" {
  /** The address of the proxy for `url` by the environment's variables; "" for none. */
  export function getProxyForUrl(url: string): string;
}
