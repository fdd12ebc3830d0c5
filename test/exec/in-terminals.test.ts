// The tables of job control and terminals of attached mode, once more for the launcher: the same tests.
process.env['TEST_MODE'] = 'exec'; // read when what follows is loaded

const TABLES = [
  '../terminal/interactive.test.js',
  '../terminal/job-control.test.js',
  '../terminal/self-stopping.test.js',
  '../terminal/terminal-state.test.js',
];
for (const table of TABLES) await import(table);

export {};
