// The charts of the first screen, drawn by uPlot.
import uPlot from "./uplot/uPlot.esm.js";
import { element } from "./elements.js";
import { ms, number } from "./words.js";

const height = 150;
const palette = ["--one", "--two", "--three", "--four", "--five", "--six"];

// colour returns a variable of the style sheet as a canvas takes it.
function colour(name) {
  const probe = element("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

// specs says which lines each chart has: title, unit, lines(past) → [name, values, colour].
const specs = [
  { title: "Connections", text: number, lines: (p) => [["connected", p.column.connections, "--one"], ["expected back", p.column.missing_clients, "--two"]] },
  {
    title: "Handshakes a second", text: number,
    lines: (p) => [["arrivals", p.column.arrivals_per_second, "--faint"], ["admitted", p.column.admissions_per_second, "--one"],
      ...[...p.refused].map(([why, values], i) => [`refused: ${why}`, values, palette[1 + i % 5]])],
  },
  {
    title: "Time of a handshake, and lag of the slowest reactor", text: ms,
    lines: (p) => [["p50", p.column.handshake_p50_ms, "--one"], ["p99", p.column.handshake_p99_ms, "--two"], ["lag p99", p.column.lag_p99_ms, "--three"]],
  },
  { title: "Deliveries a second", text: number, lines: (p) => [["deliveries", p.column.deliveries_per_second, "--one"]] },
];

class Chart {
  constructor(spec, past) {
    Object.assign(this, { spec, past });
    this.legend = element("p", { className: "legend" });
    this.place = element("div", { className: "plot", role: "img" });
    this.figure = element("figure", { className: "card" }, element("figcaption", {}, element("h3", {}, spec.title), this.legend), this.place);
    new ResizeObserver(() => { if (this.plot && this.place.clientWidth) this.plot.setSize({ width: this.place.clientWidth, height }); }).observe(this.place);
  }

  // build makes the plot, again if its lines or the colours have changed.
  build() {
    this.plot?.destroy();
    const lines = this.spec.lines(this.past), axis = { stroke: colour("--faint"), grid: { stroke: colour("--grid"), width: 1 }, ticks: { stroke: colour("--grid"), width: 1 }, font: "12px system-ui, sans-serif" };
    this.names = lines.map(([name]) => name).join();
    this.keys = lines.map(([name, , tone]) => {
      const value = element("b");
      const swatch = element("i", { "aria-hidden": "true" });
      swatch.style.background = colour(tone);
      return { value, key: element("span", {}, swatch, `${name} `, value) };
    });
    this.legend.replaceChildren(...this.keys.map(({ key }) => key));
    this.plot = new uPlot({
      width: Math.max(this.place.clientWidth, 50), height,
      legend: { show: false },
      padding: [8, 8, 0, 0],
      cursor: { sync: { key: "now" }, drag: { x: false, y: false }, points: { size: 6 } },
      scales: { y: { range: (_, __, high) => [0, Math.max(high * 1.1, 4)] } },
      axes: [{ ...axis, size: 28, space: 70, values: (_, ticks, __, ___, step) => ticks.map((t) => new Date(t * 1000).toLocaleTimeString("en-GB").slice(0, step < 60 ? 8 : 5)) },
        { ...axis, size: 66, values: (_, ticks) => ticks.map((t) => this.spec.text(t)) }],
      series: [{}, ...lines.map(([, , tone]) => ({ stroke: colour(tone), width: 1.5, spanGaps: false, points: { show: false } }))],
      hooks: { drawClear: [(u) => this.shade(u)], setCursor: [(u) => this.tell(u.cursor.idx)] },
    }, this.data(lines), this.place);
  }

  data(lines) { return [this.past.time, ...lines.map(([, values]) => values)]; }

  // update draws what has come.
  update() {
    const lines = this.spec.lines(this.past);
    if (!this.plot || lines.map(([name]) => name).join() !== this.names) this.build();
    else this.plot.setData(this.data(lines));
    this.tell(this.plot.cursor.idx);
  }

  // tell writes the values at the cursor, or the last ones, beside the names of the lines.
  tell(at) {
    const lines = this.spec.lines(this.past), idx = at ?? this.past.time.length - 1;
    lines.forEach(([, values], i) => { if (this.keys[i]) this.keys[i].value.textContent = this.spec.text(values[idx]); });
    const when = at === null || at === undefined ? "now" : `at ${new Date(this.past.time[idx] * 1000).toLocaleTimeString("en-GB")}`;
    this.place.setAttribute("aria-label", `${this.spec.title}, the last 15 minutes; ${when}: ${lines.map(([name, values]) => `${name} ${this.spec.text(values[idx])}`).join(", ")}`);
  }

  // shade marks the times of storms.
  shade(u) {
    const { ctx, bbox } = u, { states, time } = this.past;
    states.forEach(({ at, state }, i) => {
      if (state === "calm") return;
      const from = Math.max(u.valToPos(at, "x", true), bbox.left), to = Math.min(u.valToPos(states[i + 1]?.at ?? time.at(-1), "x", true), bbox.left + bbox.width);
      if (!(to > from)) return;
      ctx.save();
      ctx.fillStyle = colour(state === "storm" ? "--storm-band" : "--recovering-band");
      ctx.fillRect(from, bbox.top, to - from, bbox.height);
      ctx.restore();
    });
  }
}

export class Charts {
  constructor(place, past) {
    this.all = specs.map((spec) => new Chart(spec, past));
    place.replaceChildren(...this.all.map((c) => c.figure));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.all.forEach((c) => { if (c.plot) { c.build(); c.tell(); } }));
  }

  update() { this.all.forEach((c) => c.update()); }
}
