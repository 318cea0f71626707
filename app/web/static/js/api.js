// The page of the API: a form a call. The key stays in this tab.

const KEPT = "api-key";
const key = document.querySelector("#api-key");

key.value = sessionStorage.getItem(KEPT) ?? "";
key.addEventListener("input", () => sessionStorage.setItem(KEPT, key.value.trim()));
document.querySelector("[data-api-key]").addEventListener("submit", (event) => event.preventDefault());

for (const form of document.querySelectorAll("[data-api-call]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    call(form);
  });
}

openNamed();
addEventListener("hashchange", openNamed);

// A link to a call opens it.
function openNamed() {
  const named = location.hash && document.getElementById(location.hash.slice(1));
  if (named instanceof HTMLDetailsElement) named.open = true;
}

async function call(form) {
  const output = form.querySelector("output");
  const button = form.querySelector("[type=submit]");
  const { address, options } = asked(form);
  button.disabled = true;
  try {
    const started = performance.now();
    const answer = await fetch(address, options);
    show(output, `${answer.status} · ${Math.round(performance.now() - started)} ms`, pretty(await answer.text()), answer.ok);
  } catch (error) {
    show(output, "—", String(error), false);
  } finally {
    button.disabled = false;
  }
}

function asked(form) {
  const { method, path } = form.dataset;
  const headers = { Authorization: `Bearer ${key.value.trim()}`, "Accept-Language": document.documentElement.lang };
  const query = new URLSearchParams();
  let address = path;
  for (const field of form.querySelectorAll("[data-in]")) {
    if (!field.value) continue;
    if (field.dataset.in === "path") address = address.replace(`{${field.name}}`, encodeURIComponent(field.value));
    else if (field.dataset.in === "header") headers[field.name] = field.value;
    else query.set(field.name, field.value);
  }
  const body = form.elements.body?.value;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  return { address: query.size ? `${address}?${query}` : address, options: { method, headers, body, credentials: "omit" } };
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function show(output, title, text, isGood) {
  const badge = document.createElement("span");
  badge.className = "badge";
  badge.dataset.tone = isGood ? "good" : "bad";
  badge.textContent = title;
  const code = document.createElement("pre");
  code.className = "api__code";
  code.tabIndex = 0;
  code.textContent = text;
  output.replaceChildren(badge, code);
}
