// What a terminal's bytes look like to a person: the text, line by line, without colours and modes. Programs draw the same
// picture in other steps when the machine is busy; pictures can be compared, bytes cannot.

/** All lines of a terminal of 80 columns, those scrolled out of sight first. */
export function rendered(bytes: string, rows = 24): string[] {
  const above: string[] = [];
  const lines = Array.from({ length: rows }, () => '');
  const at = { row: 0, column: 0 };
  const put = (text: string) => {
    const line = (lines[at.row] ?? '').padEnd(at.column);
    lines[at.row] = line.slice(0, at.column) + text + line.slice(at.column + text.length);
    at.column += text.length;
  };
  const feed = () => {
    if (at.row < rows - 1) at.row++;
    else {
      above.push(lines.shift() ?? '');
      lines.push('');
    }
  };
  const control = (parameters: string, final: string) => {
    const [first = 0, second = 0] = parameters.split(';').map(Number);
    const count = first || 1;
    const line = lines[at.row] ?? '';
    const { column, row } = at;
    if (final === 'H') Object.assign(at, { row: count - 1, column: (second || 1) - 1 });
    if (final === 'A') at.row = Math.max(0, row - count);
    if (final === 'B') at.row = Math.min(rows - 1, row + count);
    if (final === 'C') at.column += count;
    if (final === 'D') at.column = Math.max(0, column - count);
    if (final === 'G') at.column = count - 1;
    if (final === 'K') lines[row] = first === 2 ? '' : line.slice(0, column);
    if (final === 'P') lines[row] = line.slice(0, column) + line.slice(column + count);
    if (final === '@') lines[row] = line.slice(0, column) + ' '.repeat(count) + line.slice(column);
    if (final === 'J') lines.fill('', first === 2 ? 0 : row + 1);
    if (final === 'J' && first === 0) lines[row] = line.slice(0, column);
  };
  for (const { groups = {} } of bytes.matchAll(TOKEN)) {
    const { text, parameters = '', final, plain } = groups;
    if (text) put(text);
    else if (final) control(parameters, final);
    else if (plain === '\r') at.column = 0;
    else if (plain === '\n') feed();
    else if (plain === '\b') at.column = Math.max(0, at.column - 1);
  }
  return [...above, ...lines].map((line) => line.trimEnd()).filter((line) => line !== '');
}

/** Control sequences, strings to the terminal (which show nothing), other escapes, text, single control characters. */
const ESC = String.fromCharCode(27);
const TOKEN = new RegExp(
  [
    `${ESC}\\[(?<parameters>[0-9;]*)(?<final>[A-Za-z@])`,
    `${ESC}\\[[?>=!0-9;%]*[A-Za-z]`,
    `${ESC}[P\\]][^${ESC}\\u0007]*(?:\\u0007|${ESC}\\\\)`,
    `${ESC}[()].`,
    `${ESC}.`,
    '(?<text>[^\\p{Cc}]+)',
    '(?<plain>\\p{Cc})',
  ].join('|'),
  'gsu',
);
