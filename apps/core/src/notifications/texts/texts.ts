/** Every word of the mails in one language. What a language leaves out, the compiler names. */
export interface MailTexts {
  readonly greeting: (name: string) => string;
  readonly footer: (shop: string) => string;
  readonly viewOrder: string;
  readonly labels: {
    readonly subtotal: string;
    readonly discount: string;
    readonly shipping: string;
    readonly tax: string;
    readonly includedTax: string;
    readonly total: string;
    readonly shippingTo: string;
    readonly carrier: string;
    readonly trackingNumber: string;
    readonly track: string;
    readonly pay: string;
    readonly validUntil: string;
    readonly refund: string;
    readonly reason: string;
    readonly linkInstead: string;
  };
  readonly orderPlaced: OrderText;
  readonly orderShipped: OrderText;
  readonly orderCancelled: OrderText;
  readonly orderPartlyCancelled: OrderText;
  readonly orderRefunded: OrderText;
  /** Store credit was given in place of the money. */
  readonly orderCredited: OrderText;
  readonly paymentRequested: OrderText;
  /** By the state that a return has reached. */
  readonly returnChanged: Readonly<Record<ReturnStateTold, OrderText>>;
  /** Something was put together for somebody, and waits to be paid; each takes the shop's name. */
  readonly offerMade: {
    readonly subject: (shop: string) => string;
    readonly heading: string;
    readonly intro: (shop: string) => string;
  };
  readonly lowStock: {
    readonly subject: (sku: string) => string;
    readonly heading: string;
    readonly intro: (sku: string, available: number, threshold: number) => string;
  };
  readonly verifyEmail: AccountText;
  readonly resetPassword: AccountText;
  /** To staff; the shop's name stands for whose dashboard it is. */
  readonly secondFactorReset: {
    readonly subject: (shop: string) => string;
    readonly heading: string;
    readonly intro: (shop: string) => string;
    readonly next: string;
    readonly ignore: string;
  };
}

export type ReturnStateTold = "requested" | "approved" | "received" | "rejected" | "refunded" | "exchanged";

/** Of a mail about one order; each takes the order's number. */
export interface OrderText {
  readonly subject: (number: string) => string;
  readonly heading: string;
  readonly intro: (number: string) => string;
}

/** Of a mail about an account. */
export interface AccountText {
  readonly subject: (shop: string) => string;
  readonly heading: string;
  readonly intro: string;
  readonly button: string;
  readonly ignore: string;
}
