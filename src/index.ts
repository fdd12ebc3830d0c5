// The public door: re-exports only.
export type { BackendChoice } from './backends/profiles.js';
export type { EndedProcess } from './end/end-members.js';
export type { Remaining } from './end/remaining.js';
export { QwRunError, type QwRunErrorCode } from './errors.js';
export type { Duration, Survivors } from './options.js';
export type { SessionState } from './reap/judge.js';
export { type ListOptions, listSessions, type SessionInfo, type SessionList } from './reap/list-sessions.js';
export { reap } from './reap/reap.js';
export type { Progress, ReapReport } from './reap/reap-now.js';
export type { ReapOptions } from './reap/reap-options.js';
export type { Removed } from './reap/remove-orphans.js';
export { type Reaper, type ReaperOptions, startReaper } from './reap/start-reaper.js';
export type { Failure } from './remove/remove-tree.js';
export { type AgentRun, type RunAgentOptions, type RunResult, runAgent } from './run/run-agent.js';
export { openSession } from './session/open-session.js';
export type { EndOptions, EndReport, Session } from './session/session.js';
export type { OpenSessionOptions } from './session/settings.js';
export type { SweptUnit } from './sweep/sweep-units.js';
