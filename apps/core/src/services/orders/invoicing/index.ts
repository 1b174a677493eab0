export { createInvoicingConsumer } from "./consumers.ts";
export { invoiceFile } from "./papers.ts";
export { createInvoicingRouter } from "./router.ts";
