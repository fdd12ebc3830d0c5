// What `temp_cleanup` of the configuration means for the reaper. Wrong values mean the default, as they always did.
const HOUR_MS = 3_600_000;
const DEFAULT_HOURS = 72;

/** Options for `startReaper` and `reap`. */
function reaperOptions({ temp_cleanup: settings } = {}) {
  const hours = settings?.max_age_hours;
  return {
    enabled: settings?.enabled !== false,
    maxAge: (Number.isFinite(hours) && hours > 0 ? hours : DEFAULT_HOURS) * HOUR_MS,
    orphans: 'end', // an agent whose server died has lost its terminal: nobody can reach it any more
    legacy: process.env.QW_LEGACY !== 'off', // also what agents left in /tmp before they had sessions
  };
}

module.exports = { reaperOptions };
