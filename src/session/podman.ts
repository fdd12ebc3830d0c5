// Rootless podman without XDG_RUNTIME_DIR makes its runtime directory in TMPDIR, and writes that path into
// its database at its first run: from then on it makes the directory of a dead session again, wherever it
// runs. Neither XDG_RUNTIME_DIR nor `podman system migrate` change that later (podman 4.3.1).
import { join } from 'node:path';
import { readText } from '../backends/agent-settings.js';
import { unlessItFails } from '../errors.js';
import { fs, quietly } from '../fs.js';
import { ownUid } from '../root/trusted.js';

export interface PodmanPlace {
  /** The session's, by the name that podman knows. */
  tmpdir: string;
  /** Where that is found from here. */
  contents: string;
  home: string | undefined;
}

/** What its user should know of podman when this session ends. */
export function podmanWarnings({ tmpdir, contents, home }: PodmanPlace): string[] {
  const dir = [`podman-run-${ownUid()}`, `storage-run-${ownUid()}`].find((name) =>
    quietly(() => fs.lstatSync(join(contents, name)).isDirectory()),
  );
  if (dir === undefined || isNamedElsewhere(tmpdir, home)) return [];
  return [
    `podman remembers ${join(tmpdir, dir)} as its runtime directory and will make it again: set ` +
      `XDG_RUNTIME_DIR before its first run; now only podman system reset helps, which removes its ` +
      `containers and images`,
  ];
}

/** Its databases, where it has them by default, know another place: it ran before. */
function isNamedElsewhere(tmpdir: string, home: string | undefined): boolean {
  if (home === undefined) return false;
  const texts = DATABASES.flatMap((name) => unlessItFails(() => readText(join(home, STORAGE, name))) ?? []);
  return texts.length > 0 && !texts.some((text) => text.includes(tmpdir));
}

const STORAGE = '.local/share/containers/storage';
const DATABASES = ['libpod/bolt_state.db', 'db.sql', 'db.sql-wal'];
