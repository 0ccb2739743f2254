// The page: follows the events while somebody looks, shows each tick, and says so when nothing comes.
import { Refusal, follow, forget, hasCredentials, quoted, rows, run } from './api.js';
import { Charts } from './charts.js';
import { confirmStatement, signIn, tellOutcome } from './dialogs.js';
import { byId, make, moveByArrows, setAttribute, setText } from './dom.js';
import { clock, span } from './format.js';
import { Model } from './model.js';
import { Tables } from './tables.js';
import { Timeline, keptEvents } from './timeline.js';
import { judge, showVerdict } from './verdict.js';
import { Yard } from './yard.js';

/** Without a tick for this long something is wrong, and it is asked anew. */
const silenceMilliseconds = 7_000;
const longestPauseMilliseconds = 5_000;

const model = new Model();
const charts = new Charts();
const timeline = new Timeline();
const yard = new Yard((order, node) => askDrain(order, node));
const tables = new Tables({ kill: askKill, mayKill: () => mayAct, refused });
let mayAct = false;
let stream = null;
let lastSign = 0;
let goneSince = null;
/** Why the stream was ended from here: nobody looks, nothing came, or it shall begin anew. */
let endedFor = null;
let needsHistory = true;

// MARK: What is shown

function chosenCluster() {
  const wanted = decodeURIComponent(location.hash.slice(1));
  return model.clusters.get(wanted) ?? [...model.clusters.values()][0];
}

function show() {
  const cluster = chosenCluster();
  if (cluster === undefined) return;
  showClusters(cluster);
  showVerdict(cluster, timeline.events);
  yard.show(cluster, model, mayAct);
  timeline.show(cluster.name);
  charts.show(cluster, timeline.events);
  tables.setCluster(cluster.name);
  tables.refresh();
  const pause = byId('pause');
  pause.hidden = !mayAct;
  setText(pause, cluster.row.gate === 'paused' ? 'Resume…' : 'Pause…');
  const state = judge(cluster);
  document.title = `${state.level === 'good' ? '' : '! '}${cluster.name}: ${state.text} – Switchyard`;
}

function showClusters(chosen) {
  const nav = byId('clusters');
  const names = [...model.clusters.keys()];
  if (nav.dataset.names !== names.join('\n')) {
    nav.dataset.names = names.join('\n');
    nav.replaceChildren(...names.map((name) => make('button', {
      type: 'button', role: 'tab', 'data-cluster': name, onclick: () => { location.hash = encodeURIComponent(name); },
    }, make('span', { class: 'lamp', 'aria-hidden': true }), name, make('span', { class: 'hidden' }))));
  }
  for (const tab of nav.children) {
    const cluster = model.clusters.get(tab.dataset.cluster);
    const { level, text } = judge(cluster);
    setAttribute(tab.firstChild, 'class', `lamp ${level}`);
    setText(tab.lastChild, `: ${text}`);
    setAttribute(tab, 'aria-selected', cluster === chosen);
    setAttribute(tab, 'tabindex', cluster === chosen ? 0 : -1);
  }
}

function setLive(level, text) {
  byId('live').className = `live ${level}`;
  setText(byId('live-text'), text);
}

// MARK: Following

async function begin() {
  // What nobody has to show is not asked for: without a token and users, statements are refused with 403.
  try {
    const answer = await run('SELECT CURRENT_USER()');
    mayAct = true;
    const name = String(answer.rows[0][0]).split('@')[0];
    byId('who').replaceChildren('Sign out', make('span', { class: 'long' }, ` (${name})`));
    byId('who').hidden = false;
  } catch (error) {
    if (error.status !== 403) throw error;
    mayAct = false;
    byId('who').hidden = true;
    byId('live').title = error.message;
  }
  document.body.classList.toggle('may-act', mayAct);
}

/** Reads what happened before, once the events come: so nothing is missed in between. */
async function loadHistory() {
  try {
    timeline.add((await rows('routing_history', { limit: keptEvents, order_by: '-time' })).rows);
    show();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    needsHistory = true;
    refused(error);
  }
}

function heard(name, object) {
  lastSign = performance.now();
  if (name === 'routing') timeline.add([object]);
  if (name !== 'tick') return;
  if (goneSince !== null) tellOutcome(`Switchyard answers again, after ${span(Date.now() - goneSince)}.`);
  goneSince = null;
  byId('gone').hidden = true;
  document.body.classList.remove('is-gone');
  setLive('good', mayAct ? 'Live' : 'Live, read only');
  model.take(object, lastSign);
  show();
  if (needsHistory) {
    needsHistory = false;
    loadHistory();
  }
}

function gone(text) {
  goneSince ??= Date.now();
  setLive('bad', 'Not connected');
  document.body.classList.add('is-gone');
  document.title = '? Switchyard';
  byId('verdict-state').className = 'chip bad';
  setText(byId('verdict-state'), 'not known now');
  const since = clock(new Date(goneSince).toISOString());
  setText(byId('gone'), `No news from Switchyard since ${since}: ${text}. What is shown is how it was then. It is tried again.`);
  byId('gone').hidden = false;
}

