// A native program of a few bytes (Linux, x64) that prints a text, whatever it is asked, and ends; or stays.
import { writeFileSync } from 'node:fs';

export const NO_NATIVE =
  (process.platform !== 'linux' || process.arch !== 'x64') && 'made for Linux on x64 only';

/** Writes it to `path`. */
export function native(path: string, text: string, { stays = false } = {}): void {
  const print = [
    0xb8,
    1,
    0,
    0,
    0,
    0xbf,
    1,
    0,
    0,
    0,
    0x48,
    0x8d,
    0x35,
    16,
    0,
    0,
    0,
    0xba,
    ...u32(text.length),
  ];
  const last = [0xb8, stays ? PAUSE : EXIT, 0, 0, 0, 0x31, 0xff, 0x0f, 5];
  const body = Buffer.from([...print, 0x0f, 5, ...last]);
  writeFileSync(path, Buffer.concat([header(body.length + text.length), body, Buffer.from(text, 'latin1')]), {
    mode: 0o755,
  });
}

/** ELF: one segment, loaded at 4 MiB, begun behind the headers. */
function header(size: number): Buffer {
  const elf = Buffer.alloc(120);
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]).copy(elf);
  elf.writeUInt16LE(2, 16); // an executable
  elf.writeUInt16LE(62, 18); // for x86-64
  elf.writeUInt32LE(1, 20);
  elf.writeBigUInt64LE(BASE + 120n, 24); // begins here
  elf.writeBigUInt64LE(64n, 32); // program header
  elf.writeUInt16LE(64, 52);
  elf.writeUInt16LE(56, 54);
  elf.writeUInt16LE(1, 56);
  elf.writeUInt32LE(1, 64); // to be loaded
  elf.writeUInt32LE(5, 68); // readable, executable
  elf.writeBigUInt64LE(BASE, 80);
  elf.writeBigUInt64LE(BASE, 88);
  elf.writeBigUInt64LE(BigInt(120 + size), 96);
  elf.writeBigUInt64LE(BigInt(120 + size), 104);
  elf.writeBigUInt64LE(0x1000n, 112);
  return elf;
}

const PAUSE = 34;
const EXIT = 60;
const BASE = 0x400000n;
const u32 = (value: number) => [value & 255, (value >> 8) & 255, 0, 0];
