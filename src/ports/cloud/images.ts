// The port that finds the ids of images: in the public parameters of a region.

import type { Architecture, Image, PublicImage } from "../../domain/plan/image.ts";

/** An image of the region: its full name in our grammar, the parameter that holds its id, and the id. */
export interface ResolvedName extends PublicImage {
  readonly arch: Architecture;
  readonly parameter: string;
  readonly id: string;
}

export interface Images {
  readonly region: string;
  /**
   * The id of `image` for `arch`, and the parameter that held it, where one did.
   *
   * @throws TimetrialError USAGE, naming the nearest ones, where there is none; NO_CREDENTIALS, CLOUD
   */
  resolve(image: Image, arch: Architecture): Promise<{ readonly id: string; readonly parameter?: string }>;
  /** All images that `image` names, sorted by name. */
  list(image: PublicImage): Promise<readonly ResolvedName[]>;
}
