// <figure data-chart="line|bar"> with a block of JSON: {labels, series: [{name, values}], unit}.

import { bring, colour } from "./vendor.js";

const COLOURS = ["brand", "accent", "info", "warn", "ink-soft"];
const ISO_DATE = /^\d{4}-\d\d-\d\d/;
const HEIGHT = 260;
const LANGUAGE = document.documentElement.lang;

export async function drawCharts(figures) {
  await Promise.all([bring("uplot.css"), bring("uplot/uplot.js")]);
  for (const figure of figures) if (!figure.dataset.drawn) draw(figure);
}

function draw(figure) {
  figure.dataset.drawn = "yes";
  const data = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
  const plot = figure.querySelector(".chart__plot");
  const table = figure.querySelector(".chart__table");
  plot.hidden = false;
  if (table) table.open = false;
  const dated = data.labels.length > 0 && data.labels.every((label) => ISO_DATE.test(label));
  const positions = data.labels.map((label, index) => (dated ? Date.parse(label) / 1000 : index));
  const chart = new uPlot(options(figure.dataset.chart, data, dated, plot), [positions, ...data.series.map((one) => one.values)], plot);
  new ResizeObserver(() => chart.setSize({ width: plot.clientWidth, height: HEIGHT })).observe(plot);
}

function options(kind, data, dated, plot) {
  const write = writer(data.unit);
  const bars = kind === "bar";
  return {
    width: plot.clientWidth,
    height: HEIGHT,
    cursor: { y: false },
      scales: {
      x: { time: dated, range: bars ? (_chart, low, high) => padded(low, high, data.labels.length) : undefined },
      y: { range: (_chart, low, high) => [Math.min(0, low), (high || 1) * 1.08] },
    },
    axes: [xAxis(data.labels, dated), yAxis(write)],
    series: [
      { label: "", value: (_chart, value, _series, index) => (index == null ? "" : title(data.labels[index], dated)) },
      ...data.series.map((one, index) => seriesOf(one, index, bars, write)),
    ],
  };
}

function padded(low, high, count) {
  const half = count > 1 ? (high - low) / (count - 1) / 2 : 0.5;
  return [low - half, high + half];
}

function seriesOf(one, index, bars, write) {
  const stroke = colour(COLOURS[index % COLOURS.length]);
  const look = bars
    ? { fill: stroke, width: 0, paths: uPlot.paths.bars({ size: [0.6, 72], radius: 0.06 }), points: { show: false } }
    : { width: 2, points: { show: one.values.length < 32, size: 5, fill: stroke } };
  return { label: one.name, stroke, value: (_chart, value) => (value == null ? "—" : write(value)), ...look };
}

const axis = () => ({
  stroke: colour("ink-soft"),
  font: `12px ${getComputedStyle(document.body).fontFamily}`,
  grid: { stroke: colour("line"), width: 1 },
  ticks: { show: false },
});

function xAxis(labels, dated) {
  const words = dated
    ? (_chart, values) => values.map((value) => title(new Date(value * 1000).toISOString(), true))
    : (_chart, values) => values.map((value) => labels[value] ?? "");
  return { ...axis(), size: 34, grid: { show: false }, values: words, ...(dated ? { space: 70 } : { splits: () => labels.map((_label, index) => index) }) };
}

function yAxis(write) {
  const widest = (_chart, values) => 16 + 7 * Math.max(0, ...(values ?? []).map((value) => value.length));
  return { ...axis(), size: widest, values: (_chart, values) => values.map(write) };
}

function title(label, dated) {
  if (!dated) return label;
  return new Intl.DateTimeFormat(LANGUAGE, { day: "numeric", month: "short", timeZone: "UTC" }).format(new Date(label));
}

function writer(unit) {
  const styles = {
    money: { style: "currency", currency: "RUB", currencyDisplay: "narrowSymbol", notation: "compact", maximumFractionDigits: 1 },
    percent: { style: "percent", maximumFractionDigits: 1 },
  };
  const format = new Intl.NumberFormat(LANGUAGE, styles[unit] ?? { maximumFractionDigits: 2 });
  return (value) => format.format(value);
}
