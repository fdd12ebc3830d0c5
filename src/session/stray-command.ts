// The command that Claude runs as a conversation begins: do its commands get the TMPDIR that it was started
// with? In the background they have that of Claude's daemon, whoever started it.
import { quote, scriptQuote } from '../quote.js';

/**
 * For a shell, for the agent's hook `event`. Nothing is said where TMPDIR is this one, or where QW_SESSION
 * says that it is another session's: in our launcher's slot, or below a daemon that a wrapped terminal
 * started. Pure.
 */
export function strayCommand(event: string, tmpdir: string): string | undefined {
  if (process.platform === 'win32') return undefined;
  const told = scriptQuote(JSON.stringify(hookOutput(event, quote(tmpdir))));
  const isOurs = `case "\${TMPDIR-}/" in ${scriptQuote(`${tmpdir}/`)}*) ;; *) false;; esac`;
  return `${isOurs} || [ -n "\${QW_SESSION-}" ] || printf %s ${told}`;
}

function hookOutput(event: string, tmpdir: string) {
  const what = `commands of this conversation do not get TMPDIR ${tmpdir}`;
  const why = "in the background they have that of Claude's daemon, which was started elsewhere";
  const user =
    `qw-run: ${what}: ${why}, and what they leave there is not cleaned up. With qw-exec in Claude's ` +
    'launcher slot each conversation in the background has a TMPDIR of its own: docs/exec.md';
  const model =
    `From now on ${what}: ${why}. What earlier commands made in that directory may be gone. Nobody ` +
    'removes what you make in temporary directories now: do that yourself when you do not need it any more.';
  return { systemMessage: user, hookSpecificOutput: { hookEventName: event, additionalContext: model } };
}
