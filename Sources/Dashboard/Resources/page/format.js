// Numbers and times as people read them.

/** 1234 as 1.23k; what is below ten with one digit behind the point. */
export function count(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 1e9) return `${(value / 1e9).toPrecision(3)}G`;
  if (size >= 1e6) return `${(value / 1e6).toPrecision(3)}M`;
  if (size >= 1e4) return `${(value / 1e3).toPrecision(3)}k`;
  if (size >= 10 || Number.isInteger(value)) return Math.round(value).toLocaleString('en');
  return value < 0.05 ? '0' : value.toFixed(1);
}

/** Microseconds. */
export function micros(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  if (value < 1000) return `${Math.round(value)} µs`;
  return millis(value / 1000);
}

/** Milliseconds, as a duration. */
export function millis(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  if (value < 10) return value === 0 ? '0 ms' : `${value.toFixed(1)} ms`;
  if (value < 1000) return `${Math.round(value)} ms`;
  if (value < 10_000) return `${(value / 1000).toFixed(1)} s`;
  return span(value);
}

/** A long duration in its two largest units. */
export function span(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3600)} h`;
}

/** A long duration in its largest unit, for what is only to be seen at a glance. */
export function about(milliseconds) {
  const words = span(milliseconds).split(' ');
  return `${words[0]}\u00a0${words[1]}`;
}

/** The clock time here of a time in UTC, with the day when it is not today's. */
export function clock(text) {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) return '–';
  const hours = time.toLocaleTimeString('en-GB');
  const isToday = time.toDateString() === new Date().toDateString();
  return isToday ? hours : `${time.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })} ${hours}`;
}

/** How long ago a time was. The clocks of the two machines may differ a little: never less than nothing. */
export function since(text) {
  const time = Date.parse(text);
  return Number.isNaN(time) ? '–' : span(Date.now() - time);
}

/** `primary_changed` as `primary changed`. */
export function words(text) { return String(text ?? '').replaceAll('_', ' '); }
