// Types of the package proxy-from-env, which has none.

declare module "proxy-from-env" {
  /** Returns the URL of the proxy for `url` that the environment's variables name; "" for none. */
  export function getProxyForUrl(url: string): string;
}
