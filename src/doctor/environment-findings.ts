// What these variables and the user's own directories lead to. Pure: facts in, findings out.
import { shellQuote } from '../options.js';
import type { DirectoryFacts, EnvironmentFacts } from './environment.js';
import type { Finding } from './finding.js';

export const environmentFindings = (environment: EnvironmentFacts): Finding[] => [
  ...settingFindings(environment),
  ...logFindings(environment),
  ...environment.directories.flatMap(directoryFindings),
  ...startFindings(environment),
];

const settingFindings = ({ settings, isReaping, state }: EnvironmentFacts): Finding[] => [
  ...settings.flatMap(({ name, error }): Finding[] =>
    error === null
      ? []
      : [
          {
            weight: 'problem',
            code: 'bad-setting',
            about: name,
            text: `refused: ${error}`,
            command: `unset ${name}`,
          },
        ],
  ),
  ...(isReaping
    ? []
    : [
        {
          weight: 'note' as const,
          code: 'reaper-off' as const,
          about: 'QW_REAP',
          text: 'qw-run does not remove sessions of dead owners: a server or qw-tmp reap has to',
          command: 'unset QW_REAP',
        },
      ]),
  ...(state.isWritable
    ? []
    : [
        {
          weight: 'note' as const,
          code: 'roots-forgotten' as const,
          about: state.dir,
          text:
            `it ${state.isOurs ? 'cannot be written' : 'is not safely yours'}: sessions under a root ` +
            `of your own choice are not found by qw-tmp later`,
          command: `${state.isOurs ? 'mkdir -p' : 'namei -l'} ${shellQuote(state.dir)}`,
        },
      ]),
];

const startFindings = ({ failedStarts }: EnvironmentFacts): Finding[] => {
  const last = failedStarts.at(-1);
  if (!last) return [];
  const many = failedStarts.length === 1 ? '1 start' : `${failedStarts.length} starts`;
  return [
    {
      weight: 'warning',
      code: 'exec-failed',
      about: 'qw-exec',
      text: `${many} in the last days without a session, the last at ${last.at}: ${last.reason}`,
      command: 'QW_EXEC_STRICT=1 qw-exec true',
    },
  ];
};

const logFindings = ({ log: { file, isOn, error } }: EnvironmentFacts): Finding[] => {
  if (!isOn)
    return [
      {
        weight: 'note',
        code: 'log-off',
        about: 'QW_LOG',
        text: 'qw-run writes no receipts: qw-tmp log and explain know less',
        command: 'unset QW_LOG',
      },
    ];
  if (file === null || error === null) return [];
  const text = `${error}: qw-run writes no receipts`;
  return [{ weight: 'warning', code: 'log', about: file, text, command: `mv ${shellQuote(file)} ~/` }];
};

/** qw-run replaces or removes most of these for its agents; everything else started here gets them. */
function directoryFindings({ name, value, isThere, goesWith }: DirectoryFacts): Finding[] {
  const found = (weight: Finding['weight'], text: string): Finding[] => [
    { weight, code: 'inherited', about: name, text, command: `unset ${name}` },
  ];
  if (goesWith === 'other session')
    return found('warning', `${value} lies in another session, and goes when that ends`);
  if (!isThere && TEMPORARY.has(name)) return found('warning', `${value} is not there: what needs it fails`);
  if (goesWith === 'own session' && !TEMPORARY.has(name))
    return found('note', `${value} lies in this session: what is kept there goes with it`);
  if (name.startsWith('CLAUDE_'))
    return found('note', `${value}: claude without qw-run writes there; qw-run takes the variable out`);
  return [];
}

const TEMPORARY = new Set(['TMPDIR', 'TMP', 'TEMP']);
