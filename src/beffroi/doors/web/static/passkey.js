// Passkeys: the browser's answer goes into hidden fields of an ordinary form, which is then sent. Where there is no
// script or no passkey, password and code do.

import { $, $$, on } from "./dom.js";

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

// Passkeys are bound to a name; an address in figures has none.
const named = !/^[\d.]+$|^\[/.test(location.hostname);

if (window.PublicKeyCredential && named) for (const part of $$("[data-needs-passkey]")) part.hidden = false;

on("click", "[data-passkey]", async (button) => {
  const said = document.getElementById(button.getAttribute("aria-describedby"));
  said.hidden = true;
  try {
    const answer = await fetch(button.dataset.challenge, { method: "POST" });
    const { ticket, options } = await answer.json();
    const publicKey = JSON.parse(options);
    const credential = button.dataset.passkey === "create"
      ? await navigator.credentials.create({ publicKey: toCreate(publicKey) })
      : await navigator.credentials.get({ publicKey: toGet(publicKey) });
    $("input[name=ticket]", button.form).value = ticket;
    $("input[name=credential]", button.form).value = JSON.stringify(credential);
    button.form.requestSubmit();
  } catch {
    said.hidden = false;
  }
});

function toCreate(options) {
  if (PublicKeyCredential.parseCreationOptionsFromJSON) return PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const user = { ...options.user, id: bytes(options.user.id) };
  return { ...options, challenge: bytes(options.challenge), user, excludeCredentials: listed(options.excludeCredentials) };
}

function toGet(options) {
  if (PublicKeyCredential.parseRequestOptionsFromJSON) return PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return { ...options, challenge: bytes(options.challenge), allowCredentials: listed(options.allowCredentials) };
}

const listed = (credentials = []) => credentials.map((each) => ({ ...each, id: bytes(each.id) }));
