// Where traffic goes, why, and since when: the answers of an incident, in sentences.
import { byId, make, setText } from './dom.js';
import { clock, count, millis, since, words } from './format.js';

const shownTroubles = 6;
const shownReaders = 4;

/** Nodes that are not as they should be, or take no reads although they could. */
export function troubles(cluster) {
  return cluster.nodes.filter((node) => {
    const isExcluded = node.reads !== 'yes' && node.role !== 'primary';
    return node.state !== 'online' || isExcluded || String(node.reason).includes('; ');
  });
}

/** How a cluster does, in a word, and how bad that is: good, warn or bad. */
export function judge(cluster) {
  if (cluster.row.gate === 'closed') return { level: 'bad', text: 'writes wait' };
  if (cluster.row.gate === 'paused') return { level: 'warn', text: 'paused' };
  const number = troubles(cluster).length;
  if (number > 0) return { level: 'warn', text: number === 1 ? 'one node needs a look' : `${number} nodes need a look` };
  return { level: 'good', text: 'all is well' };
}

function writes(cluster, events) {
  const row = cluster.row;
  const waiting = cluster.held > 0 ? `, ${count(cluster.held)} of them wait now` : '';
  if (row.gate !== 'open') {
    const where = row.gate === 'paused' ? `nowhere: the cluster is paused${waiting}` : `nowhere: they are held${waiting}`;
    return { level: row.gate === 'paused' ? 'warn' : 'bad', where, why: row.gate_reason, since: row.gate_closed_since };
  }
  const primary = cluster.nodes.find((node) => node.node === row.primary_node);
  const change = events.find((e) => e.cluster === cluster.name && e.kind === 'primary_changed' && e.to === row.primary_node);
  return {
    level: 'good', where: row.primary_node, rate: cluster.rate('writes'), why: change?.reason ?? primary?.reason,
    since: change?.time ?? primary?.since, remark: `epoch ${row.epoch}`,
  };
}

function reads(cluster) {
  const readers = cluster.nodes.filter((node) => node.reads === 'yes');
  const replicas = readers.filter((node) => node.role !== 'primary');
  const newest = readers.map((node) => node.since).sort().at(-1);
  if (readers.length === 0) {
    return { level: 'bad', where: 'nowhere: they wait', why: 'no node may be read from', since: cluster.row.gate_closed_since };
  }
  const rates = readers.map((node) => ({ name: node.node, rate: cluster.nodeRates(node.node).reads ?? 0 }));
  const all = rates.reduce((sum, { rate }) => sum + rate, 0);
  const share = (rate) => (all < 0.5 ? '' : `\u00a0${Math.round((rate / all) * 100)}\u00a0%`);
  const busy = rates.filter(({ rate }) => all < 0.5 || rate / all >= 0.005).sort((a, b) => b.rate - a.rate);
  const rest = busy.length - shownReaders;
  const where = busy.slice(0, shownReaders).map(({ name, rate }) => name + share(rate)).join(', ')
    + (rest > 0 ? ` and ${rest} more` : '');
  const others = cluster.nodes.filter((node) => node.role !== 'primary').length;
  const why = replicas.length === 0 ? 'no replica is fit: the primary serves' : `${replicas.length} of ${others} replicas are fit`;
  return { level: replicas.length === 0 ? 'warn' : 'good', where, rate: cluster.rate('reads'), why, since: newest };
}

function lines(cluster, events) {
  const found = troubles(cluster);
  const list = [{ what: 'Writes', ...writes(cluster, events) }, { what: 'Reads', ...reads(cluster) }];
  for (const node of found.slice(0, shownTroubles)) {
    const lag = node.state === 'lagging' && node.lag_ms !== null ? ` by ${millis(node.lag_ms)}` : '';
    list.push({
      what: node.node, isName: true, level: ['down', 'refused'].includes(node.state) ? 'bad' : 'warn',
      where: `${words(node.state)}${lag}; ${node.reads === 'yes' ? 'still takes reads' : 'takes no reads'}`,
      why: node.reason, since: node.since,
    });
  }
  if (found.length > shownTroubles) {
    list.push({ what: `${found.length - shownTroubles} more`, level: 'warn', where: 'see the topology', why: '', since: null });
  }
  if (cluster.row.accounts_error !== null) {
    list.push({ what: 'Accounts', level: 'warn', where: 'as they were last read', why: cluster.row.accounts_error, since: null });
  }
  return list;
}

function row(line) {
  const where = make('td', { 'data-label': 'where', class: 'where' }, make('span', { class: `lamp ${line.level}`, 'aria-hidden': true }), make('span', {}, line.where ?? '–'));
  if (line.rate !== undefined) where.append(make('span', { class: 'rate' }, `${count(line.rate)}/s`));
  const time = line.since === null || line.since === undefined ? ['–'] : [clock(line.since)];
  const ago = [time[0] !== '–' ? `${since(line.since)} ago` : null, line.remark].filter(Boolean).join(' · ');
  if (ago !== '') time.push(make('small', {}, ago));
  return make('tr', { class: line.level }, make('th', { scope: 'row', class: line.isName ? 'name' : null }, line.what), where,
    make('td', { 'data-label': 'why', class: 'why' }, line.why ?? '–'), make('td', { 'data-label': 'since', class: 'when' }, ...time));
}

/** Shows it; `events` are the newest first. */
export function showVerdict(cluster, events) {
  const state = judge(cluster);
  const chip = byId('verdict-state');
  chip.className = `chip ${state.level}`;
  setText(chip, state.text);
  const body = byId('verdict').tBodies[0];
  const list = lines(cluster, events).map(row);
  // A selection of the reader's lasts while nothing changes.
  if (body.innerText !== undefined && signature(body.children) === signature(list)) return;
  body.replaceChildren(...list);
}

function signature(rows) { return [...rows].map((row) => `${row.className}|${row.textContent}`).join('\n'); }
