// What we use of node:crypto, which is loaded when it is called: loading it delays a start. It also stands
// for `crypto` in the bundles: tmp loads that for names it makes up itself, and gets all of its names from
// us.
import type * as Crypto from 'node:crypto';
import { createRequire } from 'node:module';

const crypto = (): typeof Crypto => createRequire(process.execPath)('node:crypto');

export const createHash: typeof Crypto.createHash = (...args) => crypto().createHash(...args);
export const randomBytes = (size: number): Buffer => crypto().randomBytes(size);
