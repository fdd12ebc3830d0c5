// What `temp_cleanup` of the configuration means for the reaper. Wrong values mean the default, as they always did.
const { readFileSync } = require('node:fs');

const HOUR_MS = 3_600_000;
const DEFAULT_HOURS = 72;

/** The configuration as it is now; as it was where it is being written. */
function liveConfig(path) {
  let last = JSON.parse(readFileSync(path, 'utf8'));
  return () => {
    try {
      last = JSON.parse(readFileSync(path, 'utf8'));
    } catch {}
    return last;
  };
}

/** Options for `startReaper`, and but for `enabled` for `reap`. */
function reaperOptions({ temp_cleanup: settings } = {}) {
  const given = settings?.max_age_hours;
  const isAge = typeof given === 'number' && given > 0 && Number.isFinite(given * HOUR_MS);
  return {
    enabled: settings?.enabled !== false,
    maxAge: (isAge ? given : DEFAULT_HOURS) * HOUR_MS,
    orphans: 'end', // an agent whose server died has lost its terminal: nobody can reach it any more
    legacy: process.env.QW_LEGACY !== 'off', // also what agents left in /tmp before they had sessions
  };
}

module.exports = { liveConfig, reaperOptions };
