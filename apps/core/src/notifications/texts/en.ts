import type { MailTexts } from "./texts.ts";

export const en: MailTexts = {
  greeting: (name) => (name === "" ? "Hello," : `Hello ${name},`),
  footer: (shop) => `This mail was sent by ${shop} because of your order or your account.`,
  viewOrder: "View your order",
  labels: {
    subtotal: "Subtotal",
    discount: "Discount",
    shipping: "Shipping",
    tax: "Tax",
    includedTax: "Includes tax",
    total: "Total",
    shippingTo: "Shipping to",
    carrier: "Carrier",
    trackingNumber: "Tracking number",
    track: "Track the parcel",
    pay: "Pay now",
    validUntil: "The link is valid until",
    refund: "Refund",
    reason: "Reason",
    linkInstead: "If the button does not work, open this address",
  },
  orderPlaced: {
    subject: (number) => `Your order ${number} is confirmed`,
    heading: "Thank you for your order",
    intro: (number) => `We have received your order ${number} and are getting it ready.`,
  },
  orderShipped: {
    subject: (number) => `Your order ${number} is on its way`,
    heading: "Your parcel is on its way",
    intro: (number) => `These items of your order ${number} have left us:`,
  },
  orderCancelled: {
    subject: (number) => `Your order ${number} was cancelled`,
    heading: "Your order was cancelled",
    intro: (number) => `Your order ${number} was cancelled. What you have paid for it goes back to you.`,
  },
  orderPartlyCancelled: {
    subject: (number) => `Part of your order ${number} was cancelled`,
    heading: "Part of your order was cancelled",
    intro: (number) =>
      `These items of your order ${number} were cancelled. What you have paid for them goes back to you.`,
  },
  orderRefunded: {
    subject: (number) => `A refund for your order ${number}`,
    heading: "Your money is on its way back",
    intro: (number) =>
      `We have made a refund for your order ${number}. It may take some days until it shows in your account.`,
  },
  orderCredited: {
    subject: (number) => `Store credit for your order ${number}`,
    heading: "You have store credit",
    intro: (number) =>
      `For your order ${number} we have given you store credit. You can pay with it as soon as you are signed in.`,
  },
  paymentRequested: {
    subject: (number) => `Please pay for your order ${number}`,
    heading: "Your order is waiting for your payment",
    intro: (number) => `There is an amount open for your order ${number}. You can pay it here:`,
  },
  returnChanged: {
    requested: {
      subject: (number) => `Your return for order ${number}`,
      heading: "We have received your request for a return",
      intro: (number) => `We look at your return for order ${number} and write to you again.`,
    },
    approved: {
      subject: (number) => `Your return for order ${number} is approved`,
      heading: "Your return is approved",
      intro: (number) => `Please send the items of your return for order ${number} back to us.`,
    },
    received: {
      subject: (number) => `Your return for order ${number} has arrived`,
      heading: "Your return has arrived",
      intro: (number) => `The items of your return for order ${number} have come back to us.`,
    },
    rejected: {
      subject: (number) => `Your return for order ${number}`,
      heading: "We cannot accept your return",
      intro: (number) => `We are sorry: your return for order ${number} cannot be accepted.`,
    },
    refunded: {
      subject: (number) => `Your return for order ${number} is settled`,
      heading: "Your return is settled",
      intro: (number) => `Your return for order ${number} is settled. We write to you about what you get for it.`,
    },
    exchanged: {
      subject: (number) => `Your exchange for order ${number}`,
      heading: "Your exchange is on its way to you",
      intro: (number) =>
        `You get other items for what you have sent back of your order ${number}. They are an order of their own, about which we write to you.`,
    },
  },
  offerMade: {
    subject: (shop) => `Your order with ${shop}`,
    heading: "Your order is waiting for your payment",
    intro: (shop) => `${shop} has put an order together for you. See what is in it, and pay for it, here:`,
  },
  lowStock: {
    subject: (sku) => `Stock of ${sku} has run low`,
    heading: "Stock has run low",
    intro: (sku, available, threshold) =>
      `There are ${available} units of ${sku} left to sell, and you wanted to know at ${threshold}.`,
  },
  verifyEmail: {
    subject: (shop) => `Confirm your e-mail address for ${shop}`,
    heading: "Confirm your e-mail address",
    intro: "Please confirm that this address is yours. The link is valid for one hour.",
    button: "Confirm address",
    ignore: "If you have not opened an account with us, nothing needs to be done.",
  },
  resetPassword: {
    subject: (shop) => `Reset your password for ${shop}`,
    heading: "Choose a new password",
    intro: "Somebody, hopefully you, has asked for a new password. The link is valid for one hour.",
    button: "Choose a new password",
    ignore: "If it was not you, nothing needs to be done: your password stays as it is.",
  },
  secondFactorReset: {
    subject: (shop) => `Your second factor at ${shop} was reset`,
    heading: "Your second factor was reset",
    intro: (shop) =>
      `Your authenticator app, its back-up codes and your passkeys no longer sign you in to the dashboard of ${shop}, and you are signed out everywhere.`,
    next: "Sign in with your password, then set up a second factor again under Security.",
    ignore: "If you have not asked for this, tell an owner of the shop at once and choose a new password.",
  },
};
