// Figures for people. Pure.

/** `1.5 MiB`, three significant digits. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`;
}

/** `63,370`. Not by toLocaleString: that loads languages for longer than a small pass takes. */
export const withCommas = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

/** `1 entry`, `63,370 entries`. */
export const plural = (count: number, one: string): string =>
  `${withCommas(count)} ${count === 1 ? one : `${one.replace(/y$/, 'ie').replace(/s$/, 'se')}s`}`;

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
