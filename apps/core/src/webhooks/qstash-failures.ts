import { z } from "zod";
import { envelopeSchema, parseJson, QSTASH_FAILURE_PATH, type QstashDoorDeps, sha256, signedDoor } from "./qstash.ts";

/** The message itself in base64, and what was answered to it last in base64 beside it. */
const BODY_MAX_BYTES = 1_048_576;

const failureSchema = z.object({
  /** What was answered last; 0 when nothing was. */
  status: z.int(),
  retried: z.int().min(0),
  sourceBody: z.base64(),
});

/**
 * Puts a message that QStash has given up among the dead letters, where staff see it and may send it again: else nobody would know of
 * the mail or the invoice that was never made. A message whose tries are over is told once, and again until that is answered with 2xx.
 */
export function createQstashFailures(deps: QstashDoorDeps) {
  return signedDoor(deps, { path: QSTASH_FAILURE_PATH, bytesMax: BODY_MAX_BYTES }, (body) => take(deps, body));
}

async function take({ deadLetter, logger }: QstashDoorDeps, body: string): Promise<Response> {
  const { data: failure } = failureSchema.safeParse(parseJson(body));
  const source = failure && Buffer.from(failure.sourceBody, "base64").toString("utf8");
  const { data: delivery } = envelopeSchema.safeParse(parseJson(source ?? ""));
  if (!failure || !delivery) {
    logger.error("a failure that nobody understands", { bodyHash: sha256(body) });
    return new Response(null, { status: 489, headers: { "upstash-nonretryable-error": "true" } });
  }
  const { status, retried } = failure;
  const answered = status === 0 ? "nothing was answered" : `${status} was answered`;
  const { id: messageId, type, key } = delivery;
  try {
    await deadLetter(delivery, { error: `could not be delivered: ${answered} last`, attempts: retried + 1 });
  } catch (error) {
    logger.error("a dead letter could not be kept and will come again", { messageId, type, key, error });
    return new Response(null, { status: 500 });
  }
  logger.error("a delivery has exhausted its tries; it waits among the dead letters", { messageId, type, key, status });
  return new Response(null, { status: 204 });
}
