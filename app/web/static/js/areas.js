// <figure data-areas>: towns and dealers' areas on the map of the world; with data-sheet="form" one more is drawn there.

import { CLOSE, bringMaps, layGround } from "./map.js";

const KM = 1000;
const RUSSIA = [[43, 24], [67, 165]];
const HATCHED = { className: "area-crossing", fillColor: "url(#area-hatch)", interactive: false };
const NAME = { width: 100, height: 22, room: 16_000 };

export async function drawAreas(figures) {
  await bringMaps();
  for (const figure of figures) if (!figure.dataset.drawn) await draw(figure);
}

async function draw(figure) {
  figure.dataset.drawn = "yes";
  const told = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
  const map = L.map(figure.querySelector(".map__canvas"), {
    attributionControl: Boolean(figure.dataset.tiles), scrollWheelZoom: false, zoomSnap: 0.25, minZoom: 2, maxZoom: figure.dataset.tiles ? CLOSE : 10,
    maxBounds: [[-60, -40], [85, 230]], doubleClickZoom: !figure.dataset.sheet,
  });
  map.fitBounds(RUSSIA, { animate: false });
  await layGround(map, figure);
  const shapes = L.featureGroup(told.areas.map((area) => shape(area, told.words))).addTo(map);
  for (const ring of told.crossings) L.polygon(ring, HATCHED).addTo(map);
  const towns = told.towns.map(([lat, lon, name, people, kind, leads, shared]) => ({ lat, lon, name, people, kind, leads, shared }));
  for (const town of towns) town.dot = dot(town, told.words).addTo(map);
  nameLargest(map, towns);
  const sheet = document.getElementById(figure.dataset.sheet ?? "");
  if (sheet) (await import("./drawing.js")).letDraw(map, sheet, towns);
  else if ("closer" in figure.dataset) lookAt(map, shapes, towns);
}

// What the areas hold, with some room around it.
function lookAt(map, shapes, towns) {
  const bounds = L.latLngBounds(towns.filter((town) => town.kind).map((town) => [town.lat, town.lon]));
  if (shapes.getLayers().length) bounds.extend(shapes.getBounds());
  if (bounds.isValid()) map.fitBounds(bounds.pad(0.15), { maxZoom: 7, animate: false });
}

function shape(area, words) {
  const options = { className: `area area--${area.kind} area--hue-${area.hue}` };
  const drawn = area.points ? L.polygon(area.points, options) : L.circle([area.lat, area.lon], { ...options, radius: area.km * KM });
  const goods = area.goods && `; ${area.goods}`;
  return drawn.bindTooltip(card(area.name, `${area.dealer}, ${words[area.kind]}${goods}`), { sticky: true, className: "area-tip" });
}

function dot(town, words) {
  const className = `town town--${town.kind || (town.leads ? "wanted" : "none")}${town.shared ? " town--several" : ""}`;
  const radius = 2 + Math.min(4, Math.sqrt(town.people) / 500);
  const marker = L.circleMarker([town.lat, town.lon], { radius, className });
  const numbers = `${town.people.toLocaleString(document.documentElement.lang)} ${words.people}` + (town.leads ? `, ${town.leads} ${words.leads}` : "");
  const right = (words[town.kind] ?? words.none) + (town.shared ? `, ${words.several}` : "");
  return marker.bindTooltip(() => card(town.name, `${right}; ${numbers}`), { className: "area-tip" });
}

function card(title, text) {
  const box = document.createElement("div");
  box.append(Object.assign(document.createElement("strong"), { textContent: title }), document.createElement("br"), text);
  return box;
}

// Names of the largest towns in sight that do not lie upon each other.
function nameLargest(map, towns) {
  const names = L.layerGroup().addTo(map);
  const again = () => {
    names.clearLayers();
    const taken = [];
    const size = map.getSize();
    const most = (size.x * size.y) / NAME.room;
    for (const town of towns) {
      if (taken.length >= most) break;
      if (!map.getBounds().contains([town.lat, town.lon])) continue;
      const place = map.latLngToContainerPoint([town.lat, town.lon]);
      if (taken.some((other) => Math.abs(other.x - place.x) < NAME.width && Math.abs(other.y - place.y) < NAME.height)) continue;
      taken.push(place);
      const icon = L.divIcon({ className: "town-name", html: "", iconSize: null, iconAnchor: [-6, 9] });
      const marker = L.marker([town.lat, town.lon], { icon, interactive: false, keyboard: false }).addTo(names);
      marker.getElement().textContent = town.name;
    }
  };
  map.on("moveend", again);
  again();
}
