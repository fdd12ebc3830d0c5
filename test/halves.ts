// Which tests run when. `npm test` is for whoever has a clone: attached mode, with what a clone has. CI runs the rest
// after it, by its rooms: the other modes (exec, isolate), what needs a program or a package that CI installs
// (installed), the examples, which are programs of their own and run whole, and the campaigns; and as root what needs
// root.

export type Half = 'npm test' | 'rest' | 'as root';

/** `file`: below `test` or `.build`. */
export function halfOf(file: string): Half {
  if (file.startsWith('as-root/')) return 'as root';
  return /^(campaigns|examples|exec|installed|isolate)\//.test(file) ? 'rest' : 'npm test';
}
