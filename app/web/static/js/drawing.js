// Draws the area of a form on its map: a press sets the centre of a circle or adds a point of an outline; a point is
// dragged, Backspace takes the last one back, Enter closes the outline. What stands in the form is what is drawn.

const KM = 1000;
const DIGITS = 5;
const MOST = 500;

export function letDraw(map, sheet, towns) {
  const drawing = new Drawing(map, sheet, towns);
  map.on("click", (event) => drawing.press(event.latlng));
  map.getContainer().addEventListener("keydown", (event) => drawing.key(event));
  sheet.addEventListener("input", () => drawing.show());
  sheet.addEventListener("change", () => drawing.show());
  const buttons = { "[data-undo]": () => drawing.undo(), "[data-finish]": () => drawing.finish(), "[data-restart]": () => drawing.restart() };
  for (const [name, act] of Object.entries(buttons)) document.querySelector(name)?.addEventListener("click", act);
  drawing.show();
  drawing.look();
}

class Drawing {
  constructor(map, sheet, towns) {
    this.map = map;
    this.fields = sheet.elements;
    this.sheet = sheet;
    this.towns = new Map(towns.map((town) => [town.name.toLowerCase(), town]));
    this.layer = L.featureGroup().addTo(map);
    this.isClosed = this.points().length > 2;
  }

  shape() {
    return this.fields.shape.value;
  }

  // Lines of the field as people write them; what is not a point is left to the server to complain of.
  points() {
    const told = this.fields.points.value.trim();
    if (told.startsWith("{") || told.startsWith("[")) return this.pasted(told);
    const lines = told.split(/[\n;]/).map((line) => line.match(/[-+]?\d+(?:\.\d+)?/g)?.map(Number) ?? []);
    return lines.filter((pair) => pair.length === 2 && pair.every(Number.isFinite) && Math.abs(pair[0]) <= 90 && Math.abs(pair[1]) <= 200);
  }

  pasted(told) {
    try {
      const read = JSON.parse(told);
      const geometry = read.features?.[0]?.geometry ?? read.geometry ?? read;
      const ring = geometry.coordinates?.[0] ?? (Array.isArray(geometry[0]?.[0]) ? geometry[0] : geometry);
      const pairs = ring.map(([lon, lat]) => [Number(lat), Number(lon)]);
      return pairs.every((pair) => pair.every(Number.isFinite)) ? pairs : [];
    } catch {
      return [];
    }
  }

  press(place) {
    if (this.shape() === "circle") {
      [this.fields.city.value, this.fields.lat.value, this.fields.lon.value] = ["", round(place.lat), round(place.lng)];
      this.tell();
    } else if (this.shape() === "polygon" && !this.isClosed && this.points().length < MOST) {
      this.write([...this.points(), [round(place.lat), round(place.lng)]]);
    }
  }

  key(event) {
    const isForButton = event.target !== event.currentTarget;
    if (isForButton || this.shape() !== "polygon" || !["Backspace", "Enter"].includes(event.key)) return;
    event.preventDefault();
    if (event.key === "Enter") this.finish();
    else this.undo();
  }

  undo() {
    this.isClosed = false;
    this.write(this.points().slice(0, -1));
  }

  finish() {
    this.isClosed = this.points().length > 2;
    this.tell();
  }

  restart() {
    this.isClosed = false;
    this.write([]);
  }

  write(points) {
    this.fields.points.value = points.map((point) => point.join(", ")).join("\n");
    this.tell();
  }

  // The page hears of it as of a field that was changed by hand.
  tell() {
    this.show();
    this.sheet.dispatchEvent(new Event("drawn"));
  }

  show() {
    this.layer.clearLayers();
    const kind = this.sheet.querySelector("[name=kind]:checked")?.value ?? "primary";
    const options = { className: `area area--${kind} area--new`, interactive: false };
    if (this.shape() === "polygon") this.showOutline(options);
    const centre = this.centre();
    const km = Number(this.fields.radius.value);
    if (this.shape() === "circle" && centre && km > 0 && km <= 1000) L.circle(centre, { ...options, radius: km * KM }).addTo(this.layer);
    if (["circle", "city"].includes(this.shape()) && centre) this.handle(centre, false).addTo(this.layer);
  }

  showOutline(options) {
    const points = this.points();
    const draw = this.isClosed ? L.polygon : L.polyline;
    const line = draw(points, this.isClosed ? options : { ...options, fill: false }).addTo(this.layer);
    points.slice(0, MOST).forEach((point, place) => {
      const handle = this.handle(point, true).addTo(this.layer);
      handle.on("drag", (event) => {
        points[place] = [round(event.latlng.lat), round(event.latlng.lng)];
        line.setLatLngs(points);
      });
      handle.on("dragend", () => this.write(points));
      if (place === 0) handle.on("click", () => this.finish());
    });
  }

  handle(place, draggable) {
    const icon = L.divIcon({ className: "area-point", iconSize: [16, 16] });
    return L.marker(place, { icon, draggable, keyboard: false, interactive: draggable });
  }

  centre() {
    const { lat, lon, city } = this.fields;
    if (this.shape() === "circle" && lat.value && lon.value) {
      const pair = [lat.value, lon.value].map((told) => Number(told.replace(",", ".")));
      return pair.every(Number.isFinite) && Math.abs(pair[0]) <= 90 ? pair : null;
    }
    const town = this.towns.get(city.value.trim().toLowerCase());
    return town ? [town.lat, town.lon] : null;
  }

  look() {
    const bounds = this.layer.getBounds();  // an outline without points lies nowhere
    if (bounds.isValid()) this.map.fitBounds(bounds.pad(0.4), { maxZoom: 7, animate: false });
  }
}

const round = (degrees) => Number(degrees.toFixed(DIGITS));
