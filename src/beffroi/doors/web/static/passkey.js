// Passkeys: the browser's answer goes into a hidden field of an ordinary form. Without a script, or without a
// passkey, the other factor on the same page does.

import { $, $$, on } from "./dom.js";

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

if (window.PublicKeyCredential) for (const part of $$("[data-needs-passkey]")) part.hidden = false;

on("click", "[data-passkey]", async (button) => {
  const options = JSON.parse(button.dataset.options);
  const said = document.getElementById(button.getAttribute("aria-describedby"));
  try {
    const credential = button.dataset.passkey === "create"
      ? await navigator.credentials.create({ publicKey: toCreate(options) })
      : await navigator.credentials.get({ publicKey: toGet(options) });
    const form = button.form;
    $("input[name=credential]", form).value = JSON.stringify(credential);
    form.requestSubmit($("[data-passkey-send]", form));
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
