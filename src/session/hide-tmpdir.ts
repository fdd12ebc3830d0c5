// tmp-promise resolves os.tmpdir() while it is loaded, and throws where that is missing: no agent would
// start, though its TMPDIR is what we replace. This module is loaded before it. Modules are evaluated in
// order and in one go, so nobody else sees the change.

const NAMES = ['TMPDIR', 'TMP', 'TEMP'] as const;
const saved = NAMES.map((name) => [name, process.env[name]] as const);
if (process.platform !== 'win32') process.env['TMPDIR'] = '/';

/** Puts the variables back as they were. */
export function restoreTmpdir(): void {
  for (const [name, value] of saved) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}
