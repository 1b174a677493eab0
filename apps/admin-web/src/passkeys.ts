/** Why passkeys cannot be used here; null where they can. Browsers tie them to a name, never to a bare address. */
export function passkeyObstacle(
  hostname = location.hostname,
  isKnown = "PublicKeyCredential" in globalThis,
): string | null {
  if (!isKnown) return "This browser knows no passkeys, or the dashboard is not reached by https.";
  if (/^[\d.]+$|:/.test(hostname)) {
    return "Passkeys need the dashboard to be reached by a name, not by a number: ADMIN_URL has to have one, such as localhost.";
  }
  return null;
}

type Json = Readonly<Record<string, unknown>>;

// What the server sends is the JSON that the browser's own parsers take; they refuse everything else.
export function creationOptions(json: Json): PublicKeyCredentialCreationOptions {
  return PublicKeyCredential.parseCreationOptionsFromJSON(json as unknown as PublicKeyCredentialCreationOptionsJSON);
}

/** The device has to make sure who holds it: only then a passkey counts as two factors. */
export function requestOptions(json: Json): PublicKeyCredentialRequestOptions {
  const asked = { ...json, userVerification: "required" };
  return PublicKeyCredential.parseRequestOptionsFromJSON(asked as unknown as PublicKeyCredentialRequestOptionsJSON);
}
