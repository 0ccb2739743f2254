// What is asked of the reader: whether something shall be done, and who he is.
import { byId, make, setText } from './dom.js';
import { remember } from './api.js';

let toastTimer = 0;
const toastMilliseconds = 6_000;

/** Tells the outcome of something, for a moment. */
export function tellOutcome(text, isBad = false) {
  const toast = byId('toast');
  toast.className = isBad ? 'bad shown' : 'shown';
  setText(toast, text);
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { toast.className = ''; }, toastMilliseconds);
}

/**
 * Asks whether a statement shall run, and runs it with `run`; a failure is shown in the dialog, which stays.
 * `statement` is a function of the choice when there are `choices`: pairs of a value and a text.
 */
export function confirmStatement({ title, text, action, statement, choiceLabel, choices }, run, done) {
  const dialog = byId('confirm');
  if (dialog.open) return;
  const choice = byId('confirm-choice');
  const select = choice.querySelector('select');
  const yes = byId('confirm-yes');
  setText(byId('confirm-title'), title);
  setText(byId('confirm-text'), text);
  setText(byId('confirm-error'), '');
  setText(yes, action);
  choice.hidden = choices === undefined;
  setText(choice.querySelector('span'), choiceLabel ?? '');
  select.replaceChildren(...(choices ?? []).map(([value, label]) => make('option', { value }, label)));
  const words = () => (choices === undefined ? statement : statement(select.value));
  setText(byId('confirm-statement'), words());
  select.onchange = () => setText(byId('confirm-statement'), words());
  yes.disabled = false;
  yes.onclick = async () => {
    yes.disabled = true;
    try {
      await run(words());
      dialog.close();
      done(words());
    } catch (error) {
      setText(byId('confirm-error'), error.message);
      yes.disabled = false;
    }
  };
  dialog.showModal();
  byId('confirm-no').focus();
}

let asked = null;

/** Asks for a token, or a name and a password, and keeps what is given; resolves when something was. */
export function signIn(reason) {
  const dialog = byId('sign-in');
  const form = dialog.querySelector('form');
  setText(byId('sign-in-error'), reason ?? '');
  asked ??= new Promise((resolve) => {
    const choose = () => {
      const isToken = form.elements.with.value === 'token';
      byId('sign-in-name').hidden = isToken;
      form.elements.user.required = !isToken;
      setText(byId('sign-in-what'), isToken ? 'Token' : 'Password');
    };
    form.onchange = choose;
    choose();
    // Without an answer there is nothing behind it to go back to.
    dialog.oncancel = (event) => event.preventDefault();
    form.onsubmit = (event) => {
      const secret = form.elements.secret.value;
      const isToken = form.elements.with.value === 'token';
      if (isToken && !/^[\x21-\x7e]+$/.test(secret)) {
        event.preventDefault();
        setText(byId('sign-in-error'), 'A token has letters, digits and signs of ASCII only.');
        return;
      }
      remember(isToken ? null : form.elements.user.value, secret);
      form.elements.secret.value = '';
      asked = null;
      resolve();
    };
  });
  if (!dialog.open) dialog.showModal();
  form.elements[form.elements.with.value === 'token' ? 'secret' : 'user'].focus();
  return asked;
}
