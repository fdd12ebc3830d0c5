// The public door. Whoever comes in by it is a server: it has a helper process, which our own commands have
// not.
import { workInHelper } from './helper/for-server.js';

export type { BackendChoice } from './backends/profiles.js';
export { type Diagnosis, type DoctorOptions, doctor } from './doctor/doctor.js';
export type { Finding, FindingCode, Weight } from './doctor/finding.js';
export type { EndedProcess } from './end/end-members.js';
export type { Remaining } from './end/remaining.js';
export { QwRunError, type QwRunErrorCode } from './errors.js';
export type { IsolationChoice } from './isolate/isolation.js';
export type { Duration, Size, Survivors } from './options.js';
export type { SessionState } from './reap/judge.js';
export type { ListOptions, SessionInfo, SessionList } from './reap/list-sessions.js';
export { reap } from './reap/reap.js';
export type { Progress, ReapReport } from './reap/reap-now.js';
export type { ReapOptions } from './reap/reap-options.js';
export type { PressureStep } from './reap/relieve.js';
export { listSessions } from './reap/shared-list.js';
export { type Reaper, type ReaperOptions, startReaper } from './reap/start-reaper.js';
export type { Removed } from './reap/take-sessions.js';
export type { Failure } from './remove/failure.js';
export { openSession } from './run/open-session.js';
export { type AgentRun, type RunAgentOptions, type RunResult, runAgent } from './run/run-agent.js';
export type { Pressure } from './session/pressure.js';
export type { EndOptions, EndReport, Invocation, Session } from './session/session.js';
export type { OpenSessionOptions } from './session/settings.js';
export type { Space } from './space/marks.js';
export type { SweptUnit } from './sweep/find-stale.js';
export type { Largest } from './tree/largest.js';
export type { KeptWork } from './work/kept-work.js';
export type { WorkKind } from './work/work.js';

workInHelper();
