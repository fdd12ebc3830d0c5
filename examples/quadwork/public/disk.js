// What is on the disk besides the agents' own sessions: room, other sessions and their deletion, receipts, the reaper.
import { inBytes, inGrowth, inPass, inRoom, inTime } from './words.js';

const byId = (id) => document.getElementById(id);
const rows = new Map(); // id → row: it stays, so that what somebody opened or focused does
const LOW = 0.05;
const GONE = 'it is gone already';

export function drawDisk({ headroom, others, receipts, reaper }) {
  byId('room').replaceChildren(...headroom.map(room));
  for (const other of others) drawOther(other);
  for (const [id, row] of rows)
    if (!others.some((other) => other.id === id)) {
      row.remove();
      rows.delete(id);
    }
  byId('receipts').tBodies[0].replaceChildren(...receipts.map(receiptRow));
  for (const table of document.querySelectorAll('table')) table.hidden = table.tBodies[0].rows.length === 0;
  if (reaper) byId('reaper').textContent = inPass(reaper);
}

function room(it) {
  const p = document.createElement('span');
  p.textContent = inRoom(it);
  if (it.bytesFree < LOW * it.bytesTotal || it.inodesFree < LOW * it.inodesTotal) p.dataset.state = 'failed';
  return p;
}

function drawOther({ id, state, reason, label, bytes, growth, users, work }) {
  const row = rows.get(id) ?? addRow(id);
  const texts = [id, `${state} (${reason})`, label ?? '', inBytes(bytes), inGrowth(growth)];
  texts.forEach((text, index) => {
    row.cells[index].textContent = text;
  });
  drawUsers(row.querySelector('.users'), users);
  const button = row.querySelector('button');
  button.disabled = state === 'live'; // its owner ends it
  button.onclick = () => askToDelete({ id, label, bytes, users, work });
}

function addRow(id) {
  const row = emptyRow(byId('others'));
  row.cells[5].className = 'users';
  const button = document.createElement('button');
  button.textContent = 'Delete';
  row.cells[6].append(button);
  byId('others').tBodies[0].append(row);
  rows.set(id, row);
  return row;
}

/** In a line; opened, with pids. */
export function drawUsers(place, users) {
  if (!users?.line) return place.replaceChildren('–');
  if (!place.querySelector('details')) place.innerHTML = '<details><summary></summary><ul></ul></details>';
  place.querySelector('summary').textContent = users.line;
  place.querySelector('ul').replaceChildren(
    ...users.each.map((text) => {
      const item = document.createElement('li');
      item.textContent = text;
      return item;
    }),
  );
}

function askToDelete({ id, label, bytes, users, work }) {
  const dialog = byId('delete');
  const used = users.line ? ` It is used by ${users.line}.` : '';
  dialog.querySelector('.what').textContent = `${id}${label ? `, ${label}` : ''}, ${inBytes(bytes)}.${used}`;
  const saved = work.map(
    ({ path, kind, save }) => `${kind} ${path} goes with it${save ? `; to save it: ${save}` : ''}`,
  );
  dialog.querySelector('.work').textContent = saved.join('\n');
  const force = dialog.querySelector('[name=force]');
  force.checked = false;
  force.parentElement.hidden = !users.line;
  dialog.returnValue = 'cancel'; // of Escape, too
  dialog.onclose = () => dialog.returnValue === 'delete' && remove(id, force.checked);
  dialog.showModal();
}

async function remove(id, force) {
  const say = (text) => {
    byId('deleted').textContent = `${id}: ${text}`;
  };
  try {
    const response = await fetch(`/api/sessions/${id}${force ? '?force=yes' : ''}`, { method: 'DELETE' });
    const { error, removed, kept, failed } = await response.json();
    if (error) return say(error);
    const stays = kept.map(({ state, reason }) => `it stays: ${state}, ${reason}`);
    const wrong = failed.map(({ path, reason, hint }) =>
      reason.startsWith('no such session') ? GONE : `${path}: ${reason}${hint && `; try: ${hint}`}`,
    );
    say([...(removed.includes(id) ? ['deleted'] : []), ...stays, ...wrong].join('; ') || GONE);
  } catch (error) {
    say(error.message);
  }
}

function receiptRow({ at, by, id, label, text }) {
  const row = emptyRow(byId('receipts'));
  for (const [index, each] of [inTime(at), id, label, by, text].entries())
    row.cells[index].textContent = each;
  return row;
}

/** On a phone each cell bears its column's name. */
function emptyRow(table) {
  const row = document.createElement('tr');
  for (const { textContent } of table.tHead.rows[0].cells) row.insertCell().dataset.label = textContent;
  return row;
}
