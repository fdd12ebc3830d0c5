// How a session ended, in words: for the log and the page, and what of it is an error to QuadWork.

/** What did not go as it should; empty where all is gone. */
const cleanupErrors = ({ left, failed, warnings = [], lastPressure }) => [
  ...(left.length > 0 ? [`TMPDIR is still used by ${names(left)}`] : []),
  ...failed.map(({ path, reason, hint }) => `could not remove ${path}: ${reason}${hint && `; try: ${hint}`}`),
  ...warnings,
  ...(lastPressure ? [`the file system was full (${lastPressure.code}, ${lastPressure.at})`] : []),
];

/** `ended sh ×2, sleep; TMPDIR removed`. Without `ended` nobody looked. */
const inWords = (report) =>
  [...whoEnded(report), `TMPDIR ${report.state}`, ...cleanupErrors(report)].join('; ');

function whoEnded({ ended }) {
  if (!ended) return [];
  return [ended.length > 0 ? `ended ${names(ended)}` : 'nothing was left running'];
}

/** `sh ×9, sleep ×9` */
function names(processes) {
  const counts = new Map();
  for (const { name } of processes) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => (count > 1 ? `${name} ×${count}` : name)).join(', ');
}

module.exports = { cleanupErrors, inWords, names };
