// Five minutes of a cluster in three charts, with the events that moved traffic drawn through them.
import { byId, draw, make, setAttribute, setText } from './dom.js';
import { clock, count, micros } from './format.js';
import { points } from './model.js';
import { isMark, levelOf } from './timeline.js';

const width = 600;
const height = 150;
const foot = 18;
const spanMilliseconds = points * 1000;

const definitions = [
  { title: 'Statements', unit: '/s', format: count, least: 10, lines: [['reads', 'reads'], ['writes', 'writes']] },
  { title: 'Answer times', unit: '', format: micros, least: 1000, lines: [['p50', 'p50'], ['p95', 'p95'], ['p99', 'p99']] },
  { title: 'Waits and errors', unit: '', format: count, least: 4,
    lines: [['held', 'held for a primary'], ['waiting', 'waiting for a connection'], ['errors', 'proxy errors/s'], ['failures', 'node errors/s']] },
];

export class Charts {
  constructor() {
    this.charts = definitions.map((definition) => new Chart(definition));
    byId('charts').append(...this.charts.map((chart) => chart.element));
  }

  show(cluster, events) {
    const now = Date.now();
    const marks = events.filter((event) => event.cluster === cluster.name && isMark(event) && now - Date.parse(event.time) < spanMilliseconds);
    for (const chart of this.charts) chart.show(cluster.series, marks, now);
  }
}

class Chart {
  constructor(definition) {
    this.definition = definition;
    this.svg = draw('svg', { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', role: 'img' });
    this.frame = make('div', { class: 'plot' }, this.svg);
    this.marks = make('div', { class: 'marks' });
    this.cursor = make('div', { class: 'cursor', hidden: true });
    this.top = make('span', { class: 'top-value' });
    this.frame.append(this.marks, this.cursor, this.top);
    this.values = definition.lines.map(([key, label]) => {
      const value = make('b', {}, '–');
      return { key, value, element: make('li', { class: `line-${key}` }, label, ' ', value) };
    });
    this.time = make('span', { class: 'time' });
    this.grid = [0.25, 0.5, 0.75].map((part) => draw('path', { class: 'grid', d: `M0 ${y(part)}H${width}` }));
    this.lines = definition.lines.map(([key]) => draw('path', { class: `line line-${key}` }));
    this.areas = definition.lines.slice(0, definition.title === 'Statements' ? 2 : 0).map(([key]) => draw('path', { class: `area line-${key}` }));
    this.svg.append(...this.grid, ...this.areas, ...this.lines);
    this.element = make('figure', { class: 'card chart' },
      make('figcaption', {}, make('h2', {}, definition.title), make('ul', {}, ...this.values.map(({ element }) => element))), this.frame,
      make('p', { class: 'axis', 'aria-hidden': true }, make('span', {}, '5 min ago'), this.time, make('span', {}, 'now')));
    this.frame.addEventListener('pointermove', (event) => this.point(event.offsetX / this.frame.clientWidth));
    this.frame.addEventListener('pointerleave', () => this.point(null));
  }

  show(series, marks, now) {
    this.series = series;
    this.now = now;
    const known = series.flatMap((point) => this.definition.lines.map(([key]) => point[key])).filter(Number.isFinite);
    const largest = Math.max(this.definition.least, ...known);
    this.scale = nice(largest * 1.05);
    setText(this.top, `${this.definition.format(this.scale)}${this.definition.unit}`);
    this.definition.lines.forEach(([key], index) => {
      const { line, area } = this.path(key);
      setAttribute(this.lines[index], 'd', line);
      if (this.areas[index]) setAttribute(this.areas[index], 'd', area);
    });
    this.drawMarks(marks, now);
    this.tell(this.at ?? null);
  }

  /** A line that is broken where nothing is known, and the area below it. */
  path(key) {
    let line = '';
    let area = '';
    let start = null;
    let last = null;
    for (const point of this.series) {
      const value = point[key];
      if (!Number.isFinite(value)) {
        if (start !== null) area += `V${y(0)}H${start}Z`;
        start = null;
        continue;
      }
      const x = this.x(point.time);
      const step = `${start === null ? 'M' : 'L'}${x} ${y(value / this.scale)}`;
      line += step;
      area += start === null ? `M${x} ${y(0)}V${y(value / this.scale)}` : step;
      if (start === null) start = x;
      last = x;
    }
    if (start !== null && last !== null) area += `V${y(0)}H${start}Z`;
    return { line, area };
  }

  x(time) { return Math.round((1 - (this.now - time) / spanMilliseconds) * width * 10) / 10; }

  drawMarks(marks, now) {
    this.marks.replaceChildren(...marks.map((event) => {
      const mark = make('i', { class: levelOf(event), title: `${clock(event.time)} ${event.kind.replaceAll('_', ' ')}: ${event.reason}` });
      mark.style.left = `${(1 - (now - Date.parse(event.time)) / spanMilliseconds) * 100}%`;
      return mark;
    }));
  }

  /** Shows the values at a part of the width; null for the newest. */
  point(part) {
    this.at = part;
    this.cursor.hidden = part === null;
    if (part !== null) this.cursor.style.left = `${part * 100}%`;
    this.tell(part);
  }

  tell(part) {
    if (this.series === undefined) return;
    const time = part === null ? null : this.now - (1 - part) * spanMilliseconds;
    const point = time === null ? this.series.at(-1) : nearest(this.series, time);
    setText(this.time, time === null ? '' : clock(new Date(time).toISOString()));
    for (const { key, value } of this.values) setText(value, this.definition.format(point?.[key]));
    if (part !== null) return;
    const texts = this.values.map(({ element }) => element.textContent);
    setAttribute(this.svg, 'aria-label', `${this.definition.title}: ${texts.join(', ')}`);
  }
}

function nearest(series, time) {
  const near = series.reduce((best, point) => (Math.abs(point.time - time) < Math.abs((best?.time ?? Infinity) - time) ? point : best), null);
  return near !== null && Math.abs(near.time - time) < 3_000 ? near : null;
}

function y(part) { return Math.round((height - 2 - Math.min(1, part) * (height - foot)) * 10) / 10; }

/** The next 1, 2 or 5 with zeros behind it. */
function nice(value) {
  const unit = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].find((factor) => factor * unit >= value) * unit;
}
