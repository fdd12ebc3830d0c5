// Runs one of our bundles with what V8 compiled of it in an earlier run, kept beside it as Python keeps its
// __pycache__: compiling is a third of what we add to a start. Whoever can write there can write the bundle,
// too, so we trust nobody new. Where we cannot write, or what we find does not fit, V8 compiles it anew.
import { basename, dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { codeOf, fs, quietly, TO_MAKE, TO_READ, withFile } from '../fs.js';

interface Compiled<T> {
  exports: T;
  /**
   * Keeps what is compiled by now for later runs, where nothing useful was there. Call it when most has run.
   */
  keep(): void;
}

/** Runs the bundle `file`: CommonJS that requires nothing but modules of Node. */
export function runCompiled<T>(file: string): Compiled<T> {
  const isOff = Boolean(process.env['NODE_DISABLE_COMPILE_CACHE']);
  const place = isOff ? undefined : quietly(() => placeOf(file));
  const text = place && quietly(() => fs.readFileSync(file, 'latin1')); // the bundler writes ASCII
  if (!place || text === undefined) return { exports: require(file), keep: () => {} };
  const cachedData = quietly(() => readTrusted(place));
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {${text}\n})`, {
    filename: file,
    ...(cachedData && { cachedData }),
  });
  const module = { exports: {} as T };
  script.runInThisContext()(module.exports, require, module, file, dirname(file));
  const isUseful = cachedData && !script.cachedDataRejected;
  const keep = () => {
    if (!isUseful && !hasOptions()) quietly(() => write(place, script.createCachedData()));
  };
  return { exports: module.exports, keep };
}

declare const require: NodeJS.Require;

/**
 * V8 compares the length of the text, its own version and its options; the file's identity stands for the
 * rest. `uid`: the bundle's owner. `isOld`: the name belongs to an earlier state of it.
 */
function placeOf(bundle: string) {
  const { size, ctimeMs, ino, uid } = fs.statSync(bundle);
  const dir = join(dirname(bundle), '.cache');
  const all = `${basename(bundle)}-`;
  const current = `${all}${size}-${ino}-${Math.round(ctimeMs)}-`;
  const file = join(dir, `${current}${process.version}-${process.arch}`);
  return { dir, file, uid, isOld: (name: string) => name.startsWith(all) && !name.startsWith(current) };
}
type Place = ReturnType<typeof placeOf>;

function readTrusted({ file, uid }: Place): Buffer | undefined {
  return withFile(file, TO_READ, (fd) => {
    const stat = fs.fstatSync(fd);
    const isTrusted = stat.isFile() && (stat.uid === uid || stat.uid === 0) && (stat.mode & 0o022) === 0;
    return isTrusted ? fs.readFileSync(fd) : undefined;
  });
}

/** Synced before it gets its name: V8's checks would accept half a file. */
function write({ dir, file, uid, isOld }: Place, data: Buffer): void {
  if (process.getuid?.() !== uid) return;
  if (!fs.existsSync(dir)) fs.mkdirSync(dir, 0o755);
  for (const name of fs.readdirSync(dir)) if (isOld(name)) fs.unlinkSync(join(dir, name));
  const draft = `${file}.${process.pid}`;
  try {
    withFile(draft, TO_MAKE, (fd) => {
      fs.writeFileSync(fd, data);
      fs.fchmodSync(fd, 0o644);
      fs.fsyncSync(fd);
    });
    fs.renameSync(draft, file);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') quietly(() => fs.unlinkSync(draft)); // somebody else's
    throw error;
  }
}

/** Options of Node may be options of V8: what was compiled under them is of no use to other runs. */
const hasOptions = (): boolean => process.execArgv.length > 0 || Boolean(process.env['NODE_OPTIONS']);
