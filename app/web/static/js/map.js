// <figure data-map>: points from a block of JSON on a map of the world that lies on our own host.
// With data-tiles="https://…/{z}/{x}/{y}.png" (and data-credit) tiles lie above it, and it shows where they are missing.

import { bring } from "./vendor.js";

const CHUKOTKA = { west: -168.9, south: 64 }; // and nothing of Alaska, whose sides would cross the whole map

const BELOW = 150; // Leaflet lays tiles at 200
export const CLOSE = 17;

export const bringMaps = () => Promise.all([bring("leaflet.css"), bring("leaflet/leaflet.js"), bring("topojson.js")]);

export async function drawMaps(figures) {
  await bringMaps();
  for (const figure of figures) if (!figure.dataset.drawn) await draw(figure);
}

async function draw(figure) {
  figure.dataset.drawn = "yes";
  figure.querySelector(".chart__table").open = false;
  const points = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
  const map = L.map(figure.querySelector(".map__canvas"), {
    attributionControl: Boolean(figure.dataset.tiles), scrollWheelZoom: false, zoomSnap: 0.25, minZoom: 2, maxZoom: figure.dataset.tiles ? CLOSE : 8,
  });
  look(map, points);
  await layGround(map, figure);
  const most = Math.max(1, ...points.map((point) => point.weight ?? 1));
  for (const point of points) mark(point, most, points.length < 40).addTo(map);
}

function look(map, points) {
  if (!points.length) return map.setView([62, 95], 3);
  const near = points.filter((point) => point.focus);
  map.fitBounds(L.latLngBounds((near.length ? near : points).map((point) => [point.lat, point.lon])).pad(0.3), { maxZoom: 8, animate: false });
}

export async function layGround(map, figure) {
  map.createPane("ground").style.zIndex = BELOW;
  map.attributionControl?.setPrefix(false);
  if (figure.dataset.tiles) L.tileLayer(figure.dataset.tiles, { attribution: figure.dataset.credit, referrerPolicy: "origin" }).addTo(map);
  const world = await (await fetch(figure.dataset.world)).json();
  const countries = topojson.feature(world, world.objects.countries);
  L.geoJSON(countries, {
    interactive: false, pane: "ground",
    coordsToLatLng: ([lon, lat]) => L.latLng(lat, lon < CHUKOTKA.west && lat > CHUKOTKA.south ? lon + 360 : lon),
    style: (country) => ({ className: country.id === figure.dataset.home ? "map__home" : "map__land", fill: true }),
  }).addTo(map);
}

function mark(point, most, named) {
  const radius = 5 + 11 * Math.sqrt((point.weight ?? 1) / most);
  const tone = point.tone ? ` map__point--${point.tone}` : "";
  const marker = L.circleMarker([point.lat, point.lon], { radius, className: `map__point${tone}` });
  if (named) marker.bindTooltip(point.label, { permanent: true, direction: "right", offset: [radius - 2, 0] });
  return marker.bindPopup(() => card(point));
}

function card(point) {
  const box = document.createElement("div");
  const name = document.createElement(point.href ? "a" : "strong");
  name.textContent = point.label;
  if (point.href) name.href = point.href;
  box.append(name);
  if (point.text) box.append(Object.assign(document.createElement("div"), { textContent: point.text }));
  return box;
}
