// Which tests run when: `npm test` runs what takes minutes, in attached mode; CI runs the rest after it (the campaigns, and
// exec mode), and as root what needs root.

export type Half = 'npm test' | 'rest' | 'as root';

/** `file`: below `test` or `.build`. */
export function halfOf(file: string): Half {
  if (file.startsWith('as-root/')) return 'as root';
  return /^(campaigns|exec)\//.test(file) ? 'rest' : 'npm test';
}
