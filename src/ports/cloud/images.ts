// The port that finds the ids of images in the public parameters of a region.

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
   * Returns the id of `image` for `arch`, and the parameter that holds it, if one does.
   *
   * @throws TimetrialError USAGE, naming the nearest images, where no image matches; NO_CREDENTIALS, CLOUD
   */
  resolve(image: Image, arch: Architecture): Promise<{ readonly id: string; readonly parameter?: string }>;
  /** Returns all images that `image` names, sorted by name. */
  list(image: PublicImage): Promise<readonly ResolvedName[]>;
}
