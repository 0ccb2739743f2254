// Asks Switchyard. Who asks is shown in a header that only this page knows: no cookie, nothing that a browser sends by
// itself, so no other site can act in the reader's name.

const base = 'api/v1/';
const storeKey = 'switchyard-authorization';
const answerMilliseconds = 15_000;
/** What is kept of one event at most; a tick of 64 nodes has 200 kB. */
const eventCharacters = 16 << 20;

/** An answer that is none: what the server says of it, or that there is no server (status 0). */
export class Refusal extends Error {
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

export function hasCredentials() { return sessionStorage.getItem(storeKey) !== null; }
export function forget() { sessionStorage.removeItem(storeKey); }

/** Keeps a token, or a name and a password, until the tab is closed. */
export function remember(user, secret) {
  const bytes = new TextEncoder().encode(`${user}:${secret}`);
  const pair = () => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  sessionStorage.setItem(storeKey, user === null ? `Bearer ${secret}` : `Basic ${pair()}`);
}

async function ask(path, options = {}) {
  const shown = sessionStorage.getItem(storeKey);
  const headers = { ...options.headers, ...(shown === null ? {} : { Authorization: shown }) };
  let response;
  try {
    response = await fetch(base + path, { ...options, headers, credentials: 'omit', cache: 'no-store', redirect: 'error' });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Refusal(0, error.name === 'TimeoutError' ? 'it takes too long to answer' : 'it does not answer');
  }
  if (response.ok) return response;
  let text = `status ${response.status}`;
  try { text = (await response.json()).error ?? text; } catch { /* It was no JSON: another server answers there. */ }
  throw new Refusal(response.status, text);
}

async function json(response) {
  try { return await response.json(); } catch { throw new Refusal(0, 'the answer was cut off'); }
}

/** The rows of a table of the console; `parameters` choose them. */
export async function rows(table, parameters = {}) {
  const query = new URLSearchParams(parameters);
  return json(await ask(`${table}?${query}`, { signal: AbortSignal.timeout(answerMilliseconds) }));
}

/** Runs a statement of the console. */
export async function run(statement) {
  const headers = { 'Content-Type': 'application/sql' };
  const signal = AbortSignal.timeout(answerMilliseconds);
  return json(await ask('statements', { method: 'POST', headers, body: statement, signal }));
}

/** A text as the console reads one. */
export function quoted(text) { return `'${String(text).replaceAll('\\', '\\\\').replaceAll("'", "''")}'`; }

/** Follows the events until the stream ends or `signal` ends it; `heard(name, object)` gets each. */
export async function follow(signal, heard) {
  const response = await ask('events', { signal });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Refusal(0, 'the stream of events ended');
    text += value;
    const blocks = text.split('\n\n');
    text = blocks.pop();
    if (text.length > eventCharacters) throw new Refusal(0, 'an event is too large');
    for (const block of blocks) tell(block, heard);
  }
}

function tell(block, heard) {
  let name = 'message';
  let data = '';
  for (const line of block.split('\n')) {
    if (line.startsWith('event: ')) name = line.slice(7);
    if (line.startsWith('data: ')) data += line.slice(6);
  }
  if (data !== '') heard(name, JSON.parse(data));
}
