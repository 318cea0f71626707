// Forms that ask the browser for a passkey: fetch what it needs, let the person act, send the answer as a field.

const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const descriptors = (list) => (list ?? []).map((one) => ({ ...one, id: toBytes(one.id) }));

function publicKeyOf(options) {
  return {
    ...options,
    challenge: toBytes(options.challenge),
    ...(options.user && { user: { ...options.user, id: toBytes(options.user.id) } }),
    ...(options.excludeCredentials && { excludeCredentials: descriptors(options.excludeCredentials) }),
    ...(options.allowCredentials && { allowCredentials: descriptors(options.allowCredentials) }),
  };
}

function answerOf({ id, rawId, type, response, authenticatorAttachment }) {
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const told = parts.filter((part) => response[part]).map((part) => [part, toText(response[part])]);
  return JSON.stringify({
    id, rawId: toText(rawId), type, authenticatorAttachment, clientExtensionResults: {},
    response: { ...Object.fromEntries(told), transports: response.getTransports?.() },
  });
}

async function askBrowser(form) {
  const reply = await fetch(form.dataset.options, { method: "POST", headers: { "X-CSRFToken": form.csrf_token.value } });
  if (!reply.ok) throw new Error(`options: ${reply.status}`);
  const publicKey = publicKeyOf(await reply.json());
  return navigator.credentials[form.dataset.passkey]({ publicKey });
}

function say(form, sentence) {
  form.querySelector("[data-says]").textContent = sentence;
  form.querySelector('[role="alert"]').hidden = !sentence;
}

const SENTENCES = { NotAllowedError: "givenUp", AbortError: "givenUp", InvalidStateError: "known" };

async function answer(event) {
  const form = event.currentTarget;
  if (form.answer.value) return;
  event.preventDefault();
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  say(form, "");
  try {
    form.answer.value = answerOf(await askBrowser(form));
    form.submit();
  } catch (error) {
    say(form, form.dataset[SENTENCES[error.name] ?? "failed"]);
    button.disabled = false;
  }
}

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", answer);
  }
}