/** Follows until it ends, and says why it did; null when nobody looks any more. */
async function followOnce() {
  stream = new AbortController();
  try {
    lastSign = performance.now();
    needsHistory = true;
    await begin();
    await follow(stream.signal, heard);
  } catch (error) {
    if (error.name === 'AbortError') return endedFor === 'silence' ? new Refusal(0, 'it is silent') : null;
    return error instanceof Refusal ? error : new Refusal(0, 'the connection was lost');
  } finally {
    stream = null;
    model.forgetCounters();
  }
  return null;
}

async function live() {
  let pause = 500;
  for (;;) {
    if (document.hidden) await new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }));
    if (document.hidden) continue;
    const before = model.lastTick;
    const end = await followOnce();
    if (end === null) continue;
    if (model.lastTick !== before) pause = 500;
    if ([401, 429].includes(end.status)) {
      const isFirst = !hasCredentials() && end.status === 401;
      forget();
      setLive('warn', 'Not signed in');
      setText(byId('who'), 'Sign in');
      byId('who').hidden = false;
      await signIn(isFirst ? '' : end.message);
      continue;
    }
    gone(end.message);
    await new Promise((resolve) => setTimeout(resolve, pause));
    pause = Math.min(longestPauseMilliseconds, pause * 2);
  }
}

/** A table was refused: who asks is asked anew by the loop, when it is that. */
function refused(error) { if (error.status === 401) end('renewal'); }

function end(reason) {
  endedFor = reason;
  stream?.abort();
}

// MARK: Acting

async function act(statement) {
  try { await run(statement); } catch (error) {
    refused(error);
    throw error;
  }
}

function done(statement) {
  tellOutcome(`Done: ${statement}`);
  tables.refresh(true);
}

function askDrain(order, node) {
  const name = quoted(`${node.cluster}/${node.node}`);
  const text = order === 'ENABLE'
    ? 'It takes reads again as soon as it is fit.'
    : 'It gets no new reads; sessions leave it when they can, and at last when drain_timeout is over. Draining does not promote another primary.';
  confirmStatement({
    title: `${order === 'ENABLE' ? 'Enable' : 'Drain'} ${node.node}?`, text, action: order === 'ENABLE' ? 'Enable it' : 'Drain it', statement: `${order} NODE ${name}`,
  }, act, done);
}

function askKill(row) {
  confirmStatement({
    title: `Kill session ${row.id}?`, action: 'Kill it', statement: `KILL ${row.id}`,
    text: `${row.user ?? 'nobody'} from ${row.peer ?? 'nowhere'} loses its connection${row.in_transaction === 'yes' ? ', and its open transaction is rolled back' : ''}.`,
  }, act, done);
}

function askPause() {
  const { name, row } = chosenCluster();
  if (row.gate === 'paused') {
    confirmStatement({
      title: `Resume ${name}?`, text: 'What waits begins at once.', action: 'Resume it', statement: `RESUME CLUSTER ${quoted(name)}`,
    }, act, done);
    return;
  }
  confirmStatement({
    title: `Pause ${name}?`, action: 'Pause it', choiceLabel: 'It goes on by itself after',
    text: 'No write and no transaction begins; what has begun goes on. Clients wait, and get an error when hold_timeout is over before the pause is.',
    choices: [['10', '10 seconds'], ['30', '30 seconds'], ['60', 'one minute'], ['300', '5 minutes']],
    statement: (seconds) => `PAUSE CLUSTER ${quoted(name)} FOR ${Number(seconds)} SECONDS`,
  }, act, done);
}

// MARK: The rest of the page

const themes = { auto: ['◐', 'Auto'], light: ['☀', 'Light'], dark: ['☾', 'Dark'] };

function showTheme() {
  const theme = document.documentElement.dataset.theme ?? 'auto';
  const [sign, name] = themes[theme];
  byId('theme').replaceChildren(sign, make('span', { class: 'long' }, ` ${name}`));
  setAttribute(byId('theme'), 'aria-label', `Colours: ${theme}. Change`);
}

function setTheme(theme) {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  localStorage.setItem('switchyard-theme', theme);
  showTheme();
}

const keptTheme = localStorage.getItem('switchyard-theme');
if (keptTheme in themes && keptTheme !== 'auto') document.documentElement.dataset.theme = keptTheme;
showTheme();
byId('theme').addEventListener('click', () => {
  const names = Object.keys(themes);
  setTheme(names[(names.indexOf(document.documentElement.dataset.theme ?? 'auto') + 1) % names.length]);
});
byId('pause').addEventListener('click', askPause);
byId('who').addEventListener('click', () => {
  if (!hasCredentials()) { signIn(''); return; }
  forget();
  // Nothing that was shown stays on the screen.
  location.reload();
});
moveByArrows(byId('clusters'));
window.addEventListener('hashchange', show);
// Nobody looks: nothing is asked.
document.addEventListener('visibilitychange', () => { if (document.hidden) end('rest'); });
setInterval(() => {
  if (stream !== null && performance.now() - lastSign > silenceMilliseconds) end('silence');
}, 1_000);
live();
