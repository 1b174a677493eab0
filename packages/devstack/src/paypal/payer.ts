/** The one buyer of the sandbox. */
export const PAYER = { payer_id: "QYR5Z8XDVJNXQ", email_address: "buyer@example.com" };
