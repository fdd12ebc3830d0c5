// Sessions are ended before the process goes. (After SIGKILL or a crash the watchdog ends them.)
const COPY_MS = 500; // Ctrl-C under npm, and some supervisors, send the same signal twice

/** Calls `stop` at the first ending signal, `hurry` at a further one; exits when `stop` is done. */
function onShutdown(stop, hurry) {
  let since;
  const end = async () => {
    if (since !== undefined) {
      if (Date.now() - since > COPY_MS) hurry();
      return;
    }
    since = Date.now();
    await stop();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
}

module.exports = { onShutdown };
