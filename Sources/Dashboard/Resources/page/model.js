// What is remembered: the last tick, and for each cluster five minutes of rates made from its counters.

/** Points of each series; one comes each second. */
export const points = 300;
/** A longer silence is a gap in the charts. */
const gapMilliseconds = 4_000;
/** Two ticks that come closer than this were held up on their way: one point is made of both. */
const shortestMilliseconds = 400;
/** Rates shown as numbers are means of so many points. */
const smoothing = 3;

/** One cluster: its row, its nodes, its series. */
class Cluster {
  constructor(name) {
    this.name = name;
    this.row = {};
    this.nodes = [];
    this.series = [];
    this.figures = {};
  }

  /** The mean of a member of the newest points. */
  rate(member) { return mean(this.series.slice(-smoothing).map((point) => point[member])); }

  /** What a node is sent in a second. */
  nodeRates(node) {
    const last = this.series.slice(-smoothing).map((point) => point.nodes?.get(node));
    return { reads: mean(last.map((rates) => rates?.reads)), writes: mean(last.map((rates) => rates?.writes)) };
  }
}

function mean(values) {
  const known = values.filter((value) => Number.isFinite(value));
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

export class Model {
  constructor() {
    this.clusters = new Map();
    this.clients = null;
    this.lastTick = null;
    this.counters = null;
  }

  /** The next points would compare with counters of another time. */
  forgetCounters() { this.counters = null; }

  /** Takes a tick; `now` in milliseconds of a clock that only goes forward. */
  take(tick, now) {
    const counters = read(tick);
    const elapsed = this.counters === null ? Infinity : now - this.counters.time;
    this.clients = counters.values.get('clients')?.[0]?.value ?? null;
    const names = new Set(tick.clusters.map((row) => row.cluster));
    for (const name of [...this.clusters.keys()]) if (!names.has(name)) this.clusters.delete(name);
    for (const row of tick.clusters) {
      const cluster = this.clusters.get(row.cluster) ?? new Cluster(row.cluster);
      this.clusters.set(row.cluster, cluster);
      cluster.row = row;
      cluster.nodes = tick.routing_table.filter((node) => node.cluster === row.cluster);
      cluster.held = own(counters, 'held_statements', row.cluster);
    }
    this.lastTick = now;
    if (elapsed < shortestMilliseconds) return;
    for (const cluster of this.clusters.values()) {
      const isGap = elapsed > gapMilliseconds;
      if (isGap && cluster.series.length > 0) push(cluster, { time: Date.now() });
      if (!isGap) push(cluster, point(cluster, this.counters, counters, elapsed / 1000));
    }
    counters.time = now;
    this.counters = counters;
  }
}

function push(cluster, point) {
  cluster.series.push(point);
  if (cluster.series.length > points) cluster.series.shift();
}

function read(tick) {
  const values = new Map();
  for (const figure of tick.figures) {
    if (!values.has(figure.name)) values.set(figure.name, []);
    values.get(figure.name).push(figure);
  }
  return { values, time: 0 };
}

/** Sum over the samples of a cluster. */
function own(counters, name, cluster) {
  const samples = counters.values.get(name) ?? [];
  return samples.filter((s) => s.labels.cluster === cluster).reduce((sum, s) => sum + (s.value ?? 0), 0);
}

function byNode(counters, name, cluster) {
  const samples = counters.values.get(name) ?? [];
  return new Map(samples.filter((s) => s.labels.cluster === cluster).map((s) => [s.labels.node, s.value ?? 0]));
}

/** Growth in a second; null when the counter began anew. */
function growth(before, after, seconds) {
  if (before === undefined || after === undefined || after < before) return null;
  return (after - before) / seconds;
}

function point(cluster, before, after, seconds) {
  const name = cluster.name;
  const nodes = new Map();
  const total = { reads: null, writes: null };
  const figures = { reads: 'reads_total', writes: 'writes_total' };
  for (const [kind, figure] of Object.entries(figures)) {
    const old = byNode(before, figure, name);
    for (const [node, value] of byNode(after, figure, name)) {
      const rate = growth(old.get(node), value, seconds);
      if (!nodes.has(node)) nodes.set(node, {});
      nodes.get(node)[kind] = rate;
      if (rate !== null) total[kind] = (total[kind] ?? 0) + rate;
    }
  }
  const grown = (figure) => growth(own(before, figure, name), own(after, figure, name), seconds);
  const held = own(after, 'held_statements', name);
  return {
    time: Date.now(), nodes, ...total, statements: grown('statements_total'), errors: grown('proxy_errors_total'),
    failures: grown('node_errors_total'), held, waiting: own(after, 'waiting_statements', name),
    ...quantiles(buckets(before, name), buckets(after, name)),
  };
}

/** How many statements of a cluster took no longer than each bound. */
function buckets(counters, cluster) {
  const sums = new Map();
  for (const sample of counters.values.get('statement_latency_microseconds') ?? []) {
    if (sample.labels.cluster !== cluster) continue;
    for (const [bound, count] of sample.buckets) sums.set(bound, (sums.get(bound) ?? 0) + count);
  }
  return sums;
}

function quantiles(before, after) {
  const steps = [...after].sort((a, b) => a[0] - b[0]).map(([bound, count]) => [bound, count - (before.get(bound) ?? 0)]);
  const all = steps.at(-1)?.[1] ?? 0;
  if (all <= 0 || steps.some(([, count]) => count < 0)) return { p50: null, p95: null, p99: null };
  return { p50: quantile(steps, all * 0.5), p95: quantile(steps, all * 0.95), p99: quantile(steps, all * 0.99) };
}

/** Within a bucket it is taken to lie where it would in an even spread over the logarithm. */
function quantile(steps, wanted) {
  let low = steps[0][0] / 2;
  let below = 0;
  for (const [bound, count] of steps) {
    if (count >= wanted) return low * (bound / low) ** ((wanted - below) / Math.max(1, count - below));
    low = bound;
    below = count;
  }
  return low;
}
