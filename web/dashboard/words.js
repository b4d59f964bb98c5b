// How figures are written.
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

export const none = "–";

export function number(x) {
  if (x === null || x === undefined) return none;
  return Math.abs(x) >= 100 ? whole.format(x) : short.format(x);
}

export function bytes(n) {
  if (n === null || n === undefined) return none;
  const units = ["B", "kB", "MB", "GB", "TB"];
  let at = 0;
  for (; n >= 1000 && at < units.length - 1; at++) n /= 1000;
  return `${number(n)} ${units[at]}`;
}

export function percent(share) { return share === null || share === undefined ? none : `${whole.format(100 * share)} %`; }

export function ms(x) {
  if (x === null || x === undefined) return none;
  return x < 1000 ? `${number(x)} ms` : `${number(x / 1000)} s`;
}

// span writes a number of seconds as people say it.
export function span(seconds) {
  if (seconds === null || seconds === undefined) return none;
  if (seconds > 0 && seconds < 0.1) return "< 0.1 s";
  if (seconds > 0 && seconds < 1) return `${seconds.toFixed(1)} s`;
  const s = Math.round(seconds);
  if (s < 120) return `${s} s`;
  if (s < 7200) return `${Math.floor(s / 60)} min`;
  if (s < 172_800) return `${Math.floor(s / 3600)} h ${Math.floor(s % 3600 / 60)} min`;
  return `${Math.floor(s / 86_400)} days`;
}

// clock writes the time of day of an instant, and the day if it is another one.
export function clock(at) {
  if (!at) return none;
  const time = new Date(at);
  const day = time.toDateString() === new Date().toDateString() ? "" : `${time.toLocaleDateString("en-CA")} `;
  return day + time.toLocaleTimeString("en-GB");
}
