import type { FieldError, ProblemCode } from "@stoa/kernel";

interface Amount {
  readonly amount: number;
  readonly currency: string;
}

/** What refusals say beside their code, as far as a storefront acts on it. */
interface Told {
  readonly validation_failed: { readonly errors: readonly FieldError[] };
  readonly out_of_stock: {
    readonly items: readonly { readonly sku: string; readonly requested: number; readonly available: number }[];
  };
  readonly price_changed: {
    readonly totals: Readonly<Record<"subtotal" | "discount" | "shipping" | "tax" | "total", Amount>>;
  };
  readonly payment_declined: { readonly declineCode: string; readonly orderId: string };
  readonly gift_card_not_applicable: { readonly giftCardId?: string };
}

/** The whole problem+json body of a refusal by its code, with its extension members. */
export type ProblemBody<Code extends ProblemCode> = Readonly<Record<string, unknown>> &
  (Code extends keyof Told ? Told[Code] : unknown);

export interface ApiProblemParts {
  readonly code: ProblemCode;
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds: number | null;
}

/** A refusal as the shop answered it. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  readonly code: ProblemCode;
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** When the shop would like to be asked again; null when it did not say. */
  readonly retryAfterSeconds: number | null;

  constructor({ code, status, body, retryAfterSeconds }: ApiProblemParts) {
    super(typeof body.detail === "string" ? body.detail : code);
    this.code = code;
    this.status = status;
    this.body = body;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** `if (error instanceof ApiProblem && error.is("out_of_stock")) show(error.body.items)` */
  is<Code extends ProblemCode>(
    code: Code,
  ): this is ApiProblem & { readonly code: Code; readonly body: ProblemBody<Code> } {
    return this.code === code;
  }
}

/** No answer came: nobody could be reached, or not in time. Whether the call had its effect is not known. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";

  constructor(
    readonly endpoint: string,
    cause: unknown,
  ) {
    super(`no answer to ${endpoint}`, { cause });
  }
}
