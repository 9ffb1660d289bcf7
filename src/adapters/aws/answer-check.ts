// Checks that a response comes from AWS. Proxies and portals send a page of HTML with status 200. The SDK reads that as
// an EC2 response that lists no instance, and a running instance would seem to be gone.

/** A response as the SDK's HTTP handler returns it. */
export interface RawResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  body?: unknown;
}

/** The name of the error for a response that does not come from AWS. */
export const notAwsName = "NotAnAwsAnswer";

const xmlAnswer = /^\s*(<\?xml[^>]*>\s*)?<(\w*Response|Error)[\s/>]/;

/**
 * Checks `response`: reads its body and puts it back whole.
 *
 * @throws an Error named NotAnAwsAnswer, with the HTTP status in its $metadata
 */
export async function checkAnswer(response: RawResponse): Promise<void> {
  const body = await read(response.body);
  response.body = body;
  const head = body.subarray(0, 500).toString("utf8");
  // A refusal may be in the headers alone.
  if (xmlAnswer.test(head) || /^\s*\{/.test(head) || response.headers["x-amzn-errortype"] !== undefined) return;
  const type = response.headers["content-type"]?.split(";")[0] ?? "no content type";
  const found = body.length === 0 ? "an empty answer" : `an answer that is not AWS's (${type})`;
  const error = new Error(`HTTP ${response.statusCode}: ${found}`);
  error.name = notAwsName;
  throw Object.assign(error, { $metadata: { httpStatusCode: response.statusCode } });
}

async function read(body: unknown): Promise<Buffer> {
  if (body === undefined || body === null) return Buffer.alloc(0);
  if (typeof body === "string" || body instanceof Uint8Array) return Buffer.from(body as Uint8Array);
  const chunks: Uint8Array[] = [];
  for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
