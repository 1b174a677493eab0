import { z } from "zod";
import { noSuch, refused } from "./errors.ts";
import { announce } from "./events.ts";
import { listPage } from "./lists.ts";
import type { ApiList, Customer, DeletedCustomer, PaymentMethod } from "./objects.ts";
import { anything, applyMetadata, expand, listParameters, metadata, text } from "./parameters.ts";
import { resolveMethod } from "./payment-methods.ts";
import { newId, seconds, type Turn } from "./turn.ts";

const customerFields = {
  address: anything.optional(),
  description: text.optional(),
  email: z.string().max(512).optional(),
  metadata,
  name: z.string().max(256).optional(),
  phone: z.string().max(20).optional(),
  shipping: anything.optional(),
  expand,
};

export const customerSchema = z.strictObject(customerFields);
export const attachSchema = z.strictObject({ customer: text, expand });
export const methodListSchema = z.strictObject({
  ...listParameters,
  customer: text.optional(),
  type: text.optional(),
});

export function createCustomer(turn: Turn, params: z.infer<typeof customerSchema>): Customer {
  const customer: Customer = {
    id: newId("cus"),
    object: "customer",
    created: seconds(turn),
    livemode: false,
    address: params.address ?? null,
    description: params.description ?? null,
    email: params.email ?? null,
    metadata: applyMetadata({}, params.metadata),
    name: params.name ?? null,
    phone: params.phone ?? null,
    shipping: params.shipping ?? null,
  };
  turn.customers.insert({ view: customer, hidden: null });
  announce(turn, "customer.created", customer);
  return customer;
}

export function retrieveCustomer(turn: Turn, id: string): Customer | DeletedCustomer {
  const customer = turn.customers.find(id);
  if (customer === null) throw noSuch("customer", id);
  return customer.view.deleted ? deletedCustomer(id) : customer.view;
}

/** Forgets a customer and takes their saved cards along. Doing so twice is refused, as Stripe refuses it. */
export function deleteCustomer(turn: Turn, id: string): DeletedCustomer {
  const customer = turn.customers.find(id);
  if (customer === null || customer.view.deleted) throw noSuch("customer", id);
  for (const method of turn.methods.newestFirst()) {
    if (method.view.customer === id) detachMethod(turn, method.view.id);
  }
  const { view } = customer;
  const personal = { address: null, description: null, email: null, name: null, phone: null, shipping: null };
  announce(turn, "customer.deleted", view);
  turn.customers.save({ view: { ...view, ...personal, metadata: {}, deleted: true }, hidden: null });
  return deletedCustomer(id);
}

function deletedCustomer(id: string): DeletedCustomer {
  return { id, object: "customer", deleted: true };
}

/** @throws 400 for a customer that a parameter names and that is not there, or not any more. */
export function checkCustomer(turn: Turn, id: string | undefined): void {
  if (id === undefined) return;
  const customer = turn.customers.find(id);
  if (customer === null || customer.view.deleted) throw noSuch("customer", id, "customer");
}

export function attachMethod(turn: Turn, id: string, params: z.infer<typeof attachSchema>): PaymentMethod {
  checkCustomer(turn, params.customer);
  const method = resolveMethod(turn, id, "id");
  const { view } = method;
  if (view.customer !== null && view.customer !== params.customer) {
    throw refused("This PaymentMethod has already been attached to a customer.");
  }
  view.customer = params.customer;
  turn.methods.save(method);
  announce(turn, "payment_method.attached", view);
  return view;
}

export function detachMethod(turn: Turn, id: string): PaymentMethod {
  const method = turn.methods.find(id);
  if (method === null) throw noSuch("PaymentMethod", id);
  const { view } = method;
  if (view.customer === null) {
    throw refused(
      "The payment method you provided is not attached to a customer so detachment is impossible.",
      undefined,
      "payment_method",
    );
  }
  const previous = { customer: view.customer };
  view.customer = null;
  turn.methods.save(method);
  announce(turn, "payment_method.detached", view, previous);
  return view;
}

export function listMethods(turn: Turn, params: z.infer<typeof methodListSchema>): ApiList<PaymentMethod> {
  return listPage(turn.methods, params, {
    url: "/v1/payment_methods",
    keeps: (method) =>
      method.customer !== null &&
      (params.customer === undefined || method.customer === params.customer) &&
      (params.type === undefined || method.type === params.type),
  });
}
