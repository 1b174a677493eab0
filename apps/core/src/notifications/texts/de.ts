import type { MailTexts } from "./texts.ts";

export const de: MailTexts = {
  greeting: (name) => (name === "" ? "Guten Tag," : `Guten Tag ${name},`),
  footer: (shop) => `Diese E-Mail hat ${shop} wegen Ihrer Bestellung oder Ihres Kontos gesendet.`,
  viewOrder: "Bestellung ansehen",
  labels: {
    subtotal: "Zwischensumme",
    discount: "Rabatt",
    shipping: "Versand",
    tax: "Steuer",
    includedTax: "Enthaltene Steuer",
    total: "Gesamtbetrag",
    shippingTo: "Lieferung an",
    carrier: "Versanddienst",
    trackingNumber: "Sendungsnummer",
    track: "Sendung verfolgen",
    pay: "Jetzt bezahlen",
    validUntil: "Der Link gilt bis",
    refund: "Erstattung",
    reason: "Grund",
    linkInstead: "Falls die Schaltfläche nicht funktioniert, öffnen Sie diese Adresse",
  },
  orderPlaced: {
    subject: (number) => `Ihre Bestellung ${number} ist bestätigt`,
    heading: "Vielen Dank für Ihre Bestellung",
    intro: (number) => `Wir haben Ihre Bestellung ${number} erhalten und bereiten sie vor.`,
  },
  orderShipped: {
    subject: (number) => `Ihre Bestellung ${number} ist unterwegs`,
    heading: "Ihre Sendung ist unterwegs",
    intro: (number) => `Diese Artikel Ihrer Bestellung ${number} haben unser Haus verlassen:`,
  },
  orderCancelled: {
    subject: (number) => `Ihre Bestellung ${number} wurde storniert`,
    heading: "Ihre Bestellung wurde storniert",
    intro: (number) => `Ihre Bestellung ${number} wurde storniert. Was Sie dafür bezahlt haben, erhalten Sie zurück.`,
  },
  orderPartlyCancelled: {
    subject: (number) => `Ein Teil Ihrer Bestellung ${number} wurde storniert`,
    heading: "Ein Teil Ihrer Bestellung wurde storniert",
    intro: (number) =>
      `Diese Artikel Ihrer Bestellung ${number} wurden storniert. Was Sie dafür bezahlt haben, erhalten Sie zurück.`,
  },
  orderRefunded: {
    subject: (number) => `Erstattung zu Ihrer Bestellung ${number}`,
    heading: "Ihr Geld ist auf dem Rückweg",
    intro: (number) =>
      `Zu Ihrer Bestellung ${number} haben wir eine Erstattung veranlasst. Bis sie auf Ihrem Konto erscheint, können einige Tage vergehen.`,
  },
  orderCredited: {
    subject: (number) => `Guthaben zu Ihrer Bestellung ${number}`,
    heading: "Sie haben ein Guthaben",
    intro: (number) =>
      `Zu Ihrer Bestellung ${number} haben wir Ihnen ein Guthaben gegeben. Sobald Sie angemeldet sind, können Sie damit bezahlen.`,
  },
  paymentRequested: {
    subject: (number) => `Bitte bezahlen Sie Ihre Bestellung ${number}`,
    heading: "Ihre Bestellung wartet auf Ihre Zahlung",
    intro: (number) => `Zu Ihrer Bestellung ${number} ist ein Betrag offen. Hier können Sie ihn bezahlen:`,
  },
  returnChanged: {
    requested: {
      subject: (number) => `Ihre Rücksendung zu Bestellung ${number}`,
      heading: "Wir haben Ihre Rücksendung vermerkt",
      intro: (number) => `Wir prüfen Ihre Rücksendung zu Bestellung ${number} und melden uns wieder.`,
    },
    approved: {
      subject: (number) => `Ihre Rücksendung zu Bestellung ${number} ist genehmigt`,
      heading: "Ihre Rücksendung ist genehmigt",
      intro: (number) => `Bitte senden Sie die Artikel Ihrer Rücksendung zu Bestellung ${number} an uns zurück.`,
    },
    received: {
      subject: (number) => `Ihre Rücksendung zu Bestellung ${number} ist angekommen`,
      heading: "Ihre Rücksendung ist angekommen",
      intro: (number) => `Die Artikel Ihrer Rücksendung zu Bestellung ${number} sind bei uns eingetroffen.`,
    },
    rejected: {
      subject: (number) => `Ihre Rücksendung zu Bestellung ${number}`,
      heading: "Wir können Ihre Rücksendung nicht annehmen",
      intro: (number) => `Es tut uns leid: Ihre Rücksendung zu Bestellung ${number} können wir nicht annehmen.`,
    },
    refunded: {
      subject: (number) => `Ihre Rücksendung zu Bestellung ${number} ist erledigt`,
      heading: "Ihre Rücksendung ist erledigt",
      intro: (number) =>
        `Ihre Rücksendung zu Bestellung ${number} ist erledigt. Was Sie dafür erhalten, schreiben wir Ihnen.`,
    },
    exchanged: {
      subject: (number) => `Ihr Umtausch zu Bestellung ${number}`,
      heading: "Ihr Umtausch ist unterwegs",
      intro: (number) =>
        `Für das, was Sie von Bestellung ${number} zurückgesandt haben, erhalten Sie andere Artikel. Sie sind eine eigene Bestellung, zu der wir Ihnen schreiben.`,
    },
  },
  offerMade: {
    subject: (shop) => `Ihre Bestellung bei ${shop}`,
    heading: "Ihre Bestellung wartet auf Ihre Zahlung",
    intro: (shop) => `${shop} hat eine Bestellung für Sie zusammengestellt. Hier können Sie sie ansehen und bezahlen:`,
  },
  lowStock: {
    subject: (sku) => `Der Bestand von ${sku} ist knapp`,
    heading: "Ein Bestand ist knapp",
    intro: (sku, available, threshold) =>
      `Von ${sku} sind noch ${available} Stück verfügbar; Sie wollten es ab ${threshold} wissen.`,
  },
  verifyEmail: {
    subject: (shop) => `Bestätigen Sie Ihre E-Mail-Adresse für ${shop}`,
    heading: "Bestätigen Sie Ihre E-Mail-Adresse",
    intro: "Bitte bestätigen Sie, dass diese Adresse Ihnen gehört. Der Link gilt eine Stunde.",
    button: "Adresse bestätigen",
    ignore: "Haben Sie bei uns kein Konto eröffnet, brauchen Sie nichts zu tun.",
  },
  resetPassword: {
    subject: (shop) => `Neues Passwort für ${shop}`,
    heading: "Wählen Sie ein neues Passwort",
    intro: "Jemand, hoffentlich Sie, hat ein neues Passwort angefordert. Der Link gilt eine Stunde.",
    button: "Neues Passwort wählen",
    ignore: "Waren Sie es nicht, brauchen Sie nichts zu tun: Ihr Passwort bleibt, wie es ist.",
  },
  secondFactorReset: {
    subject: (shop) => `Ihr zweiter Faktor bei ${shop} wurde zurückgesetzt`,
    heading: "Ihr zweiter Faktor wurde zurückgesetzt",
    intro: (shop) =>
      `Ihre Authenticator-App, deren Ersatzcodes und Ihre Passkeys öffnen die Verwaltung von ${shop} nicht mehr, und Sie sind überall abgemeldet.`,
    next: "Melden Sie sich mit Ihrem Passwort an und richten Sie unter „Security“ einen neuen zweiten Faktor ein.",
    ignore:
      "Haben Sie nicht darum gebeten, sagen Sie es sofort jemandem, dem der Shop gehört, und wählen Sie ein neues Passwort.",
  },
};
