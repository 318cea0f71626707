// What the pages do beyond HTML: every part of it is an addition to a page that works without.

import { confirmSubmits } from "./confirm.js";
import { answerClicks } from "./clicks.js";
import { checkWhileTyping, matchPalettes, previewColours, stepQuantities } from "./fields.js";

document.documentElement.classList.add("js");

answerClicks();
confirmSubmits();
stepQuantities();
checkWhileTyping();
previewColours();
matchPalettes();

// htmx: requests outside a form carry the token of any form on the page.
document.addEventListener("htmx:config:request", (event) => {
  const token = document.querySelector('input[name="csrf_token"]');
  const { request } = event.detail.ctx;
  if (token && request.method.toUpperCase() !== "GET") request.headers["X-CSRFToken"] = token.value;
});

async function enliven(root) {
  const charts = root.querySelectorAll('[data-chart="line"], [data-chart="bar"]');
  if (charts.length) (await import("./chart.js")).drawCharts(charts);
  const lists = root.querySelectorAll("[data-sortable]:has([data-grip])");
  if (lists.length) (await import("./sortable.js")).sortLists(lists);
  const maps = root.querySelectorAll("[data-map]");
  if (maps.length) (await import("./map.js")).drawMaps(maps);
  const areas = root.querySelectorAll("[data-areas]");
  if (areas.length) (await import("./areas.js")).drawAreas(areas);
}

document.addEventListener("htmx:after:swap", () => enliven(document));
enliven(document);

// Facets lie open beside the list where there is room.
const wide = matchMedia("(min-width: 60rem)");
for (const facets of document.querySelectorAll("details.facets")) facets.open = wide.matches;
