// Fields that answer at once: quantities, names checked while typing, colours tried on.

const PAUSE = 350;

export function stepQuantities() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-quantity] [data-step]");
    if (!button) return;
    const input = button.closest("[data-quantity]").querySelector("input");
    if (Number(button.dataset.step) > 0) input.stepUp();
    else input.stepDown();
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

// <input data-check="/address">: GET /address?name=value answers {"ok": true, "message": "…"}.
export function checkWhileTyping() {
  for (const input of document.querySelectorAll("[data-check]")) {
    let timer;
    let running;
    input.addEventListener("input", () => {
      clearTimeout(timer);
      running?.abort();
      running = new AbortController();
      const { signal } = running;
      timer = setTimeout(() => check(input, signal), PAUSE);
    });
  }
}

async function check(input, signal) {
  const hint = document.getElementById(`${input.id}-hint`);
  hint.dataset.first ??= hint.textContent;
  if (!input.value.trim()) return say(hint, hint.dataset.first, "");
  const address = new URL(input.dataset.check, location.href);
  address.searchParams.set(input.name, input.value);
  try {
    const response = await fetch(address, { signal, headers: { Accept: "application/json" } });
    if (!response.ok) return say(hint, hint.dataset.first, "");
    const { ok, message } = await response.json();
    say(hint, message, ok ? "good" : "bad");
  } catch (error) {
    if (error.name !== "AbortError") say(hint, hint.dataset.first, "");
  }
}

function say(hint, message, tone) {
  hint.textContent = message;
  hint.dataset.tone = tone;
}

// <input type="color" data-colour="brand">, or a radio with data-colours='{"brand": "#…"}': the page puts it on.
export function previewColours() {
  document.addEventListener("input", ({ target }) => {
    if (target.dataset.colour) wear({ [target.dataset.colour]: target.value });
    if (target.dataset.colours) wear(JSON.parse(target.dataset.colours));
  });
}

// <fieldset data-palettes-of="fjord">: shown while that theme is chosen, one of its palettes always chosen too.
export function matchPalettes() {
  const groups = [...document.querySelectorAll("[data-palettes-of]")];
  const match = () => {
    const theme = document.querySelector('input[name="theme"]:checked')?.value;
    for (const group of groups) group.hidden = group.dataset.palettesOf !== theme;
    const shown = groups.find((group) => !group.hidden);
    if (shown && !shown.querySelector(":checked")) shown.querySelector("input").click();
  };
  for (const choice of document.querySelectorAll('input[name="theme"]')) choice.addEventListener("change", match);
  if (groups.length) match();
}

function wear(colours) {
  for (const [name, colour] of Object.entries(colours)) {
    document.documentElement.style.setProperty(`--${name.replaceAll("_", "-")}`, colour);
    const field = document.querySelector(`input[type="color"][data-colour="${name}"]`);
    if (field) field.value = colour;
  }
  if (!("brand_ink" in colours)) document.documentElement.style.removeProperty("--brand-ink");
}
