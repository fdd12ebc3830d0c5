// A session for the length of a block: it ends when the block is left, by return or by exception. To be compiled, with
// `tsc --target es2022 --lib es2023,esnext.disposable --module nodenext`.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { openSession } from 'qw-run';

const run = promisify(execFile);

async function countWords(): Promise<{ words: string; tmpdir: string }> {
  await using session = await openSession({ label: 'await using' });
  const script = 'echo one two three > "$TMPDIR/text"; wc -w < "$TMPDIR/text"';
  const { stdout } = await run('sh', ['-c', script], { env: session.env() });
  return { words: stdout.trim(), tmpdir: session.tmpdir };
}

const { words, tmpdir } = await countWords();
console.log(`${words} words; TMPDIR is ${existsSync(tmpdir) ? 'still there' : 'gone'}`);
