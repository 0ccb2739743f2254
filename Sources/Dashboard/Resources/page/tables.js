// Sessions, pins, pools, digests and errors: read while they are looked at, and so many rows at most.
import { byId, make, moveByArrows, setAttribute, setText } from './dom.js';
import { clock, count, micros, millis, since, words } from './format.js';
import { Refusal, rows } from './api.js';

const shownRows = 200;
const text = (name) => (row) => row[name] ?? '';
const number = (name) => (row) => count(row[name]);

/** Of each table: what is asked for, and its columns: title, what a cell shows, what it is ordered by there, a class. */
const definitions = {
  sessions: {
    title: 'Sessions', every: 2_000, order: '-phase', byCluster: true, empty: 'No client is connected.',
    columns: [
      ['id', text('id'), 'id', 'number'], ['account', text('user'), 'user'], ['from', text('peer'), 'peer', 'whole'],
      ['schema', text('schema'), 'schema'],
      ['does', (row) => words(row.phase) + (row.in_transaction === 'yes' ? ', in a transaction' : ''), 'phase', 'whole'],
      ['for', (row) => millis(row.since_ms), 'since_ms', 'number'], ['node', text('node'), 'node', 'whole'],
      ['pinned by', text('pins'), 'pins'], ['statements', number('statements'), 'statements', 'number'],
      ['statement', text('statement'), 'statement', 'sql'],
    ],
  },
  pins: {
    title: 'Pins', every: 3_000, order: 'since', empty: 'No session is held to its connection.',
    columns: [
      ['session', text('session'), 'session', 'number'], ['held by', text('reason'), 'reason'],
      ['since', (row) => `${clock(row.since)} (${since(row.since)})`, 'since'], ['released by', text('release_rule'), 'release_rule'],
      ['statement', text('statement'), 'statement', 'sql'],
    ],
  },
  pools: {
    title: 'Pools', every: 3_000, order: 'node', byCluster: true, empty: 'There is no server connection.',
    columns: [
      ['node', text('node'), 'node'], ['lane', text('lane'), 'lane', 'number'], ['connections', number('connections'), 'connections', 'number'],
      ['leased', number('leased'), 'leased', 'number'], ['idle', number('idle'), 'idle', 'number'],
      ['waiting', number('waiting'), 'waiting', 'number'],
      ['longest wait', (row) => (row.waiting > 0 ? millis(row.longest_wait_ms) : '–'), 'longest_wait_ms', 'number'],
      // The API takes the name limit for itself.
      ['node limit', number('limit'), null, 'number'],
    ],
  },
  digests: {
    title: 'Digests', every: 5_000, order: '-total_us', byCluster: true, rows: 50, empty: 'No statement has ended yet.',
    columns: [
      ['statement', (row) => row.text ?? '(all others)', 'text', 'sql'], ['count', number('count'), 'count', 'number'],
      ['all together', (row) => micros(row.total_us), 'total_us', 'number'], ['average', (row) => micros(row.average_us), 'average_us', 'number'],
      ['p95', (row) => micros(row.p95_us), 'p95_us', 'number'], ['longest', (row) => micros(row.max_us), 'max_us', 'number'],
      ['on replicas', (row) => share(row.on_replicas, row.on_replicas + row.on_primary), 'on_replicas', 'number'],
      ['errors', number('errors'), 'errors', 'number'], ['pins', number('pins'), 'pins', 'number'], ['rows', number('rows'), 'rows', 'number'],
      ['account', text('user'), 'user'],
    ],
  },
  errors: {
    title: 'Errors', every: 5_000, order: '-time', rows: 100, empty: 'Switchyard has given no error.',
    columns: [
      ['time', (row) => clock(row.time), 'time'], ['id', text('id'), 'id'], ['code', text('code'), 'code', 'number'],
      ['account', text('user'), 'user'], ['message', text('message'), 'message', 'sql'],
    ],
  },
};

function share(part, all) { return all > 0 ? `${Math.round((part / all) * 100)} %` : '–'; }

export class Tables {
  /** `kill(row)` is called for a session that is to end; `mayKill()` says whether it can be. */
  constructor({ kill, mayKill, refused }) {
    Object.assign(this, { kill, mayKill, refused });
    this.orders = Object.fromEntries(Object.entries(definitions).map(([name, definition]) => [name, definition.order]));
    this.panel = byId('panel');
    this.note = byId('panel-note');
    this.isInView = true;
    this.isPressed = false;
    this.panel.addEventListener('pointerdown', () => { this.isPressed = true; });
    for (const name of ['pointerup', 'pointercancel']) window.addEventListener(name, () => setTimeout(() => { this.isPressed = false; }));
    const tabs = byId('tabs');
    tabs.append(...Object.entries(definitions).map(([name, { title }]) => make('button', {
      type: 'button', role: 'tab', id: `tab-${name}`, 'aria-controls': 'panel', onclick: () => this.choose(name),
    }, title)));
    moveByArrows(tabs);
    byId('search').addEventListener('input', () => this.show());
    new IntersectionObserver(([entry]) => {
      this.isInView = entry.isIntersecting;
      if (this.isInView) this.refresh();
    }).observe(this.panel.parentElement);
    this.choose('sessions');
  }

