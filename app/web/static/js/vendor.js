// Brings a library of static/vendor/ onto the page, once, when something on the page needs it.

const VENDOR = new URL("../vendor/", import.meta.url);
const SHEETS = new URL("../css/vendor/", import.meta.url);
const brought = new Map();

export function bring(path) {
  if (!brought.has(path)) brought.set(path, path.endsWith(".css") ? style(path) : script(path));
  return brought.get(path);
}

function script(path) {
  return append(Object.assign(document.createElement("script"), { src: new URL(path, VENDOR).href }));
}

function style(path) {
  return append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: new URL(path, SHEETS).href }));
}

function append(element) {
  return new Promise((resolve, reject) => {
    element.addEventListener("load", resolve);
    element.addEventListener("error", reject);
    document.head.append(element);
  });
}

// A token of the style sheet as a colour that a canvas understands.
export function colour(token) {
  const probe = document.createElement("span");
  probe.style.color = `var(--${token})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}
