// The routing events, the newest first; small ones only when they are asked for.
import { byId, make } from './dom.js';
import { clock, words } from './format.js';

/** Events kept by the page, of all clusters together. */
export const keptEvents = 500;
/** Of those, so many are in the list at once. */
const shownEvents = 120;

const bad = new Set(['gate_closed', 'two_writable', 'lost_gtid', 'position_lost', 'gtid_reset', 'writable_replica',
  'primary_unseen', 'primary_read_only', 'writes_stalled', 'node_down', 'node_refused', 'zone_down', 'circuit_opened', 'wrong_version']);
const good = new Set(['primary_changed', 'primary_restarted', 'gate_opened', 'cluster_resumed', 'node_up', 'zone_up',
  'node_returned', 'node_enabled', 'circuit_closed', 'alarm_ended']);
const small = new Set(['replica_online', 'replica_connecting', 'node_changed', 'node_added', 'node_discovered',
  'node_duplicate', 'monitor_privilege']);

/** How an event is to be taken: good, bad or warn. */
export function levelOf(event) { return bad.has(event.kind) ? 'bad' : good.has(event.kind) ? 'good' : 'warn'; }

/** Whether it belongs on the charts: what moved writes, or kept them waiting. */
export function isMark(event) {
  return ['primary_changed', 'gate_closed', 'cluster_paused', 'node_down', 'two_writable'].includes(event.kind);
}

export class Timeline {
  constructor() {
    this.events = [];
    this.list = byId('timeline');
    this.everything = byId('all-events');
    this.everything.addEventListener('change', () => this.show(this.cluster, true));
  }

  /** Takes events, the newest first; those that were told before are known. */
  add(events) {
    const known = new Set(this.events.map(keyOf));
    const news = events.filter((event) => !known.has(keyOf(event)));
    if (news.length === 0) return;
    // Stable: events of one moment keep the order in which they were judged.
    const all = [...news, ...this.events].sort((one, other) => Date.parse(other.time) - Date.parse(one.time));
    this.events = all.slice(0, keptEvents);
    this.shown = null;
  }

  /** Shows those of a cluster, when there are others than were shown. */
  show(cluster, isForced = false) {
    const key = cluster;
    this.cluster = cluster;
    if (!isForced && this.shown === key) return;
    this.shown = key;
    const wanted = this.events.filter((event) => event.cluster === cluster && (this.everything.checked || !small.has(event.kind)));
    const open = new Set([...this.list.querySelectorAll('details[open]')].map((details) => details.dataset.key));
    this.list.replaceChildren(...wanted.slice(0, shownEvents).map((event) => item(event, open)));
    if (wanted.length === 0) this.list.append(make('li', { class: 'empty' }, 'Nothing has changed since the start.'));
  }
}

function keyOf(event) { return [event.time, event.cluster, event.kind, event.node, event.to].join('\n'); }

function item(event, open) {
  const key = keyOf(event);
  const change = event.from || event.to ? `${event.from ?? 'nothing'} → ${event.to ?? 'nothing'}` : null;
  const details = make('details', { open: open.has(key), 'data-key': key },
    make('summary', {}, make('span', { class: 'kind' }, words(event.kind)), event.node ? make('span', { class: 'name' }, event.node) : null,
      make('span', { class: 'reason' }, event.reason)),
    make('dl', {},
      ...(change === null ? [] : [make('dt', {}, 'change'), make('dd', {}, change)]),
      make('dt', {}, 'epoch'), make('dd', {}, String(event.epoch)),
      make('dt', {}, 'evidence'), make('dd', {}, event.evidence ?? 'none'),
      make('dt', {}, 'time'), make('dd', {}, `${event.time}`)));
  return make('li', { class: levelOf(event), 'data-kind': event.kind }, make('time', { datetime: event.time }, clock(event.time)), details);
}
