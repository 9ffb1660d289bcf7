// The error of a refused request: a code that the real service uses, and its HTTP status.

/** A refusal. Each protocol writes it down in its own way. */
export class ServiceError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = "Failure";
    this.code = code;
    this.status = status;
  }
}
