// One line that is written over and over on a terminal, a few times a second, and is gone at the end; nothing
// anywhere else.
import { isatty } from 'node:tty';
import { write } from './say.js';

interface ProgressLine {
  show(text: string): void;
  clear(): void;
}

export function progressLine(): ProgressLine {
  if (!isatty(2)) return { show: () => {}, clear: () => {} };
  let shownAt = performance.now();
  let isShown = false;
  return {
    show(text) {
      if (performance.now() - shownAt < SHOW_EVERY_MS) return;
      shownAt = performance.now();
      isShown = true;
      write(2, `\r\x1b[Kqw-tmp: ${text} …`);
    },
    clear: () => isShown && write(2, '\r\x1b[K'),
  };
}

const SHOW_EVERY_MS = 200;
