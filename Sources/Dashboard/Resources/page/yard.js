// The topology as a picture: the proxy, its nodes by zone, and the tracks on which statements go to them. Nodes keep
// their places when roles change, so that a promotion is seen as what it is: the writes take another track.
import { byId, draw, make, setAttribute, setText } from './dom.js';
import { about, clock, count, micros, millis, since, words } from './format.js';

/** With more nodes each takes less room, and nothing moves. */
const roomyNodes = 8;
const fastLagMilliseconds = 1_000;

export class Yard {
  /** `act(order, node)` is called for `DRAIN` and `ENABLE`. */
  constructor(act) {
    this.act = act;
    this.cards = new Map();
    this.tracks = new Map();
    this.layout = '';
    this.svg = draw('svg', { class: 'tracks', 'aria-hidden': true });
    this.proxyFacts = make('p', { class: 'facts' });
    this.proxy = make('div', { class: 'proxy' }, make('strong', {}, 'Switchyard'), this.proxyFacts);
    this.list = make('div', { class: 'zones' });
    this.picture = byId('picture');
    this.picture.append(this.svg, this.proxy, this.list);
    new ResizeObserver(() => this.route()).observe(this.picture);
  }

  show(cluster, model, mayAct) {
    this.cluster = cluster;
    this.arrange(cluster);
    const facts = [`${count(model.clients)} clients`, `${count(cluster.rate('statements'))} statements/s`];
    if (cluster.held > 0) facts.push(`${count(cluster.held)} held`);
    setText(this.proxyFacts, facts.join(' · '));
    this.proxy.className = `proxy gate-${cluster.row.gate}`;
    for (const node of cluster.nodes) this.fill(this.cards.get(node.node), node, cluster, mayAct);
    this.route();
  }

  /** Makes the cards anew only when nodes or zones are others. */
  arrange(cluster) {
    const zones = new Map();
    for (const node of cluster.nodes) {
      const zone = node.zone ?? '';
      if (!zones.has(zone)) zones.set(zone, []);
      zones.get(zone).push(node);
    }
    const layout = JSON.stringify([cluster.name, [...zones].map(([zone, nodes]) => [zone, nodes.map((node) => node.node)])]);
    if (layout === this.layout) return;
    this.layout = layout;
    this.cards.clear();
    this.tracks.clear();
    this.svg.replaceChildren(arrowheads());
    this.picture.classList.toggle('dense', cluster.nodes.length > roomyNodes);
    this.list.replaceChildren(...[...zones].map(([zone, nodes]) => {
      const cards = nodes.map((node) => this.card(node));
      const title = zones.size > 1 || zone !== '' ? make('h3', {}, zone === '' ? 'no zone' : zone) : null;
      return make('section', { class: 'zone', 'aria-label': zone === '' ? 'Nodes' : `Zone ${zone}` }, title, ...cards);
    }));
  }

  card(node) {
    const card = {
      writes: make('span', { class: 'writes' }), reads: make('span', { class: 'reads' }),
      lamp: make('span', { class: 'lamp', 'aria-hidden': true }), name: make('strong', {}, node.node),
      role: make('span', { class: 'chip role' }), state: make('span', { class: 'chip' }),
      reason: make('p', { class: 'reason' }), facts: make('dl', { class: 'facts' }),
      button: make('button', { type: 'button', class: 'small', onclick: () => this.act(card.order, card.node) }),
    };
    card.element = make('article', { class: 'node', 'aria-label': `Node ${node.node}` },
      make('div', { class: 'rates' }, card.writes, card.reads),
      make('div', { class: 'what' }, make('p', { class: 'title' }, card.lamp, card.name, card.role, card.state), card.reason),
      card.facts, card.button);
    this.cards.set(node.node, card);
    return card.element;
  }

  fill(card, node, cluster, mayAct) {
    const rates = cluster.nodeRates(node.node);
    const isUp = !['down', 'refused', 'starting'].includes(node.state);
    const level = !isUp ? 'bad' : node.state === 'online' && !String(node.reason).includes('; ') ? 'good' : 'warn';
    card.node = node;
    setAttribute(card.element, 'class', `node ${node.role} ${level}`);
    setAttribute(card.element, 'data-node', node.node);
    setAttribute(card.element, 'data-role', node.role);
    setAttribute(card.lamp, 'class', `lamp ${level}`);
    setText(card.role, node.role);
    setText(card.state, words(node.state));
    card.state.className = `chip ${level}`;
    card.state.hidden = node.state === 'online';
    setText(card.reason, `${node.reason} · for ${about(Date.now() - Date.parse(node.since))}`);
    setAttribute(card.reason, 'title', `since ${clock(node.since)}, ${since(node.since)} ago`);
    setText(card.writes, node.writes === 'yes' || rates.writes > 0 ? `${count(rates.writes)} w/s` : '');
    setText(card.reads, node.reads === 'yes' || rates.reads > 0 ? `${count(rates.reads)} r/s` : 'no reads');
    card.reads.classList.toggle('off', node.reads !== 'yes' && !(rates.reads > 0));
    facts(card.facts, [
      ['lag', node.role === 'primary' ? '–' : millis(node.lag_ms), node.lag_ms > fastLagMilliseconds ? 'late' : ''],
      ['answers in', micros(node.latency_us)], ['running', count(node.in_flight)], ['connections', count(node.connections)],
    ]);
    setAttribute(card.element, 'title', `${node.address} · ${node.server_version ?? 'version unknown'} · weight ${node.weight} · GTID ${node.gtid ?? 'unknown'}`);
    card.order = node.state === 'draining' ? 'ENABLE' : 'DRAIN';
    setText(card.button, card.order === 'ENABLE' ? 'Enable…' : 'Drain…');
    setAttribute(card.button, 'aria-label', `${card.order === 'ENABLE' ? 'Enable' : 'Drain'} ${node.node}`);
    card.button.hidden = !mayAct;
  }

