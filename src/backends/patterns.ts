// Which entries of a temp directory an agent makes: a name by path component, and the shape of what is there.
// A name alone proves nothing: `claude-empty-cart-bug/` is somebody's work. Pure.
//   *           anything
//   <uid>       our uid
//   <uuid>      a session's id of 8-4-4-4-12 hexadecimal digits
//   <hex:4>     so many lower case hexadecimal digits
//   <random:6>  so many letters and digits, as mkdtemp(3) makes them
//   <number>    decimal digits
//   .           at the start: a hidden name; all others are none
//   <time>      an ISO time in a file's name, 2026-01-31T12-00-00-000Z
//   <a|b>       one or the other
// A pattern names a unit: what lives and dies together.

export interface UnitPattern {
  /** Below a temp directory. */
  path: string;
  shape: Shape;
}

/**
 * What is there; a link never is. `byCommand`: a command of the agent's made it in its TMPDIR, and the name
 * does not tell what it is. In a repository it stays. It is in use while somebody works in its directory.
 */
export type Shape =
  | { kind: 'file'; maxBytes?: number; byCommand?: true }
  /** `holds`: nothing but regular files of these names; without it anything. */
  | { kind: 'directory'; holds?: readonly string[] };

/** See there. */
export const isByCommand = (shape: Shape | undefined): boolean =>
  shape?.kind === 'file' && shape.byCommand === true;

/** Matches the name of one component. */
export function componentMatcher(component: string, uid: number): (name: string) => boolean {
  const source = component.replace(TOKEN, (found, alternatives?: string) => {
    const each = alternatives?.split('|').map((one) => placeholder(one, uid));
    return each ? `(?:${each.join('|')})` : found === '*' ? '.*' : `\\${found}`;
  });
  const expression = new RegExp(`^${source}$`, 's');
  const isHidden = component.startsWith('.');
  return (name) => name.startsWith('.') === isHidden && expression.test(name);
}

/** The one name that can match a component; undefined where several can. */
export const onlyName = (component: string, uid: number): string | undefined => {
  const name = component.replaceAll('<uid>', String(uid));
  return /[*<]/.test(name) ? undefined : name;
};

/** A component as people read it: `claude-empty-*`. */
export const globOf = (component: string, uid: number): string =>
  component
    .replaceAll('<uid>', String(uid))
    .replace(/<[^>]*>/g, '*')
    .replace(/\*(-\*)+/g, '*');

/** The components of a pattern. */
export const components = (path: string): string[] => path.split('/');

function placeholder(name: string, uid: number): string {
  const [kind = '', length = ''] = name.split(':');
  if (kind === 'uid') return String(uid);
  if (kind === 'hex') return `[0-9a-f]{${length}}`;
  if (kind === 'random') return `[0-9A-Za-z]{${length}}`;
  if (kind === 'number') return '\\d+';
  if (kind === 'time') return '\\d{4}-\\d\\d-\\d\\dT\\d\\d-\\d\\d-\\d\\d-\\d{3}Z';
  return '[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}';
}

/** A placeholder, or a character that means something to a regular expression. */
const TOKEN = /<([a-z0-9:|]+)>|[*.+?^${}()|[\]\\]/g;