  choose(name) {
    this.name = name;
    this.answer = null;
    this.readAt = 0;
    for (const tab of byId('tabs').children) {
      const isChosen = tab.id === `tab-${name}`;
      setAttribute(tab, 'aria-selected', isChosen);
      setAttribute(tab, 'tabindex', isChosen ? 0 : -1);
    }
    setAttribute(this.panel, 'aria-labelledby', `tab-${name}`);
    this.panel.replaceChildren();
    this.head = null;
    setText(this.note, '');
    this.refresh();
  }

  /** The cluster whose rows are wanted. */
  setCluster(cluster) {
    if (this.cluster === cluster) return;
    this.cluster = cluster;
    this.readAt = 0;
    this.refresh();
  }

  /** Reads anew when it is time, when somebody looks, and when the last answer has come. */
  async refresh(isForced = false) {
    const definition = definitions[this.name];
    const now = performance.now();
    if (this.cluster === undefined || !this.isInView || document.hidden || this.isReading) return;
    if (!isForced && this.readAt !== 0 && now - this.readAt < definition.every) return;
    const name = this.name;
    const parameters = { limit: definition.rows ?? shownRows, order_by: this.orders[name] };
    if (definition.byCluster) parameters.cluster = this.cluster;
    this.isReading = true;
    this.readAt = now;
    try {
      const answer = await rows(name, parameters);
      if (name === this.name) {
        this.answer = answer;
        this.show();
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      setText(this.note, `It could not be read: ${error.message}`);
      this.refused(error);
    } finally {
      this.isReading = false;
      if (name !== this.name) this.refresh();
    }
  }

  show() {
    if (this.answer === null) return;
    const definition = definitions[this.name];
    const wanted = byId('search').value.toLowerCase();
    const found = this.answer.rows.filter((row) => wanted === '' || Object.values(row).some((value) => String(value ?? '').toLowerCase().includes(wanted)));
    this.makeHead(definition);
    // A button that goes between press and release is never pressed.
    if (!this.isPressed) this.fill(found.map((row) => this.row(definition, row)));
    const notes = [];
    if (this.answer.rows.length === 0) notes.push(definition.empty);
    else if (found.length < this.answer.rows.length) notes.push(`${found.length} of ${this.answer.rows.length} rows`);
    if (this.answer.truncated) notes.push(`Only the first ${this.answer.rows.length} rows of this order are shown.`);
    setText(this.note, notes.join(' '));
  }

  /** Replaces the rows; the focus stays on the same button, or goes to the panel when that has gone. */
  fill(list) {
    const focused = this.body.contains(document.activeElement) ? document.activeElement.getAttribute('aria-label') : null;
    this.body.replaceChildren(...list);
    if (focused === null) return;
    const again = [...this.body.querySelectorAll('button')].find((button) => button.getAttribute('aria-label') === focused);
    (again ?? this.panel).focus({ preventScroll: true });
  }

  makeHead({ columns }) {
    const mayKill = this.name === 'sessions' && this.mayKill();
    const key = `${this.name} ${this.orders[this.name]} ${mayKill}`;
    if (this.head === key) return;
    const hadFocus = this.panel.querySelector('thead button:focus')?.textContent;
    this.head = key;
    const order = this.orders[this.name];
    const cells = columns.map(([title, , by, kind]) => {
      const direction = by === null ? null : order === by ? 'ascending' : order === `-${by}` ? 'descending' : null;
      const button = by === null ? title : make('button', { type: 'button', onclick: () => this.orderBy(by) }, title);
      return make('th', { scope: 'col', class: kind === 'number' ? kind : null, 'aria-sort': direction }, button);
    });
    if (mayKill) cells.push(make('th', { scope: 'col' }, make('span', { class: 'hidden' }, 'Actions')));
    this.body = make('tbody');
    this.panel.replaceChildren(make('table', { class: `rows ${this.name}` }, make('thead', {}, make('tr', {}, ...cells)), this.body));
    if (hadFocus) [...this.panel.querySelectorAll('thead button')].find((button) => button.textContent === hadFocus)?.focus();
  }

  orderBy(column) {
    this.orders[this.name] = this.orders[this.name] === `-${column}` ? column : `-${column}`;
    this.refresh(true);
  }

  row({ columns }, row) {
    const cells = columns.map(([title, cell, , kind]) => {
      const shown = String(cell(row));
      if (shown === '') return make('td', { 'data-label': title });
      const content = kind === 'sql' ? make('span', { class: 'sql', title: shown }, shown) : shown;
      return make('td', { class: kind === 'sql' ? 'wide' : kind ?? null, 'data-label': title }, content);
    });
    if (this.name === 'sessions' && this.mayKill()) {
      cells.push(make('td', { class: 'act' }, make('button', {
        type: 'button', class: 'small danger', 'aria-label': `Kill session ${row.id}`, onclick: () => this.kill(row),
      }, 'Kill…')));
    }
    return make('tr', {}, ...cells);
  }
}
