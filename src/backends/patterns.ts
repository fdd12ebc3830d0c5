// Which entries of a temp directory an agent makes, as patterns by path component. Pure.
//   *        anything          <uid>   our uid
//   <uuid>   a session's id of 8-4-4-4-12 hexadecimal digits
// A pattern names a unit: what lives and dies together.

/** Matches the name of one component. */
export function componentMatcher(component: string, uid: number): (name: string) => boolean {
  const source = component
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('<uid>', String(uid))
    .replaceAll('<uuid>', '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}');
  const expression = new RegExp(`^${source}$`, 's');
  return (name) => !name.startsWith('.') && expression.test(name);
}

/** The one name that can match a component; undefined where several can. */
export const onlyName = (component: string, uid: number): string | undefined =>
  /\*|<uuid>/.test(component) ? undefined : component.replaceAll('<uid>', String(uid));

/** The components of a pattern. */
export const components = (pattern: string): string[] => pattern.split('/');
