// Stands for `crypto` in the bundles: tmp loads it for names it makes up itself, and gets all of its names
// from us. Loading it delays a start by 2 ms.

/** Bytes nobody can guess; see `randomBytes` of node:crypto. */
export const randomBytes = (size: number): Buffer =>
  process.getBuiltinModule('node:crypto').randomBytes(size);
