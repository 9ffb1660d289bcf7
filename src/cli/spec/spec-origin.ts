// What a command was called with, for what writes and keeps it as a spec file.

/** The spec that a command was called with, as a spec file would hold it. */
export interface SpecOrigin {
  /** Whether a spec file was named. */
  readonly isFile: boolean;
  /** Whether the command line itself gives the option of this name. */
  readonly isGiven: (option: string) => boolean;
  /** Returns the text of a file that says the same; the first line names the schema, seen from `folder`. */
  readonly text: (folder?: string) => Promise<string>;
}

/** What the command line of a command is made of. */
export interface GivenWords {
  /** The words that are no options. */
  readonly words: readonly string[];
  /** The words behind `--`. */
  readonly behindDashes?: readonly string[] | undefined;
  /** Whether the words are suites, and the side an option. */
  readonly isRun?: boolean;
}
