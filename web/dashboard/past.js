// The last fifteen minutes, as the node has kept them and as they go on.
const most = 900;
const columns = ["connections", "missing_clients", "arrivals_per_second", "admissions_per_second", "deliveries_per_second", "closes_per_second", "handshake_p50_ms", "handshake_p99_ms", "lag_p99_ms", "cpu_cores"];

export class Past {
  constructor() { this.load({ started: new Date().toISOString(), seconds: [], refusals_per_second: {}, states: [] }); }

  // load takes the event "history".
  load(h) {
    this.started = Date.parse(h.started) / 1000;
    this.time = h.seconds.map((s) => this.started + s);
    this.column = Object.fromEntries(columns.map((c) => [c, [...(h[c] ?? [])]]));
    this.refused = new Map(Object.entries(h.refusals_per_second).map(([why, values]) => [why, [...values]]));
    this.states = h.states.map(({ seconds, state }) => ({ at: this.started + seconds, state }));
  }

  // push takes the event "view".
  push(v) {
    const at = this.started + v.seconds;
    if (at <= this.time.at(-1)) return; // the history has it
    this.time.push(at);
    const lags = v.reactors.map((r) => r.lag_p99_ms).filter((lag) => lag !== null);
    const values = {
      connections: v.connections.now, missing_clients: v.storm.missing_clients, arrivals_per_second: v.storm.arrivals_per_second,
      admissions_per_second: v.storm.admissions_per_second, deliveries_per_second: v.per_second.deliveries, closes_per_second: v.per_second.closes,
      handshake_p50_ms: v.handshake.p50_ms, handshake_p99_ms: v.handshake.p99_ms, lag_p99_ms: lags.length ? Math.max(...lags) : null, cpu_cores: v.cpu_cores,
    };
    for (const c of columns) this.column[c].push(values[c]);
    const refusals = v.storm.refusals_per_second;
    for (const why of Object.keys(refusals)) {
      if (!this.refused.has(why)) this.refused.set(why, new Array(this.time.length - 1).fill(0));
    }
    for (const [why, list] of this.refused) list.push(refusals[why] ?? 0);
    if (this.states.at(-1)?.state !== v.storm.state) this.states.push({ at, state: v.storm.state });
    this.forget();
  }

  forget() {
    const over = this.time.length - most;
    if (over <= 0) return;
    for (const list of [this.time, ...Object.values(this.column), ...this.refused.values()]) list.splice(0, over);
    while (this.states.length > 1 && this.states[1].at <= this.time[0]) this.states.shift();
  }
}