  // MARK: Tracks

  /** Draws the tracks between where things are now. */
  route() {
    if (this.cluster === undefined || this.cards.size === 0) return;
    const frame = this.picture.getBoundingClientRect();
    if (frame.width === 0) return;
    setAttribute(this.svg, 'viewBox', `0 0 ${frame.width} ${frame.height}`);
    const place = (element) => {
      const box = element.getBoundingClientRect();
      return { left: box.left - frame.left, right: box.right - frame.left, top: box.top - frame.top, bottom: box.bottom - frame.top, y: (box.top + box.bottom) / 2 - frame.top };
    };
    const proxy = place(this.proxy);
    const isNarrow = getComputedStyle(this.picture).getPropertyValue('--narrow').trim() === '1';
    const used = new Set();
    const primary = this.cluster.nodes.find((node) => node.role === 'primary');
    const from = primary === undefined ? null : place(this.cards.get(primary.node).element);
    for (const node of this.cluster.nodes) {
      const card = this.cards.get(node.node);
      const rates = this.cluster.nodeRates(node.node);
      const isOpen = this.cluster.row.gate === 'open';
      if (node.reads === 'yes' || rates.reads > 0) this.track(used, node, 'reads', rates.reads, isNarrow, proxy, place(card.reads));
      if (node.writes === 'yes') this.track(used, node, isOpen ? 'writes' : 'writes shut', isOpen ? rates.writes : 0, isNarrow, proxy, place(card.writes));
      if (!isNarrow && from !== null && node !== primary && node.role === 'replica') {
        const to = place(card.element);
        const x = to.right + 22;
        const copies = `M${from.right} ${from.y}H${x - 8}Q${x} ${from.y} ${x} ${from.y + 8 * Math.sign(to.y - from.y)}V${to.y - 8 * Math.sign(to.y - from.y)}Q${x} ${to.y} ${x - 8} ${to.y}H${to.right + 8}`;
        this.put(used, `${node.node}/copies`, `copies ${['online', 'lagging', 'draining'].includes(node.state) ? '' : 'broken'}`, copies, null);
      }
    }
    if (this.cluster.row.gate !== 'open') this.stop(used, isNarrow, proxy);
    for (const [key, track] of this.tracks) {
      if (used.has(key)) continue;
      track.rail.remove();
      track.flow.remove();
      this.tracks.delete(key);
    }
  }

  /** Where writes end while the gate is not open: a buffer stop. */
  stop(used, isNarrow, proxy) {
    const x = isNarrow ? proxy.left + 34 : proxy.right;
    const y = isNarrow ? proxy.bottom : proxy.y - 14;
    const path = isNarrow ? `M${x} ${y}v9m-7 0h14` : `M${x} ${y}h26m0 -8v16`;
    this.put(used, 'stop', `stop ${this.cluster.row.gate}`, path, null);
  }

  track(used, node, kind, rate, isNarrow, proxy, end) {
    const shift = kind === 'reads' ? 5 : -5;
    let path;
    if (isNarrow) {
      const x = proxy.left + 14 + shift;
      path = `M${x} ${proxy.bottom}V${end.y - 14}Q${x} ${end.y} ${x + 14} ${end.y}H${end.left - 6}`;
    } else {
      const y = proxy.y + shift;
      const middle = (proxy.right + end.left) / 2;
      path = `M${proxy.right} ${y}C${middle} ${y} ${middle} ${end.y} ${end.left - 34} ${end.y}H${end.left - 6}`;
    }
    this.put(used, `${node.node}/${kind.split(' ')[0]}`, kind, path, rate);
  }

  /** One track: a rail, and on it what flows. `rate` is null where nothing is counted. */
  put(used, key, kind, path, rate) {
    used.add(key);
    let track = this.tracks.get(key);
    if (track === undefined) {
      track = { rail: draw('path'), flow: draw('path') };
      this.svg.append(track.rail, track.flow);
      this.tracks.set(key, track);
    }
    const flows = rate > 0.05;
    const pace = flows ? Math.min(3, Math.floor(Math.log10(1 + rate))) : 0;
    setAttribute(track.rail, 'd', path);
    setAttribute(track.flow, 'd', path);
    setAttribute(track.rail, 'class', `rail ${kind}`);
    setAttribute(track.rail, 'marker-end', kind.startsWith('stop') ? null : `url(#arrow-${kind.split(' ')[0]})`);
    setAttribute(track.rail, 'stroke-width', rate === null ? 1.5 : (1.5 + 1.3 * Math.log10(1 + (rate ?? 0))).toFixed(1));
    setAttribute(track.flow, 'class', `flow ${kind} pace-${pace}`);
    track.flow.style.display = flows ? '' : 'none';
  }
}

function facts(list, pairs) {
  if (list.children.length !== pairs.length) {
    list.replaceChildren(...pairs.map(([name]) => make('div', {}, make('dt', {}, name), make('dd', {}))));
  }
  pairs.forEach(([, value, mark], index) => {
    setText(list.children[index].lastChild, value);
    list.children[index].lastChild.className = mark ?? '';
  });
}

function arrowheads() {
  const head = (name) => draw('marker', {
    id: `arrow-${name}`, class: name, viewBox: '0 0 8 8', refX: 4, refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto', markerUnits: 'userSpaceOnUse',
  }, draw('path', { d: 'M0 0L8 4L0 8z' }));
  return draw('defs', {}, head('reads'), head('writes'), head('copies'));
}
